"""Grids: the ruled lines of tables, forms and ledgers, found as what they are, and the cells between them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from preprocessing.box import Box
from preprocessing.components import Component
from preprocessing.four_sides import find_corners
from preprocessing.mnist_form import Mask
from preprocessing.straight_lines import enlarged, gap, seen_small, straight_lines, take_lines

MIN_ASKEW = 0.05  # share of a picture, of a table that lies askew:
ASKEW = 0.15  # so steep is a side of it,
MIN_FIT = 0.93  # and its four sides fit so well
MIN_LINE = 0.3  # share of the grid's side, at least, that is straight in one piece,
MIN_CELL_LINE = 1.15  # and of the usual cell's,
MAX_LINE = 0.8  # unless that is more than this share of the side: of a row of cells
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


def corners_of_table(components: Sequence[Component], labels: NDArray[np.int32]) -> NDArray[np.float32] | None:
    """Find the corners (4, 2) of the largest table that lies askew, clockwise from the upper left; None: none does.

    It has four straight sides and encloses more cells than a digit does.
    """
    large = [one for one in components if _area(one.box) > MIN_ASKEW * labels.size]
    for one in sorted(large, key=lambda one: -_area(one.box)):
        mask = np.isin(labels[one.box.slices], one.labels)
        if not encloses_cells(mask):
            continue
        corners, fit = find_corners(mask)
        along = np.abs(np.roll(corners, -1, axis=0) - corners)
        slope = float((along.min(axis=1) / np.maximum(along.max(axis=1), 1)).max())
        if fit > MIN_FIT and slope > ASKEW:
            return corners + np.array([one.box.left, one.box.top], np.float32)
    return None


def encloses_cells(mask: Mask) -> bool:
    """Tell whether connected ink, a mask (H, W) of its box, encloses more than a digit does."""
    return len(_holes(seen_small(mask))) >= FEW_CELLS


def _holes(small: Mask) -> list[float]:
    """Return the sides, in pixels, of squares as large as what ink (H, W) encloses."""
    import cv2

    _, _, stats, _ = cv2.connectedComponentsWithStats((~small).astype(np.uint8), connectivity=4)
    rows, columns = small.shape
    return [
        float(np.sqrt(area))
        for left, top, width, height, area in stats[1:]
        if area > MIN_CELL * small.size and left > 0 and top > 0 and left + width < columns and top + height < rows
    ]


def as_grid(box: Box, mask: Mask, shape: tuple[int, ...]) -> Grid | None:
    """Return connected ink, a mask (H, W) of its box, as a grid; None where it has no cells between straight lines.

    shape: of the picture. A table that its frame cuts off ends there.
    """
    import cv2

    small = seen_small(mask)
    rows, columns = small.shape
    if not (holes := _holes(small)):
        return None
    # A few holes are a digit's, unless its strokes are straight from side to side.
    cell = float(np.median(holes)) if len(holes) >= FEW_CELLS else float(max(small.shape))
    level = straight_lines(small, _length(columns, cell), gap(small))
    if not level.any():
        return None
    upright = straight_lines(np.ascontiguousarray(small.T), _length(rows, cell), gap(small.T)).T
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


def _length(side: int, cell: float) -> int:
    return max(5, round(min(max(MIN_LINE * side, MIN_CELL_LINE * cell), MAX_LINE * side)))
