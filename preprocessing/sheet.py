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
TOLERANCES = (0.02, 0.03, 0.045, 0.06, 0.08)  # of the length around it, that a side bends by
FAR = 4 * SIDE  # pixels, at which sides meet no more
MAX_RATIO = 10.0  # of its sides
MIN_SIDE = 100  # pixels of a picture
FRAME = 0.02  # share of the picture's side: a corner nearer than that to the frame is cut off
MAX_CUT_CORNERS = 2  # of a sheet: where more are, it is light and shadow
MAX_SPREAD = 0.5  # of the difference to the table, that the light on a sheet varies by;
EDGE = 0.15  # and of it, that there is at least between both sides of an edge: else the light on a sheet falls
EDGE_WIDTH = 4  # pixels to each side of an edge, where that is seen,
EDGE_POINTS, MIN_POINTS = 15, 5  # at so many points, of which so many are on the picture


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
    filled = np.zeros(channel.shape, np.uint8)
    cv2.drawContours(filled, [contour], -1, 1, -1)
    fit, corners = max(((_fit(each, filled), each) for each in _corners(contour)), key=lambda found: found[0])
    if fit < MIN_FIT or _cut_corners(corners, channel.shape) > MAX_CUT_CORNERS:
        return None, 0.0
    ideal = _drawn(corners, channel.shape)
    spread = float(np.percentile(channel[ideal > 0], 75) - np.percentile(channel[ideal > 0], 25))
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
        inside, outside = (np.rint(points + way * EDGE_WIDTH * inwards).astype(int) for way in (1, -1))
        both = np.hstack([inside, outside])
        shown = ((both >= 0) & (both < np.tile(channel.shape[::-1], 2))).all(axis=1)
        if shown.sum() >= MIN_POINTS:
            (x, y), (far_x, far_y) = inside[shown].T, outside[shown].T
            least = min(least, float(np.median(channel[y, x].astype(int) - channel[far_y, far_x])))
    return least


def _cut_corners(corners: NDArray[np.float32], shape: tuple[int, ...]) -> int:
    """Count the corners at the frame of the picture."""
    sides = np.array(shape[1::-1], np.float32)
    near = (corners < FRAME * sides) | (corners > (1 - FRAME) * sides - 1)
    return int(near.any(axis=1).sum())


def _drawn(corners: NDArray[np.float32], shape: tuple[int, ...]) -> NDArray[np.uint8]:
    """Return a mask of such a shape with 1 inside of four corners."""
    import cv2

    ideal = np.zeros(shape, np.uint8)
    cv2.fillConvexPoly(ideal, np.rint(corners).astype(np.int32), 1)
    return ideal


def _fit(corners: NDArray[np.float32], filled: NDArray[np.uint8]) -> float:
    """Return the share of what is inside of four corners or of a mask that is in both."""
    ideal = _drawn(corners, filled.shape)
    return float((ideal & filled).sum() / max(1, (ideal | filled).sum()))


def _corners(contour: NDArray[np.int32]) -> list[NDArray[np.float32]]:
    """Return the corners that a contour with four sides may have, clockwise from the upper left; at least some.

    They are where it bends most, and where its four longest sides meet if a corner is bent, hidden or in shadow.
    """
    import cv2

    hull = cv2.convexHull(contour)
    length = cv2.arcLength(hull, True)
    found = [np.asarray(cv2.boxPoints(cv2.minAreaRect(hull)), np.float32)]
    polygon = cv2.approxPolyDP(hull, TOLERANCES[0] * length, True)[:, 0].astype(np.float32)
    if len(polygon) > 4:
        found += _meeting(polygon)
    for tolerance in TOLERANCES:
        polygon = cv2.approxPolyDP(hull, tolerance * length, True)[:, 0].astype(np.float32)
        if len(polygon) == 4:
            found.append(polygon)
            break
    return [order_corners(corners) for corners in found]


def _meeting(polygon: NDArray[np.float32]) -> list[NDArray[np.float32]]:
    """Return where the four longest sides of a convex polygon (N, 2) meet, as the only of a list; empty: nowhere."""
    longest = np.sort(np.argsort(np.hypot(*(np.roll(polygon, -1, axis=0) - polygon).T))[-4:])
    # As lines in homogeneous coordinates, as are the points where they meet.
    starts, ends = (
        np.insert(points[longest].astype(np.float64), 2, 1, axis=1)
        for points in (polygon, np.roll(polygon, -1, axis=0))
    )
    lines = np.cross(starts, ends)
    points = np.cross(lines, np.roll(lines, -1, axis=0))
    if (np.abs(points[:, :2]).max(axis=1) >= FAR * np.abs(points[:, 2])).any():
        return []  # two are nearly parallel
    return [(points[:, :2] / points[:, 2:]).astype(np.float32)]


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
