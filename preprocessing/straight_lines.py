"""Straight lines: found on a small picture, taken out of ink, and those that writing stands on."""

import numpy as np

from preprocessing.grey import reduce
from preprocessing.mnist_form import Mask
from preprocessing.ruled_lines import upright_runs

SIDE = 400  # pixels of the longer side, on which lines are looked for
MIN_PIXEL_SHARE = 0.2  # of such a pixel that is ink
MAX_SLOPE = 0.25  # rise over run
GAP = 0.015  # share of the side by which a line may be torn
THICKER = 1.7  # times a line's thickness: ink that crosses it
MIN_LEDGER = 1.5  # heights of a digit
MAX_LEDGER_INK = 0.6  # share of all ink that such lines take
LEDGER = 0.6  # share of the picture's side, at least, of a line that writing stands on


def seen_small(mask: Mask) -> Mask:
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


def gap(seen: Mask) -> int:
    """Return by how many pixels, an odd number, a line from left to right may be torn on a small picture (H, W)."""
    return max(3, round(GAP * int(seen.shape[1]))) | 1


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
    small = seen_small(mask)
    size = (mask.shape[1], mask.shape[0])
    found = np.zeros(mask.shape, bool)
    for turned in (False, True):
        seen = np.ascontiguousarray(small.T) if turned else small
        if not 2 <= seen.shape[0] or (seen.any(axis=0).mean() < LEDGER):
            continue
        if LEDGER * (mask.shape[0] if turned else mask.shape[1]) < MIN_LEDGER * height:
            continue
        lines = straight_lines(seen, round(LEDGER * seen.shape[1]), gap(seen))
        if lines.any():
            band = enlarged(lines.T if turned else lines, size)
            taken = take_lines(mask.T, band.T).T if turned else take_lines(mask, band)
            if taken.sum() < MAX_LEDGER_INK * mask.sum():
                found |= taken
    return found if found.any() else None
