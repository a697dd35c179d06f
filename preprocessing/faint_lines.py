"""Faint lines: the ruling of squared and lined paper between small digits, fainter than the ink and longer."""

import numpy as np
from numpy.typing import NDArray

from preprocessing.foreground import FAINT_THRESHOLD
from preprocessing.grey import Grey, reduce
from preprocessing.mnist_form import Mask
from preprocessing.ruled_lines import INK_CONTRAST, MIN_PIXEL_SHARE, MIN_STRENGTH, upright_runs
from preprocessing.straight_lines import SIDE, enlarged, straight_lines

FAINT = 1.25  # times the ink's threshold: a ruling is below that
MIN_LENGTH = 4.0  # heights of a digit
TORN = 1 / 3  # of a digit's height
THICKER = 2.0  # times a line's thickness: ink that crosses it
MIN_INSIDE, MAX_REMAINS = 0.7, 0.4  # share within its lines, and length in heights of a digit, of what is left of them
EDGE_LENGTH, EDGE_DEPTH = 2.0, 1.0  # heights of a digit, of the paper's edge along the frame,
ALONG, THIN = 0.3, 0.3  # or, of a piece of it, so much of its length, and so thin
MIN_PIXELS = 8  # of a line on a small picture


def remove_faint_lines(strength: Grey, height: float) -> Grey:
    """Return the strength of ink (H, W) without straight lines that are fainter, level and upright, whole or torn.

    Nor is the edge of the paper along the frame left.

    height: of a digit, in pixels: no stroke of it is as long as a line. Ink that crosses a line is darker, or runs on.
    """
    import cv2

    level, near_level = _faint_level_lines(strength, height)
    upright, near_upright = _faint_level_lines(strength.T, height)
    near = near_level | near_upright.T
    left = np.where(level | upright.T, np.float32(0), strength)
    # Where lines cross they are as dark as ink: what is left there is short.
    mask = (left > FAINT_THRESHOLD).astype(np.uint8)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    inside = np.bincount(labels[near], minlength=count) > MIN_INSIDE * stats[:, cv2.CC_STAT_AREA]
    is_remains = inside & (stats[:, 2:4].max(axis=1) < MAX_REMAINS * height)
    is_remains[0] = False
    left[is_remains[labels] | _edges(np.asarray(labels, np.int32), np.asarray(stats, np.int32), height)] = 0
    return left


def _faint_level_lines(strength: Grey, height: float) -> tuple[Mask, Mask]:
    """Tell which pixels (H, W) are of faint lines from left to right, and which are near these."""
    import cv2

    ink = strength > MIN_STRENGTH
    faint = ink & (strength < FAINT)
    small = reduce(np.ascontiguousarray(faint).astype(np.float32), SIDE) > MIN_PIXEL_SHARE
    scale = small.shape[1] / strength.shape[1]
    nothing = np.zeros(strength.shape, bool)
    length = max(MIN_PIXELS, round(MIN_LENGTH * height * scale))
    if length > small.shape[1]:
        return nothing, nothing
    lines = straight_lines(small, length, max(3, round(TORN * height * scale) | 1))
    near = cv2.dilate(enlarged(lines, strength.shape[::-1]).astype(np.uint8), np.ones((3, 1), np.uint8)) > 0
    if not (near & faint).any():
        return nothing, nothing
    runs = upright_runs(ink)
    thickness = float(np.percentile(runs[near & faint], 40))
    line = near & ink & (runs <= max(THICKER * thickness, thickness + 1))
    if not (line & faint).any():
        return nothing, nothing
    level = float(np.percentile(strength[line & faint], 95))
    return np.asarray(line & (strength < INK_CONTRAST * level)), near


def _edges(labels: NDArray[np.int32], stats: NDArray[np.int32], height: float) -> Mask:
    """Tell where connected ink (H, W), of boxes and areas (n, 5), is the paper's edge: along the frame, as no digit."""
    edges = np.zeros(labels.shape, bool)
    depth = max(1, round(EDGE_DEPTH * height))
    length, width = stats[:, 2:4].max(axis=1), stats[:, 2:4].min(axis=1)
    for turn in range(4):
        seen = np.rot90(labels, turn)
        contact = np.bincount(seen[0], minlength=len(stats))
        is_edge = (contact > EDGE_LENGTH * height) | ((contact > ALONG * length) & (width < THIN * height))
        is_edge[0] = False
        np.rot90(edges, turn)[:depth] |= is_edge[seen[:depth]]
    return edges
