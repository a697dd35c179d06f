"""Sheets: paper that lies askew or in perspective on a table is found and straightened."""

import numpy as np
from numpy.typing import NDArray

from preprocessing.four_sides import Sheet, find_corners, from_above, inside
from preprocessing.grey import reduce
from preprocessing.mnist_form import Mask
from system.arrays import Array

SIDE = 256  # pixels of the longer side, on which a sheet is looked for
MIN_AREA, MAX_AREA = 0.06, 0.93  # share of the picture that a sheet takes
MIN_FIT = 0.9  # share of the four-sided figure around a sheet that it fills
MIN_CONTRAST = 12  # of 255: a table is so much darker than the sheet, or of another colour
MIN_SIDE = 100  # pixels of a picture
FRAME = 0.02  # share of the picture's side: a corner nearer than that to the frame is cut off
MAX_CUT_CORNERS = 2  # of a sheet: where more are, it is light and shadow
MAX_SPREAD = 0.5  # of the difference to the table, that the light on a sheet varies by;
EDGE = 0.25  # and of it, that there is at least between both sides of an edge: else the light on a sheet falls
EDGE_WIDTH = 4  # pixels to each side of an edge, where that is seen,
EDGE_POINTS, MIN_POINTS = 15, 5  # at so many points, of which so many are on the picture
CUT = 0.012  # of the shorter side, that is cut away along its edge: that is neither table nor paper


def find_sheet(picture: Array) -> NDArray[np.float32] | None:
    """Find the corners (4, 2) of a sheet on a picture, clockwise from the upper left; None where none is sure.

    A sheet is lighter than the table, or of another colour, nearly of one brightness, has four straight sides, and the
    middle of the picture, or most of it.
    """
    import cv2

    if min(picture.shape[:2]) < MIN_SIDE:
        return None
    small = reduce(picture, SIDE)
    if small.dtype != np.uint8:
        small = (small // 257).astype(np.uint8)
    colour = small if small.ndim == 3 else cv2.cvtColor(small, cv2.COLOR_GRAY2BGR)
    smooth = cv2.medianBlur(colour, 5)
    lab = cv2.cvtColor(smooth, cv2.COLOR_BGR2LAB)
    grey = (lab[..., 0], smooth.max(axis=2), smooth[..., 2], smooth[..., 0])
    channels = (*grey, lab[..., 2], 255 - lab[..., 2], lab[..., 1], 255 - lab[..., 1])
    best, _ = max(
        (
            _four_sided(channel, bright)
            for channel in map(np.ascontiguousarray, channels)
            for bright in _bright(channel)
        ),
        key=lambda found: found[1],
    )
    if best is None:
        return None
    scale = max(picture.shape[:2]) / max(small.shape[:2])
    return np.asarray((best + 0.5) * scale - 0.5, np.float32)


def _bright(channel: NDArray[np.uint8]) -> list[Mask]:
    """Return what is bright of a channel (H, W), what of that is, and of the rest: sheets and tables have shadows."""
    import cv2

    level, _ = cv2.threshold(channel, 0, 1, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    bright = channel > level
    found = [bright]
    for part in (channel[bright], channel[~bright]):
        if len(part):
            level, _ = cv2.threshold(part, 0, 1, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
            found.append(channel > level)
    return [each for each in found if each.any()]


def _four_sided(channel: NDArray[np.uint8], bright: Mask) -> tuple[NDArray[np.float32] | None, float]:
    """Return the corners of what is bright and has four sides, and how well it fits; None where nothing does."""
    import cv2

    if bright.all():
        return None, 0.0
    contrast = float(np.median(channel[bright])) - float(np.median(channel[~bright]))
    if contrast < MIN_CONTRAST:
        return None, 0.0
    closed = cv2.morphologyEx(bright.astype(np.uint8), cv2.MORPH_CLOSE, np.ones((9, 9), np.uint8))
    closed = cv2.morphologyEx(closed, cv2.MORPH_OPEN, np.ones((7, 7), np.uint8))
    share = cv2.countNonZero(closed) / closed.size
    if not MIN_AREA / 2 < share < MAX_AREA:
        return None, 0.0
    corners, fit = find_corners(closed > 0)
    within = inside(corners, channel.shape)
    if fit < MIN_FIT or not MIN_AREA < within.mean() < MAX_AREA:
        return None, 0.0
    if _cut_corners(corners, channel.shape) > MAX_CUT_CORNERS:
        return None, 0.0
    spread = float(np.percentile(channel[within], 75) - np.percentile(channel[within], 25))
    if spread > MAX_SPREAD * contrast or _least_edge(channel, corners) < EDGE * contrast:
        return None, 0.0
    return corners, fit * contrast


def _least_edge(channel: NDArray[np.uint8], corners: NDArray[np.float32]) -> float:
    """Return how much brighter it is inside than outside along the faintest of four sides that is on the picture."""
    middle, least = corners.mean(axis=0), np.inf
    for start, end in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        along = end - start
        inwards = np.array([-along[1], along[0]]) / max(np.hypot(*along), 1e-6)
        inwards *= np.sign((middle - start) @ inwards)
        points = start + np.linspace(0.15, 0.85, EDGE_POINTS)[:, None] * along
        inner, outer = (np.rint(points + way * EDGE_WIDTH * inwards).astype(int) for way in (1, -1))
        both = np.hstack([inner, outer])
        shown = ((both >= 0) & (both < np.tile(channel.shape[::-1], 2))).all(axis=1)
        if shown.sum() >= MIN_POINTS:
            (x, y), (far_x, far_y) = inner[shown].T, outer[shown].T
            least = min(least, float(np.median(channel[y, x].astype(int) - channel[far_y, far_x])))
    return least


def _cut_corners(corners: NDArray[np.float32], shape: tuple[int, ...]) -> int:
    """Count the corners at the frame of the picture."""
    sides = np.array(shape[1::-1], np.float32)
    near = (corners < FRAME * sides) | (corners > (1 - FRAME) * sides - 1)
    return int(near.any(axis=1).sum())


def straighten(picture: Array) -> Sheet | None:
    """Return the sheet on a picture without transparency, straightened; None where none lies askew."""
    corners = find_sheet(picture)
    return None if corners is None else from_above(picture, corners, CUT)
