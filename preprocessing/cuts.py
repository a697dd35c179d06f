"""Cuts: where connected ink may be two digits, as paths from top to bottom through as little of it as possible."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from preprocessing.mnist_form import Mask

HEIGHT = 48  # pixels to which a mask is brought, on which paths are looked for: the quickest that loses none
SIDESTEP = 0.12  # what a step to the side costs, in pixels of ink
SPACING = 0.035  # of the height, between the middles of two cuts
MAX_INK = 0.55  # of the height: a cut crosses at most so much ink, all its way
MAX_CUTS = 60


@dataclass(frozen=True)
class Cut:
    """A path from top to bottom: the first column to its right in each row, (H,), and the ink on it, in heights."""

    columns: NDArray[np.int64]
    ink: float


def find_cuts(mask: Mask) -> list[Cut]:
    """Find the paths that may part the digits of connected ink (H, W), from left to right.

    Through each column of three rows, a quarter, a half and three quarters down, goes one cheapest path: a drop that
    falls, and may run along a stroke, but crosses it where it is thin. Source: Congedo et al., ICDAR 1995 (drop fall);
    the cheapest path is found row by row.
    """
    import cv2

    height, width = mask.shape
    scale = HEIGHT / height
    size = (max(3, round(width * scale)), HEIGHT)
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    small = np.asarray(cv2.resize(mask.astype(np.float32), size, interpolation=way), np.float32)
    found: list[tuple[float, NDArray[np.int64]]] = []
    for row in (HEIGHT // 2, HEIGHT // 4, 3 * HEIGHT // 4):
        cost, paths = _paths_through(small, row)
        found += [(float(cost[column]), paths[:, column]) for column in _lowest(cost)]
    chosen: list[tuple[float, NDArray[np.int64]]] = []
    for _, path in sorted(found, key=lambda each: each[0]):
        ink = float(small[np.arange(HEIGHT), path].sum()) / HEIGHT
        inside = 1 < path.mean() < size[0] - 2
        if ink < MAX_INK and inside and all(_apart(path, other) for _, other in chosen):
            chosen.append((ink, path))
        if len(chosen) == MAX_CUTS:
            break
    rows = np.minimum((np.arange(height) + 0.5) * scale, HEIGHT - 1).astype(int)
    cuts = [Cut(np.rint((path[rows] + 0.5) / scale).astype(np.int64), ink) for ink, path in chosen]
    return sorted(cuts, key=lambda cut: float(cut.columns.mean()))


def _apart(one: NDArray[np.int64], other: NDArray[np.int64]) -> bool:
    return float(np.abs(one - other).mean()) > SPACING * HEIGHT


def _lowest(cost: NDArray[np.float32]) -> list[int]:
    """Columns whose cost is the lowest near them, and some between."""
    around = max(1, round(SPACING * HEIGHT))
    padded = np.pad(cost, around, constant_values=np.inf)
    windows = np.lib.stride_tricks.sliding_window_view(padded, 2 * around + 1)
    lowest = np.flatnonzero(cost <= windows.min(axis=1))
    return sorted({*lowest.tolist(), *range(around, len(cost) - around, 2 * around)})


def _paths_through(ink: NDArray[np.float32], row: int) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Return the cost (W,) and the columns (H, W) of the cheapest path through each column of a row."""
    above, up = _cheapest(ink[row::-1])
    below, down = _cheapest(ink[row:])
    columns = np.concatenate([up[:0:-1], down])
    return above + below - ink[row], columns


def _cheapest(ink: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Return the cheapest path from each column of the first row to the last: cost (W,) and columns (rows, W)."""
    rows, width = ink.shape
    cost = ink[-1].copy()
    steps = np.zeros((rows, width), np.int64)
    for row in range(rows - 2, -1, -1):
        left = np.concatenate([[np.inf], cost[:-1]]) + SIDESTEP
        right = np.concatenate([cost[1:], [np.inf]]) + SIDESTEP
        choices = np.stack([cost, left, right])
        best = choices.argmin(axis=0)
        steps[row] = np.array([0, -1, 1])[best]
        cost = (ink[row] + choices.min(axis=0)).astype(np.float32)
    columns = np.empty((rows, width), np.int64)
    columns[0] = np.arange(width)
    for row in range(rows - 1):
        columns[row + 1] = columns[row] + steps[row, columns[row]]
    return cost, columns
