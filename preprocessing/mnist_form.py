"""MNIST's form: white on black, a box of 20x20 within 28x28, by centre of mass, strokes of two to four pixels."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from preprocessing.grey import Grey, to_grey
from system.arrays import Array

SIDE = 28  # pixels of an image
BOX_SIDE = 20  # pixels of the longer side of a digit within it
# Of strokes in the finished image, in pixels. By the same measure MNIST's are 1.6 in the median and below 2.7 in 99 of
# 100, with softer edges. From 1.5 to 2.5 and from 3 to 6, no more than 2 of 395 pictures were read differently.
MIN_STROKE = 2.0
MAX_STROKE = 4.0
# Strokes are measured and widened on a digit at least so long, in pixels: steps of a small mask would show.
MIN_MEASURED_LENGTH = 100

Mask = NDArray[np.bool_]


def is_mnist_form(picture: Array) -> bool:
    """Tell whether a picture without transparency is in MNIST's form already, and has nothing to gain.

    That is 28x28, bright on black, within a box whose longer side is 20, give or take compression, and with its centre
    of mass in the middle.
    """
    if picture.shape[:2] != (SIDE, SIDE):
        return False
    from scipy.ndimage import center_of_mass  # type: ignore[import-untyped]

    grey = to_grey(picture)
    if np.median(grey) > 0.1 or grey.max() < 0.7:
        return False
    rows, columns = np.nonzero(grey > 0.2)
    if not BOX_SIDE - 2 <= max(np.ptp(rows), np.ptp(columns)) + 1 <= BOX_SIDE:
        return False
    return bool(np.abs(np.array(center_of_mass(grey)) - (SIDE - 1) / 2).max() < 1.5)


def wanted_width(width: float) -> float:
    """Return the width of strokes in the finished image, for the width in pixels that scaling alone would give them.

    Hair-thin strokes would dissolve between the pixels, and those of a thick marker close the loops of an 8.
    """
    return float(np.clip(width, MIN_STROKE, MAX_STROKE))


def normalize_digit(
    strength: Grey, threshold: float, choose_width: Callable[[float], float] = wanted_width
) -> NDArray[np.uint8]:
    """Bring a digit into MNIST's form, (28, 28): where its ink (H, W) is above the threshold it is written.

    choose_width: gives the width of the strokes, for the width in pixels that scaling alone would give them.
    """
    mask = enlarge(strength, threshold)
    length = max(mask.shape)
    width = stroke_width(mask)
    wanted = choose_width(width * BOX_SIDE / length)
    if length > 2 * width:
        # With strokes of the wanted width it is as long as the box: scale * (length - width) + wanted == BOX_SIDE.
        scale = (BOX_SIDE - wanted) / (length - width)
        return place(widen(mask, (wanted / scale - width) / 2), scale)
    return place(mask.astype(np.float32), BOX_SIDE / length)


def enlarge(strength: Grey, threshold: float) -> Mask:
    """Tell where a digit is written, cut to its box, and at least so large that its strokes can be measured."""
    import cv2

    factor = max(1.0, MIN_MEASURED_LENGTH / max(strength.shape))
    # Around the digit is paper: what is interpolated at its sides is its edge.
    grey = cv2.copyMakeBorder(np.minimum(strength, 2), 2, 2, 2, 2, cv2.BORDER_CONSTANT)
    mask = grey > threshold
    if factor > 1:
        between = cv2.resize(grey, None, fx=factor, fy=factor, interpolation=cv2.INTER_CUBIC) > threshold
        # Between the pixels, a single one that is hardly above the threshold is below it.
        if not between.any():
            between = cv2.resize(mask.astype(np.uint8), between.shape[::-1], interpolation=cv2.INTER_NEAREST) > 0
        mask = between
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    return np.asarray(mask[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1])


def stroke_width(mask: Mask) -> float:
    """Measure how wide the strokes are, in pixels, on average.

    Across a stroke of n pixels distances to the paper are 1, 2, ... (n + 1) / 2, ... 2, 1: their mean is
    (n + 1)^2 / 4n.
    """
    import cv2

    padded = cv2.copyMakeBorder(mask.astype(np.uint8), 1, 1, 1, 1, cv2.BORDER_CONSTANT)
    distance = cv2.distanceTransform(padded, cv2.DIST_L2, 5)
    half = 2 * max(float(distance[distance > 0].mean()), 1.0) - 1
    return half + float(np.sqrt(half * half - 1))


def widen(mask: Mask, radius: float) -> Grey:
    """Move the edges of a mask outwards by so many pixels, or inwards: a smooth picture, padded as needed."""
    import cv2

    around = int(max(radius, 0)) + 2
    padded = cv2.copyMakeBorder(mask.astype(np.uint8), around, around, around, around, cv2.BORDER_CONSTANT)
    outside = cv2.distanceTransform(1 - padded, cv2.DIST_L2, 5)
    inside = cv2.distanceTransform(padded, cv2.DIST_L2, 5)
    depth = np.where(padded, inside - 0.5, 0.5 - outside)
    return np.clip(depth + radius + 0.5, 0, 1).astype(np.float32)


def place(grey: Grey, scale: float) -> NDArray[np.uint8]:
    """Scale a digit, 0 to 1, into an image (28, 28) with its centre of mass in the middle."""
    import cv2

    height, width = (min(SIDE, max(1, round(side * scale))) for side in grey.shape)
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    small = np.asarray(cv2.resize(grey, (width, height), interpolation=way), np.float32)
    # The centre of mass: of an image so small, SciPy's takes longer than all else here.
    mass = small.sum()
    row, column = ((small * grid.astype(float)).sum() / mass for grid in np.ogrid[:height, :width])
    middle = (SIDE - 1) / 2
    top = min(max(round(middle - row), 0), SIDE - height)
    left = min(max(round(middle - column), 0), SIDE - width)
    image = np.zeros((SIDE, SIDE), np.float32)
    image[top : top + height, left : left + width] = small
    return np.asarray(np.rint(image * 255), np.uint8)
