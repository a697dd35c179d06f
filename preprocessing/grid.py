"""Grids: the ruled lines of tables, forms and ledgers, found as what they are, and the cells between them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from preprocessing.box import Box
from preprocessing.components import Component
from preprocessing.grey import reduce
from preprocessing.mnist_form import Mask
from preprocessing.ruled_lines import upright_runs

SIDE = 400  # pixels of the longer side, on which lines are looked for
MIN_PIXEL_SHARE = 0.2  # of such a pixel that is ink
MAX_SLOPE = 0.25  # rise over run
MIN_LINE = 0.3  # share of the grid's side, at least, that is straight in one piece,
MIN_CELL_LINE = 1.15  # and of the usual cell's,
MAX_LINE = 0.8  # unless that is more than this share of the side: of a row of cells
GAP = 0.015  # share of the side by which a line may be torn
FEW_CELLS = 4
MAX_CELL_ASPECT = 8
MIN_COVERED = 0.5  # share of a grid's box that a few cells take, or a third of that: many cells
MIN_STRAIGHT = 0.6  # share of a grid's ink that is its lines
MIN_CELL = 0.0008  # share of the grid's box
MAX_FILL = 0.5  # share of its box that the ink of a grid takes
MOST = 40  # pieces of ink that are tried, the largest: the others are letters of a full page
MIN_SPAN = 0.035  # share of the picture's longer side that a grid takes,
MIN_PIXELS = 24  # and so many pixels
MIN_SHARE = 0.3  # of the largest table's size: smaller ones are buttons and boxes beside it
THICKER = 1.7  # times a line's thickness: ink that crosses it
MIN_LEDGER = 1.5  # heights of a digit
MAX_LEDGER_INK = 0.6  # share of all ink that such lines take
LEDGER = 0.6  # share of the picture's side, at least, of a line that writing stands on


@dataclass(frozen=True)
class Grid:
    """The lines of a table, a mask (H, W) of its box, and the cells (H, W), numbered from 1; 0 on lines."""

    box: Box
    lines: Mask
    cells: NDArray[np.int32]
    boxes: tuple[Box, ...]


def find_grids(components: Sequence[Component], labels: NDArray[np.int32]) -> list[Grid]:
    """Find tables, forms and boxes among the connected ink (H, W): straight lines across one another, with cells.

    What is small beside the largest is left out.
    """
    span = max(MIN_PIXELS, MIN_SPAN * max(labels.shape))
    large = [one for one in components if one.box.length >= span and min(one.box.width, one.box.height) >= 0.5 * span]
    grids: list[Grid] = []
    for one in sorted(large, key=lambda one: -_area(one.box))[:MOST]:
        if grids and _area(one.box) <= MIN_SHARE * _area(grids[0].box):
            break
        mask = np.isin(labels[one.box.slices], one.labels)
        if mask.mean() < MAX_FILL and (grid := as_grid(one.box, mask, labels.shape)):
            grids.append(grid)
    return [grid for grid in grids if not any(_within(grid.box, other.box) for other in grids if other is not grid)]


def _area(box: Box) -> int:
    return box.width * box.height


def _within(one: Box, other: Box) -> bool:
    return other.left <= one.left and one.right <= other.right and other.top <= one.top and one.bottom <= other.bottom


def as_grid(box: Box, mask: Mask, shape: tuple[int, ...]) -> Grid | None:
    """Return connected ink, a mask (H, W) of its box, as a grid; None where it has no cells between straight lines.

    shape: of the picture. A table that its frame cuts off ends there.
    """
    import cv2

    small = _seen(mask)
    _, _, stats, _ = cv2.connectedComponentsWithStats((~small).astype(np.uint8), connectivity=4)
    rows, columns = small.shape
    holes = [
        float(np.sqrt(area))
        for left, top, width, height, area in stats[1:]
        if area > MIN_CELL * small.size and left > 0 and top > 0 and left + width < columns and top + height < rows
    ]
    if not holes:
        return None
    # A few holes are a digit's, unless its strokes are straight from side to side.
    cell = float(np.median(holes)) if len(holes) >= FEW_CELLS else float(max(small.shape))
    level = straight_lines(small, _length(columns, cell), _gap(small))
    if not level.any():
        return None
    upright = straight_lines(np.ascontiguousarray(small.T), _length(rows, cell), _gap(small.T)).T
    if not upright.any():
        return None
    lines = level | upright
    lines[0] |= box.top == 0
    lines[-1] |= box.bottom == shape[0]
    lines[:, 0] |= box.left == 0
    lines[:, -1] |= box.right == shape[1]
    cells, stats, inner = _cells(lines)
    covered = sum(int(stats[label, 4]) for label in inner) / small.size
    if covered < (MIN_COVERED if len(inner) < FEW_CELLS else MIN_COVERED / 3) or lines[small].mean() < MIN_STRAIGHT:
        return None
    numbers = np.zeros(len(stats), np.int32)
    numbers[inner] = np.arange(1, len(inner) + 1)
    full, scale = (mask.shape[1], mask.shape[0]), max(mask.shape) / max(small.shape)
    boxes = tuple(
        Box.between(*(round(scale * float(side)) for side in (x, y, x + w, y + h))) for x, y, w, h in stats[inner, :4]
    )
    return Grid(
        box,
        take_lines(mask, enlarged(level, full)) | take_lines(mask.T, enlarged(upright, full).T).T,
        np.asarray(cv2.resize(numbers[cells], full, interpolation=cv2.INTER_NEAREST), np.int32),
        boxes,
    )


def _cells(lines: Mask) -> tuple[NDArray[np.int32], NDArray[np.int32], list[int]]:
    """Return what lines (H, W) part, numbered from 1, its boxes and areas (n, 5), and which of it are cells."""
    import cv2

    rows, columns = lines.shape
    count, cells, stats, _ = cv2.connectedComponentsWithStats((~lines).astype(np.uint8), connectivity=4)
    inner = [
        label
        for label in range(1, count)
        if stats[label, 4] > MIN_CELL * lines.size
        and stats[label, 0] > 0
        and stats[label, 1] > 0
        and stats[label, 0] + stats[label, 2] < columns
        and stats[label, 1] + stats[label, 3] < rows
        and stats[label, 4] > 0.5 * stats[label, 2] * stats[label, 3]
        and max(stats[label, 2:4]) < MAX_CELL_ASPECT * min(stats[label, 2:4])
    ]
    return np.asarray(cells, np.int32), np.asarray(stats, np.int32), inner


def _seen(mask: Mask) -> Mask:
    """Return a mask (H, W) with a longer side of SIDE pixels: smaller or larger."""
    import cv2

    if max(mask.shape) > SIDE:
        return np.asarray(reduce(mask.astype(np.float32), SIDE) > MIN_PIXEL_SHARE)
    scale = SIDE / max(mask.shape)
    size = (max(1, round(mask.shape[1] * scale)), max(1, round(mask.shape[0] * scale)))
    return np.asarray(cv2.resize(mask.astype(np.uint8), size, interpolation=cv2.INTER_NEAREST) > 0)


def enlarged(lines: Mask, size: tuple[int, ...]) -> Mask:
    """Return a small mask (H, W) of a size in pixels, width first."""
    import cv2

    return np.asarray(cv2.resize(lines.astype(np.uint8), size[:2], interpolation=cv2.INTER_NEAREST) > 0)


def _gap(seen: Mask) -> int:
    return max(3, round(GAP * int(seen.shape[1]))) | 1


def _length(side: int, cell: float) -> int:
    return max(5, round(min(max(MIN_LINE * side, MIN_CELL_LINE * cell), MAX_LINE * side)))


def straight_lines(seen: Mask, length: int, torn: int) -> Mask:
    """Find where lines of at least a length run from left to right, level or at a slope, on a small picture (H, W).

    torn: the pixels, an odd number, by which they may be so.

    For each slope the picture is sheared, so that lines of that slope become level; what is shorter is opened away.
    """
    import cv2

    rows, columns = seen.shape
    thick = cv2.dilate(seen.astype(np.uint8), np.ones((3, 1), np.uint8))
    thick = cv2.morphologyEx(thick, cv2.MORPH_CLOSE, np.ones((1, torn), np.uint8))
    bar = np.ones((1, length), np.uint8)
    highest = round(MAX_SLOPE * columns)
    step = max(1, round(columns / length * 1.5))
    found = np.zeros((rows, columns), np.uint8)
    for rise in range(-highest, highest + 1, step):
        slope = rise / columns
        shear = np.array([[1, 0, 0], [-slope, 1, rise / 2]], np.float32)
        level = cv2.warpAffine(thick, shear, (columns, rows), flags=cv2.INTER_NEAREST)
        if cv2.reduce(level, 1, cv2.REDUCE_SUM, dtype=cv2.CV_32S).max() < length:  # most slopes: no line is so long
            continue
        level = cv2.morphologyEx(level, cv2.MORPH_OPEN, bar)
        if level.any():
            back = np.array([[1, 0, 0], [slope, 1, -rise / 2]], np.float32)
            found |= np.asarray(cv2.warpAffine(level, back, (columns, rows), flags=cv2.INTER_NEAREST), np.uint8)
    return np.asarray(found > 0)


def take_lines(mask: Mask, band: Mask) -> Mask:
    """Return which ink (H, W) near level lines, a band (H, W), is the lines': what crosses them runs on."""
    import cv2

    near = cv2.dilate(band.astype(np.uint8), np.ones((3, 1), np.uint8)) > 0
    runs = upright_runs(mask)
    if not (near & mask).any():
        return np.zeros(mask.shape, bool)
    thickness = float(np.percentile(runs[near & mask], 40))
    return np.asarray(near & mask & (runs <= max(THICKER * thickness, thickness + 1)))


def ledger_lines(mask: Mask, height: float) -> Mask | None:
    """Return the ink (H, W) of lines that run through most of a picture, level or upright; None where there are none.

    height: of a digit, in pixels, none of whose strokes is nearly so long as a line.
    """
    small = _seen(mask)
    size = (mask.shape[1], mask.shape[0])
    found = np.zeros(mask.shape, bool)
    for turned in (False, True):
        seen = np.ascontiguousarray(small.T) if turned else small
        if not 2 <= seen.shape[0] or (seen.any(axis=0).mean() < LEDGER):
            continue
        if LEDGER * (mask.shape[0] if turned else mask.shape[1]) < MIN_LEDGER * height:
            continue
        lines = straight_lines(seen, round(LEDGER * seen.shape[1]), _gap(seen))
        if lines.any():
            band = enlarged(lines.T if turned else lines, size)
            taken = take_lines(mask.T, band.T).T if turned else take_lines(mask, band)
            if taken.sum() < MAX_LEDGER_INK * mask.sum():
                found |= taken
    return found if found.any() else None
