"""Digits of any picture, each in MNIST's form."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from preprocessing.box import Box
from preprocessing.components import Component, is_frame
from preprocessing.foreground import FAINT_THRESHOLD
from preprocessing.grey import flatten, to_grey
from preprocessing.mnist_form import SIDE, normalize_digit
from preprocessing.steps import STEPS, Look, Steps, zoom
from preprocessing.view import View
from system.arrays import Array

MAX_ASPECT = 2.0  # width of a digit over its height
MAX_FILL = 0.8  # share of its box that a digit fills, unless it is slender

_NO_INK = "No ink was found: a digit is darker or lighter than the paper around it, and at least 12 pixels high."


@dataclass(frozen=True)
class Digit:
    """A digit of a picture: image (28, 28) uint8 in MNIST's form, and its box in pixels of the picture."""

    image: NDArray[np.uint8]
    box: Box


@dataclass(frozen=True)
class FoundDigits:
    """What a picture shows, from left to right and line by line, and sentences about what may be wrong with it."""

    digits: tuple[Digit, ...]
    warnings: tuple[str, ...]


def find_digits(picture: Array, steps: Steps = STEPS, look: Look | None = None) -> FoundDigits:
    """Find the digits of an upright picture (H, W), (H, W, 3) blue first, or (H, W, 4) with opacity, uint8 or uint16.

    look: its first, where it was taken. A picture in MNIST's form stays as it is. To do without a step, replace it:
    `find_digits(picture, replace(STEPS, views=1))`.
    """
    if min(picture.shape[:2]) < 3:
        return FoundDigits((), (_NO_INK,))
    flat = flatten(picture)
    if steps.is_mnist_form(flat):
        image = np.asarray(np.rint(to_grey(flat) * 255), np.uint8)
        return FoundDigits((Digit(image, Box(0, 0, SIDE, SIDE)),), ())
    view = zoom(flat, steps, look)
    if not view.digits:
        return FoundDigits((), (_NO_INK,))
    digits = tuple(_cut(view, digit, flat.shape, steps) for digit in view.digits)
    return FoundDigits(digits, tuple(warning for digit in view.digits for warning in _doubts(view, digit)))


def _cut(view: View, digit: Component, shape: tuple[int, ...], steps: Steps) -> Digit:
    import cv2

    box = digit.box
    # One pixel around the digit has the outer half of its edge.
    around = slice(max(box.top - 1, 0), box.bottom + 1), slice(max(box.left - 1, 0), box.right + 1)
    written = np.isin(view.labels[around], digit.labels).astype(np.uint8)
    near = cv2.dilate(written, np.ones((3, 3), np.uint8)) > 0
    strength = np.where(near, view.foreground.strength[around], 0)
    image = normalize_digit(strength, FAINT_THRESHOLD, steps.wanted_width)
    seen = view.in_picture(box)
    right = min(max(seen.right, seen.left + 1), shape[1])
    bottom = min(max(seen.bottom, seen.top + 1), shape[0])
    return Digit(image, Box.between(seen.left, seen.top, right, bottom))


def _doubts(view: View, digit: Component) -> list[str]:
    """Why what was found may be no digit."""
    box = digit.box
    filled = np.isin(view.labels[box.slices], digit.labels).mean()
    if is_frame(digit, view.labels):
        doubt = "it runs along the frame, like a shadow or a table"
    elif box.width > MAX_ASPECT * box.height:
        doubt = f"it is {box.width / box.height:.1f} times as wide as high"
    elif filled > MAX_FILL and box.height < 2 * box.width:
        doubt = f"it is a patch, {filled:.0%} of its box filled"
    else:
        return []
    seen = view.in_picture(box)
    place = f"{seen.left}, {seen.top}, {seen.width} x {seen.height} pixels"
    return [f"The ink at {place}, does not look like a digit: {doubt}."]
