"""Ruled lines: printed, they run across the paper, told from what is written on them."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from preprocessing.grey import Grey, reduce

# Lines are looked for on so few pixels: on them they are straight, and it is quick to try all slopes.
LINE_SIDE = 256  # pixels
# A line may be much thinner than a pixel of that: this share of the pixel is enough.
MIN_PIXEL_SHARE = 0.15
MAX_SLOPE = 0.2  # rise over run
MIN_CROSSING = 0.5  # share of the picture that a line crosses, where it does not leave by the opposite side
MIN_LINE_FILL = 0.9  # share of its way on which a line is seen
MAX_THICKNESS = 0.03, 0.06  # share of the picture, and of its own length: a stroke may cross a low picture
MIN_STRENGTH = 0.4  # share of the ink's threshold from which lines are seen
INK_CONTRAST = 1.25  # ink is so many times as strong as a line


def remove_ruled_lines(strength: Grey) -> Grey:
    """Remove from ink (H, W) the lines that run across the picture, from left to right or from top to bottom.

    What is written ends somewhere; what runs on to the sides of the picture is printed.
    """
    return np.asarray(remove_level_lines(remove_level_lines(strength).T).T)


def remove_level_lines(
    strength: Grey, find_lines: Callable[[NDArray[np.bool_]], NDArray[np.bool_]] | None = None
) -> Grey:
    """Remove from ink (H, W) the lines that run across the picture from left to right.

    find_lines: how they are found on a small picture; `find_level_lines` unless given.
    """
    import cv2

    ink = strength > MIN_STRENGTH
    if not (ink[:, 0].any() or ink[:, -1].any()):
        return strength
    lines = (find_lines or find_level_lines)(reduce(ink.astype(np.float32), LINE_SIDE) > MIN_PIXEL_SHARE)
    if not lines.any():
        return strength
    height, width = strength.shape
    band = cv2.resize(lines.astype(np.uint8), (width, height), interpolation=cv2.INTER_NEAREST) > 0
    if not (band & ink).any():  # a line that is seen on the small picture alone
        return strength
    runs = upright_runs(ink)
    thickness = float(np.median(runs[band & ink]))
    if thickness > min(MAX_THICKNESS[0] * height, MAX_THICKNESS[1] * width):
        return strength
    # Ink that crosses a line runs on above and below it, or is darker than the line.
    line = band & (runs <= 2 * thickness)
    level = float(np.percentile(strength[line & ink], 95))
    return np.where(line & (strength < INK_CONTRAST * level), np.float32(0), strength)


def find_level_lines(seen: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Find where straight lines run nearly all the way from left to right of a small picture of ink (H, W).

    For each slope the picture is sheared, so that lines of that slope become rows, which are counted.
    """
    import cv2

    rows, columns = seen.shape
    thick = cv2.dilate(seen.astype(np.uint8), np.ones((3, 1), np.uint8))
    inside = np.ones((rows, columns), np.uint8)
    lines = np.zeros((rows, columns), bool)
    highest = int(MAX_SLOPE * columns)
    # Lines that are three pixels thick here fill their rows at slopes a little off too.
    for rise in range(-highest, highest + 1, 2):
        slope = rise / columns
        shear = np.array([[1, 0, 0], [-slope, 1, rise / 2]], np.float32)
        filled, possible = (
            cv2.warpAffine(picture, shear, (columns, rows), flags=cv2.INTER_NEAREST).sum(axis=1)
            for picture in (thick, inside)
        )
        full = (filled > MIN_LINE_FILL * possible) & (possible > MIN_CROSSING * columns)
        if full.any():
            back = np.array([[1, 0, 0], [slope, 1, -rise / 2]], np.float32)
            across = np.repeat(full[:, None].astype(np.uint8), columns, axis=1)
            lines |= cv2.warpAffine(across, back, (columns, rows), flags=cv2.INTER_NEAREST) > 0
    return lines


def upright_runs(ink: NDArray[np.bool_]) -> NDArray[np.int32]:
    """Count the pixels of ink (H, W) without a gap above and below each, itself included; 0 on paper."""
    columns = np.pad(ink, ((1, 1), (0, 0))).T.ravel()
    edges = np.flatnonzero(columns[1:] != columns[:-1])
    lengths = edges[1::2] - edges[::2]
    runs = np.zeros(ink.shape[::-1], np.int32)
    runs[ink.T] = np.repeat(lengths, lengths)
    return np.asarray(runs.T)
