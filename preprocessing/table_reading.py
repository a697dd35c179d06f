"""Reading tables, forms and boxes: the cells between ruled lines, each by itself."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from preprocessing.box import Box
from preprocessing.components import Component, find_components
from preprocessing.foreground import Foreground
from preprocessing.grid import Grid
from preprocessing.headings import without_headings
from preprocessing.ink import Ink
from preprocessing.judge import Judge
from preprocessing.mnist_form import Mask
from preprocessing.reading import FoundDigit, Line, Number, Page
from preprocessing.row_reading import Rows, read_rows
from preprocessing.rows import find_rows, usual_height
from preprocessing.steps import MOST, Steps
from preprocessing.view import View
from preprocessing.views import relabelled

MIN_HEIGHT = 0.2  # of a cell's, that a digit has
MIN_INSIDE = 0.3  # share of a digit's box that is in its cell, and not on what looks like lines


def with_ink(view: View, mask: Mask) -> View:
    """Return a view of which only some ink is left."""
    return relabelled(view, Foreground(view.foreground.strength, mask))


def without_lines(view: View, steps: Steps) -> View:
    """Return a view without the lines that writing stands on, where they run through most of it."""
    lines = steps.ledger_lines(view.foreground.mask, usual_height(view.digits))
    return view if lines is None else with_ink(view, view.foreground.mask & ~lines)


def find_tables(components: Sequence[Component], view: View, steps: Steps) -> list[Grid]:
    """Find the tables among all components of a view, from top to bottom."""
    grids = steps.find_grids(components, view.labels)
    return sorted(grids, key=lambda grid: (grid.box.top, grid.box.left))


def without_grids(view: View, grids: Sequence[Grid]) -> View:
    """Return a view without the lines of its tables."""
    mask = view.foreground.mask.copy()
    for grid in grids:
        mask[grid.box.slices] &= ~grid.lines
    return with_ink(view, mask)


def read_tables(view: View, grids: Sequence[Grid], judge: Judge, steps: Steps) -> Page:
    """Read tables, cell by cell, in a view without their lines."""
    components = find_components(view.foreground, MOST)[1]
    ink = view.ink
    read = Rows([], [], [])
    for grid in grids:
        read.add(read_grid(grid, components, ink, view, judge, steps))
    return without_headings(read.page(view, 0), letters=0)


def read_grid(grid: Grid, components: Sequence[Component], ink: Ink, view: View, judge: Judge, steps: Steps) -> Rows:
    """Read the cells of a grid: a line of each row, with the numbers of the cells that are not empty.

    What was left out is as high as a digit.
    """
    cells: dict[int, list[Component]] = {}
    for one in components:
        cells.setdefault(cell_of(one.box, grid), []).append(one)
    read: dict[int, Rows] = {}
    for cell, inside in cells.items():
        least = MIN_HEIGHT * grid.boxes[cell - 1].height if len(grid.boxes) > 1 else 0
        if cell and (tall := [one for one in inside if one.box.height > least]):
            near = [one for one in inside if one in tall or _near(one, tall)]
            rows = read_rows(near, ink, view, judge, steps)
            read[cell] = replace(rows, left_out=[one for one in rows.left_out if one.box.height > least])
    left_out = [one for rows in read.values() for one in rows.left_out]
    words = [one for rows in read.values() for one in rows.words]
    if any(len(rows.lines) > 1 for rows in read.values()):  # cells of several rows: these run on from cell to cell
        return Rows(_rows_through([rows.lines for rows in read.values()]), left_out, words)
    order = find_rows([Component((index + 1,), box, 1.0) for index, box in enumerate(grid.boxes)])[0]
    lines = [
        tuple(
            number
            for cell in row.big
            if cell.labels[0] in read
            for line in read[cell.labels[0]].lines
            for number in line
        )
        for row in order
    ]
    return Rows([line for line in lines if line], left_out, words)


def cell_of(box: Box, grid: Grid) -> int:
    """Return the number of the cell of a grid that the middle of a box is in; 0 where it is in none.

    A straight stroke that meets a line may be taken for one: there it is the cell that most of the box is in.
    """
    row = box.top + box.height // 2 - grid.box.top
    column = box.left + box.width // 2 - grid.box.left
    if not (0 <= row < grid.box.height and 0 <= column < grid.box.width):
        return 0
    if not (cell := int(grid.cells[row, column])):
        top, left = max(0, box.top - grid.box.top), max(0, box.left - grid.box.left)
        counts = np.bincount(
            grid.cells[top : box.bottom - grid.box.top, left : box.right - grid.box.left].ravel(), minlength=2
        )
        most = int(counts[1:].argmax()) + 1
        cell = most if counts[most] > MIN_INSIDE * box.width * box.height else 0
    return cell


def _near(one: Component, tall: Sequence[Component]) -> bool:
    """Tell whether small ink may be a sign, or a part of a digit."""
    return any(one.distance(other) < 0.5 * other.box.height for other in tall)


def _rows_through(read: Sequence[Sequence[Line]]) -> list[Line]:
    """Sort the numbers of all cells into rows by where they are."""
    numbers = [number for lines in read for line in lines for number in line]
    order = find_rows([Component((index,), _around(number), 1.0) for index, number in enumerate(numbers)])[0]
    return [tuple(numbers[one.labels[0]] for one in row.big) for row in order]


def _around(number: Number) -> Box:
    boxes = [item.digit.box for item in number if isinstance(item, FoundDigit)]
    box = boxes[0]
    for other in boxes[1:]:
        box = box.join(other)
    return box
