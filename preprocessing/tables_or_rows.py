"""Tables or rows: what a picture of more than one digit is read as."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from preprocessing.components import Component, find_components
from preprocessing.four_sides import from_above, inside
from preprocessing.grey import Grey
from preprocessing.grid import Grid
from preprocessing.judge import Judge
from preprocessing.reading import SURE, Page
from preprocessing.steps import MOST, Steps
from preprocessing.table_reading import cell_of, find_tables, read_tables, with_ink, without_grids, without_lines
from preprocessing.view import View
from preprocessing.view_reading import BAR, MANY, POOR, SURE_TURN, TALL, best_turn, read_turned
from preprocessing.views import page_view
from system.arrays import Array

AROUND = 0.06  # share of a table's shorter side, that is left around it when it is straightened
MIN_CELLS = 4  # of a table, and of the digits in it
TABLE_QUALITY = -1.0  # in nats
MAX_LOSS = 0.5  # in nats, by which rows may read worse, where more of their digits are sure
# In nats: what reads worse without the lines of what is no table is read with them, too; a full page, which takes twice
# as long so, only where it reads badly.
GOOD = -0.5
MAX_LINES = 0.5  # share of a table's lines that is left, where they are faint
PRINT_SHARE = 0.4  # of print and writing around a box that looks like digits by chance
SMALL_PRINT = 0.75  # of a boxed digit's height: what is smaller around it is print
DIGIT_SCORE = -0.03  # of ink around a box that is surely a digit


def read_several(flat: Array, view: View, judge: Judge, steps: Steps) -> Page:
    """Read a picture of more than one digit: its tables, where it has some, or else its rows."""
    bare = page_view(flat, replace(steps, remove_ruled_lines=_unchanged, remove_faint_lines=_with_lines))
    components = find_components(bare.foreground, MOST)[1]
    if page := _read_askew(flat, components, bare, judge, steps):
        return page
    grids = find_tables(components, bare, steps)
    if not grids:
        return read_rows_of(view, judge, steps)
    written = without_grids(bare, grids)
    in_cells = [one for one in written.digits if any(cell_of(one.box, grid) for grid in grids)]
    quarters, gain = best_turn(replace(written, digits=in_cells), judge, steps)
    if gain < SURE_TURN:
        return _read_tables(view, written, grids, judge, steps)
    bare = bare.turned(quarters)
    grids = find_tables(find_components(bare.foreground, MOST)[1], bare, steps)
    page = _read_tables(view.turned(quarters), without_grids(bare, grids), grids, judge, steps)
    return replace(page, rotated=(page.rotated - 90 * quarters) % 360)


def _read_askew(flat: Array, components: Sequence[Component], bare: View, judge: Judge, steps: Steps) -> Page | None:
    """Read a table that lies askew, straightened; None where there is none.

    bare: a view of the picture with all lines. components: all of it.
    """
    corners = steps.corners_of_table(components, bare.labels)
    if corners is None:
        return None
    table = from_above(flat, corners * bare.scale + np.array([bare.left, bare.top], np.float32), -AROUND)
    if table is None:
        return None
    straight = replace(steps, corners_of_table=_none)
    page = read_several(table.picture, page_view(table.picture, straight), judge, straight)
    within = inside(corners, bare.labels.shape)
    outside = [
        one for one in bare.digits if not within[one.box.top + one.box.height // 2, one.box.left + one.box.width // 2]
    ]
    return _beside(page.moved(table.in_picture), outside, bare)


def read_rows_of(view: View, judge: Judge, steps: Steps) -> Page:
    """Read the rows of a view, without the lines that they stand on, and whichever way up."""
    return read_turned(without_lines(view, steps), judge, steps) if view.digits else Page(())


def _read_tables(view: View, written: View, grids: list[Grid], judge: Judge, steps: Steps) -> Page:
    """Read the tables of a picture, or its rows, where these are what it is for.

    view: without any ruled lines. written: of the same picture, without those of its tables alone.
    """
    page = read_tables(written, grids, judge, steps)
    outside = [one for one in written.digits if not any(cell_of(one.box, grid) for grid in grids)]
    page = _beside(page, outside, written)
    is_table = _is_table(page, sum(len(grid.boxes) for grid in grids), outside, written, judge, steps)
    seen = with_ink(view, view.foreground.mask & written.foreground.mask) if _same(view, written) else written
    if is_table and not (seen is not written and _is_faint(view, grids)):
        return page
    rows = read_rows_of(seen, judge, steps)
    if is_table:
        return rows if is_read_better(rows, page, judge) else page
    if rows.quality > (GOOD if len(view.digits) < MANY else POOR):
        return rows
    whole = read_rows_of(view, judge, steps)
    return whole if whole.quality > rows.quality else rows  # digits that touch may have straight strokes, and cells


def is_read_better(rows: Page, page: Page, judge: Judge) -> bool:
    """Tell whether rows are read better than tables, by their sure digits but 1s: what is left of a line is one."""
    counts = [
        sum(one.score > SURE and judge.name(one.probabilities) != BAR for one in each.digits) for each in (rows, page)
    ]
    return rows.quality > page.quality - MAX_LOSS and (counts[0], rows.quality) > (counts[1], page.quality)


def _is_table(page: Page, cells: int, outside: list[Component], view: View, judge: Judge, steps: Steps) -> bool:
    """Tell whether what was read in cells is what a picture is for, rather than what is around them.

    A table has several digits that look like digits, and not so many around it; a single box has one that is larger
    than the print there.
    """
    if not page.digits or not outside:
        return bool(page.digits)
    height = _height(page, view)
    larger = [one for one in outside if one.box.height > SMALL_PRINT * height]
    images = view.ink.images(larger[:MANY], steps.wanted_width)
    others = int((judge.verdict(images).scores > DIGIT_SCORE).sum())
    if cells >= MIN_CELLS and len(page.digits) >= MIN_CELLS:
        return page.quality > TABLE_QUALITY and others <= len(page.digits)
    return page.quality > TABLE_QUALITY and others <= max(2 * len(page.digits), PRINT_SHARE * len(images))


def _height(page: Page, view: View) -> float:
    """Return the usual height of the digits of a page, in pixels of a view."""
    return float(np.median([view.in_view(one.digit.box.height) for one in page.digits]))


def _beside(page: Page, outside: list[Component], view: View) -> Page:
    """Return the page of tables with what is written around them left out, as words."""
    if not page.digits:
        return page
    least = TALL * _height(page, view)
    boxes = tuple(view.in_picture(one.box) for one in outside if one.box.height > least)
    return replace(page, left_out=page.left_out + boxes, words=page.words + len(boxes))


def _is_faint(view: View, grids: list[Grid]) -> bool:
    """Tell whether the lines of tables are not on a view: those of squared paper need not part digits."""
    lines = sum(int(grid.lines.sum()) for grid in grids)
    return sum(int(view.foreground.mask[grid.box.slices][grid.lines].sum()) for grid in grids) < MAX_LINES * lines


def _same(one: View, other: View) -> bool:
    """Tell whether two views are of the same part of a picture."""
    return (one.left, one.top, one.labels.shape) == (other.left, other.top, other.labels.shape)


def _with_lines(strength: Grey, height: float) -> Grey:
    return strength


def _none(components: Sequence[Component], labels: NDArray[np.int32]) -> None:
    return None


def _unchanged(strength: Grey) -> Grey:
    return strength
