"""MNIST's form: white on black, a box of 20x20 within 28x28, by centre of mass, strokes of two to four pixels."""

import numpy as np
from numpy.typing import NDArray

from cnn import Array
from preprocessing.field import Field, to_grey

SIDE = 28
BOX = 20
# Of strokes in the finished image, in pixels. By the same measure MNIST's are 1.6 in the median and below 2.7 in 99 of
# 100, with softer edges. From 1.5 to 2.5 and from 3 to 6, no more than 2 of 395 pictures were read differently.
THINNEST = 2.0
THICKEST = 4.0
# Strokes are measured and widened on a digit at least so long, in pixels: steps of a small mask would show.
DETAIL = 100

Mask = NDArray[np.bool_]


def is_mnist_form(picture: Array) -> bool:
    """Whether a picture without transparency is in MNIST's form already, and has nothing to gain.

    That is 28x28, bright on black, within a box whose longer side is 20, give or take compression, and with its centre
    of mass in the middle.
    """
    if picture.shape[:2] != (SIDE, SIDE):
        return False
    grey = to_grey(picture)
    if np.median(grey) > 0.1 or grey.max() < 0.7:
        return False
    rows, columns = np.nonzero(grey > 0.2)
    if not BOX - 2 <= max(np.ptp(rows), np.ptp(columns)) + 1 <= BOX:
        return False
    return bool(np.abs(np.array(centre_of_mass(grey)) - (SIDE - 1) / 2).max() < 1.5)


def centre_of_mass(field: Field) -> tuple[float, float]:
    """Row and column, in pixels, 0 for the middle of the first."""
    total = float(field.sum())
    rows = float(field.sum(axis=1) @ np.arange(field.shape[0])) / total
    return rows, float(field.sum(axis=0) @ np.arange(field.shape[1])) / total


def to_form(strength: Field, threshold: float) -> NDArray[np.uint8]:
    """The image (28, 28) of a digit that fills its field of ink (H, W): what is above the threshold is written."""
    mask = enlarge(strength, threshold)
    length = max(mask.shape)
    width = stroke_width(mask)
    wanted = wanted_width(width * BOX / length)
    if length > 2 * width:
        # With strokes of the wanted width it is as long as the box: scale * (length - width) + wanted == BOX.
        scale = (BOX - wanted) / (length - width)
        mask_or_field = widen(mask, (wanted / scale - width) / 2)
    else:
        scale, mask_or_field = BOX / length, mask.astype(np.float32)
    return place(mask_or_field, scale)


def enlarge(strength: Field, threshold: float) -> Mask:
    """Where a digit is written, cut to its box, and at least so large that its strokes can be measured."""
    import cv2

    factor = max(1.0, DETAIL / max(strength.shape))
    # Around the digit is paper: what is interpolated at its sides is its edge.
    field = np.pad(np.minimum(strength, 2), 2)
    if factor > 1:
        field = cv2.resize(field, None, fx=factor, fy=factor, interpolation=cv2.INTER_CUBIC)
    mask = field > threshold
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    return np.asarray(mask[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1])


def stroke_width(mask: Mask) -> float:
    """Pixels across a stroke, on average.

    Across a stroke of n pixels distances to the paper are 1, 2, ... (n + 1) / 2, ... 2, 1: their mean is
    (n + 1)^2 / 4n.
    """
    import cv2

    distance = cv2.distanceTransform(np.pad(mask, 1).astype(np.uint8), cv2.DIST_L2, 5)
    half = 2 * max(float(distance[distance > 0].mean()), 1.0) - 1
    return half + float(np.sqrt(half * half - 1))


def wanted_width(width: float) -> float:
    """The width of strokes in the finished image, for the width in pixels that scaling alone would give them.

    Hair-thin strokes would dissolve between the pixels, and those of a thick marker close the loops of an 8.
    """
    return float(np.clip(width, THINNEST, THICKEST))


def widen(mask: Mask, radius: float) -> Field:
    """The mask with all its edges moved outwards by so many pixels, or inwards, with smooth edges; padded as needed."""
    import cv2

    padded = np.pad(mask, int(max(radius, 0)) + 2)
    outside = cv2.distanceTransform((~padded).astype(np.uint8), cv2.DIST_L2, 5)
    inside = cv2.distanceTransform(padded.astype(np.uint8), cv2.DIST_L2, 5)
    depth = np.where(padded, inside - 0.5, 0.5 - outside)
    return np.clip(depth + radius + 0.5, 0, 1).astype(np.float32)


def place(field: Field, scale: float) -> NDArray[np.uint8]:
    """The image (28, 28) of a field of ink, 0 to 1, scaled, with its centre of mass in the middle."""
    import cv2

    height, width = (min(SIDE, max(1, round(side * scale))) for side in field.shape)
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    small = np.asarray(cv2.resize(field, (width, height), interpolation=way), np.float32)
    row, column = centre_of_mass(small)
    middle = (SIDE - 1) / 2
    top = min(max(round(middle - row), 0), SIDE - height)
    left = min(max(round(middle - column), 0), SIDE - width)
    image = np.zeros((SIDE, SIDE), np.float32)
    image[top : top + height, left : left + width] = small
    return np.asarray(np.rint(image * 255), np.uint8)
