"""Sheets: paper that lies askew or in perspective on a table is found and straightened."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from preprocessing.box import Box
from preprocessing.grey import reduce
from preprocessing.mnist_form import Mask
from system.arrays import Array

SIDE = 256  # pixels of the longer side, on which a sheet is looked for
MIN_AREA, MAX_AREA = 0.06, 0.93  # share of the picture that a sheet takes
MIN_FIT = 0.9  # share of the four-sided figure around a sheet that it fills
MIN_CONTRAST = 12  # of 255: a table is so much darker than the sheet, or of another colour
MAX_RATIO = 6.0  # of its sides
MIN_SIDE = 100  # pixels of a picture
FRAME = 0.02  # share of the picture's side: a corner nearer than that to the frame is cut off
MAX_CUT_CORNERS = 2  # of a sheet: where more are, it is light and shadow
MAX_SPREAD = 0.5  # of the difference to the table, that the light on a sheet varies by


@dataclass(frozen=True)
class Sheet:
    """A sheet that was straightened: its picture, and the matrix (3, 3) from there to the picture it was found on."""

    picture: Array
    back: NDArray[np.float64]

    def in_picture(self, box: Box) -> Box:
        """Return the upright box around where a box of the sheet is on the picture."""
        corners = np.array([[x, y, 1] for x in (box.left, box.right) for y in (box.top, box.bottom)], np.float64)
        mapped = corners @ self.back.T
        points = mapped[:, :2] / mapped[:, 2:]
        (left, top), (right, bottom) = np.rint(points.min(axis=0)), np.rint(points.max(axis=0))
        return Box.between(int(left), int(top), int(right), int(bottom))


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
    channels = (lab[..., 0], smooth.max(axis=2), lab[..., 2], 255 - lab[..., 2], lab[..., 1], 255 - lab[..., 1])
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
    """Return what is bright of a channel (H, W), and what of that is: a sheet lies on a table, and that has shadows."""
    import cv2

    found = []
    among = np.ones(channel.shape, bool)
    for _ in range(2):
        level, _ = cv2.threshold(channel[among], 0, 1, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
        among = channel > level
        if not among.any():
            break
        found.append(among)
    return found


def _four_sided(channel: NDArray[np.uint8], bright: Mask) -> tuple[NDArray[np.float32] | None, float]:
    """Return the corners of what is bright and has four sides, and how well it fits; None where nothing does."""
    import cv2

    if bright.all():
        return None, 0.0
    inside, outside = channel[bright], channel[~bright]
    contrast = float(np.median(inside)) - float(np.median(outside))
    if contrast < MIN_CONTRAST:
        return None, 0.0
    closed = cv2.morphologyEx(bright.astype(np.uint8), cv2.MORPH_CLOSE, np.ones((9, 9), np.uint8))
    closed = cv2.morphologyEx(closed, cv2.MORPH_OPEN, np.ones((7, 7), np.uint8))
    contours, _ = cv2.findContours(closed, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    if not contours:
        return None, 0.0
    contour = np.asarray(max(contours, key=cv2.contourArea), np.int32)
    area = float(cv2.contourArea(contour))
    rows, columns = channel.shape
    if not MIN_AREA < area / (rows * columns) < MAX_AREA:
        return None, 0.0
    corners = _corners(contour)
    if corners is None or _cut_corners(corners, channel.shape) > MAX_CUT_CORNERS:
        return None, 0.0
    ideal = np.zeros(channel.shape, np.uint8)
    cv2.fillConvexPoly(ideal, np.rint(corners).astype(np.int32), 1)
    filled = np.zeros(channel.shape, np.uint8)
    cv2.drawContours(filled, [contour], -1, 1, -1)
    fit = float((ideal & filled).sum() / max(1, (ideal | filled).sum()))
    spread = float(np.percentile(channel[ideal > 0], 75) - np.percentile(channel[ideal > 0], 25))
    if fit < MIN_FIT or spread > MAX_SPREAD * contrast:
        return None, 0.0
    return corners, fit * contrast


def _cut_corners(corners: NDArray[np.float32], shape: tuple[int, ...]) -> int:
    """Count the corners at the frame of the picture."""
    sides = np.array(shape[1::-1], np.float32)
    near = (corners < FRAME * sides) | (corners > (1 - FRAME) * sides - 1)
    return int(near.any(axis=1).sum())


def _corners(contour: NDArray[np.int32]) -> NDArray[np.float32] | None:
    """Return the corners of a contour with four sides, clockwise from the upper left."""
    import cv2

    hull = cv2.convexHull(contour)
    length = cv2.arcLength(hull, True)
    for tolerance in (0.02, 0.03, 0.045, 0.06, 0.08):
        found = cv2.approxPolyDP(hull, tolerance * length, True)
        if len(found) == 4:
            return order_corners(found[:, 0].astype(np.float32))
    return None


def order_corners(points: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return four corners clockwise from the one that is the upper left when the sheet is turned the least."""
    middle = points.mean(axis=0)
    angles = np.arctan2(points[:, 1] - middle[1], points[:, 0] - middle[0])
    points = points[np.argsort(angles)]
    # The upper side is that whose direction is the nearest to the right.
    directions = np.roll(points, -1, axis=0) - points
    first = int(np.argmax(directions[:, 0] / np.maximum(np.hypot(*directions.T), 1e-6)))
    return np.roll(points, -first, axis=0)


def straighten(picture: Array) -> Sheet | None:
    """Return the sheet on a picture without transparency, straightened; None where none lies askew."""
    import cv2

    corners = find_sheet(picture)
    if corners is None:
        return None
    upper_left, upper_right, lower_right, lower_left = corners
    width = max(np.hypot(*(upper_right - upper_left)), np.hypot(*(lower_right - lower_left)))
    height = max(np.hypot(*(lower_left - upper_left)), np.hypot(*(lower_right - upper_right)))
    if not 1 / MAX_RATIO < width / max(height, 1) < MAX_RATIO or min(width, height) < 40:
        return None
    width, height = round(float(width)), round(float(height))
    # A little of the edge is cut away: it is neither table nor paper.
    margin = 0.012 * min(width, height)
    target = np.array(
        [[-margin, -margin], [width + margin, -margin], [width + margin, height + margin], [-margin, height + margin]],
        np.float32,
    )
    matrix = cv2.getPerspectiveTransform(np.ascontiguousarray(corners), target)
    straight = cv2.warpPerspective(picture, matrix, (width, height), flags=cv2.INTER_AREA)
    return Sheet(np.asarray(straight), np.linalg.inv(np.asarray(matrix, np.float64)))
