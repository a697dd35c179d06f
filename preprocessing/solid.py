"""Solid shapes: discs, dots and objects, which look like zeros, above all where the removed light leaves a ring."""

import numpy as np

from preprocessing.box import Box
from preprocessing.digits import Digit
from preprocessing.grey import one_channel, to_grey
from system.arrays import Array

INK = 100  # of 255
RADIUS = 7.0  # pixels of the largest circle within ink: of MNIST's training digits at most 6.6
MIN_ENCLOSED = 0.25  # of its box: less is closed by the pen
SOLID = 0.4  # of the difference between ink and paper: the inside of a solid shape differs from ink by less


def is_solid(flat: Array, digit: Digit) -> bool:
    """Tell whether a digit of a picture without transparency is thicker than strokes are.

    Or whether what it encloses is as dark, or as light, as its ink: light is removed within what is large.
    """
    import cv2

    ink = digit.image > INK
    if not ink.any():
        return False
    ink = ink[Box.around(ink).slices]
    rows, columns = ink.shape
    padded = np.pad(ink, 1)
    if cv2.distanceTransform(padded.astype(np.uint8), cv2.DIST_L2, 5).max() > RADIUS:
        return True
    _, parts = cv2.connectedComponents((~padded).astype(np.uint8), connectivity=4)
    around = (parts == parts[0, 0])[1:-1, 1:-1]
    enclosed = ~(ink | around)
    if enclosed.mean() < MIN_ENCLOSED or not around.any():
        return False
    top, left = max(0, digit.box.top), max(0, digit.box.left)  # a box of what was straightened may reach out
    part = np.ascontiguousarray(flat[top : max(0, digit.box.bottom), left : max(0, digit.box.right)])
    if not part.size:
        return False
    grey = to_grey(one_channel(cv2.resize(part, (columns, rows), interpolation=cv2.INTER_AREA)))
    paper, written, within = (np.median(grey[each]) for each in (around, ink, enclosed))
    return bool(abs(within - written) < SOLID * abs(paper - written))
