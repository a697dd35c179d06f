"""Figures with four sides on a picture: their corners, and what they are when seen from straight above."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from preprocessing.box import Box
from preprocessing.mnist_form import Mask
from system.arrays import Array

TOLERANCES = (0.02, 0.03, 0.045, 0.06, 0.08)  # of the length around it, that a side bends by
FAR = 4  # times the longer side of a mask: where sides that meet so far away are parallel
MAX_RATIO = 10.0  # of its sides
MIN_SIDE = 40  # pixels of a picture


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


def find_corners(mask: Mask) -> tuple[NDArray[np.float32], float]:
    """Return the four corners around what is set on a mask (H, W), which is not empty, and how well they fit.

    The corners (4, 2) are clockwise from the upper left. It fits by the share of both areas that is common to them.
    """
    import cv2

    contours, _ = cv2.findContours(mask.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    contour = np.asarray(max(contours, key=cv2.contourArea), np.int32)
    filled = np.zeros(mask.shape, np.uint8)
    cv2.drawContours(filled, [contour], -1, 1, -1)
    corners = _corners(contour, FAR * max(mask.shape))
    fits = [_fit(each, filled) for each in corners]
    return order_corners(corners[int(np.argmax(fits))]), max(fits)


def inside(corners: NDArray[np.float32], shape: tuple[int, ...]) -> Mask:
    """Return a mask of such a shape (H, W) of what is inside of four corners."""
    import cv2

    ideal = np.zeros(shape, np.uint8)
    cv2.fillConvexPoly(ideal, np.rint(corners).astype(np.int32), 1)
    return np.asarray(ideal > 0)


def from_above(picture: Array, corners: NDArray[np.float32], cut: float) -> Sheet | None:
    """Return what is inside of four corners of a picture, straightened; None where that is too small or too long.

    cut: the share of the shorter side by which it is cut at each side, or widened, where it is negative.
    """
    import cv2

    upper_left, upper_right, lower_right, lower_left = corners
    width = max(np.hypot(*(upper_right - upper_left)), np.hypot(*(lower_right - lower_left)))
    height = max(np.hypot(*(lower_left - upper_left)), np.hypot(*(lower_right - upper_right)))
    if not 1 / MAX_RATIO < width / max(height, 1) < MAX_RATIO or min(width, height) < MIN_SIDE:
        return None
    margin = cut * min(width, height)
    right, bottom = width - margin, height - margin
    target = np.array([[-margin, -margin], [right, -margin], [right, bottom], [-margin, bottom]], np.float32)
    matrix = cv2.getPerspectiveTransform(np.ascontiguousarray(corners), target)
    size = (round(float(right - margin)), round(float(bottom - margin)))
    straight = cv2.warpPerspective(picture, matrix, size, flags=cv2.INTER_AREA, borderMode=cv2.BORDER_REPLICATE)
    return Sheet(np.asarray(straight), np.linalg.inv(np.asarray(matrix, np.float64)))


def _fit(corners: NDArray[np.float32], filled: NDArray[np.uint8]) -> float:
    """Return the share of what is inside of four corners or of a mask that is in both."""
    import cv2

    ideal = inside(corners, filled.shape).view(np.uint8)
    return cv2.countNonZero(ideal & filled) / max(1, cv2.countNonZero(ideal | filled))


def _corners(contour: NDArray[np.int32], far: float) -> list[NDArray[np.float32]]:
    """Return the corners that a contour with four sides may have, at least once.

    They are where it bends most, and where its four longest sides meet if a corner is bent, hidden or in shadow.
    """
    import cv2

    hull = cv2.convexHull(contour)
    length = cv2.arcLength(hull, True)
    found = [np.asarray(cv2.boxPoints(cv2.minAreaRect(hull)), np.float32)]
    polygon = cv2.approxPolyDP(hull, TOLERANCES[0] * length, True)[:, 0].astype(np.float32)
    if len(polygon) > 4:
        found += _meeting(polygon, far)
    for tolerance in TOLERANCES:
        polygon = cv2.approxPolyDP(hull, tolerance * length, True)[:, 0].astype(np.float32)
        if len(polygon) == 4:
            found.append(polygon)
            break
    return found


def _meeting(polygon: NDArray[np.float32], far: float) -> list[NDArray[np.float32]]:
    """Return where the four longest sides of a convex polygon (N, 2) meet, as the only of a list; empty: far away."""
    longest = np.sort(np.argsort(np.hypot(*(np.roll(polygon, -1, axis=0) - polygon).T))[-4:])
    # As lines in homogeneous coordinates, as are the points where they meet.
    starts, ends = (
        np.insert(points[longest].astype(np.float64), 2, 1, axis=1)
        for points in (polygon, np.roll(polygon, -1, axis=0))
    )
    lines = np.cross(starts, ends)
    points = np.cross(lines, np.roll(lines, -1, axis=0))
    if (np.abs(points[:, :2]).max(axis=1) >= far * np.abs(points[:, 2])).any():
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
