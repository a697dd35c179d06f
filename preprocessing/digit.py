"""Digits of any picture, each in MNIST's form."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cnn import Array
from preprocessing.field import Field, flatten, reduce, to_grey
from preprocessing.form import SIDE, is_mnist_form, to_form
from preprocessing.ink import FADED, Ink, find_ink, is_dark_on_light
from preprocessing.paper import find_paper
from preprocessing.pieces import Piece, choose_digits, find_pieces, is_frame

# The longest side on which ink is looked for: a digit of 40 pixels in a picture of 2,000 keeps 20.
WORKING_SIDE = 1024
LOOKS = 3
# In pixels of what is looked at; what is smaller is grain.
SMALLEST = 12
# A window around the digits is looked at again where it takes at most this share of the picture.
CLOSER = 0.5
MARGIN = 1.0  # around them, as a share of the longest digit
# No digit is so many times as wide as high, or fills so much of its box without being slender.
WIDE = 2.0
FULL = 0.8

Box = tuple[int, int, int, int]


@dataclass(frozen=True)
class Digit:
    """A digit of a picture: image (28, 28) uint8 in MNIST's form, and its box (x, y, width, height) in the picture."""

    image: NDArray[np.uint8]
    box: Box


@dataclass(frozen=True)
class FoundDigits:
    """What a picture shows, from left to right and line by line, and sentences about what may be wrong with it."""

    digits: tuple[Digit, ...]
    warnings: tuple[str, ...]


@dataclass(frozen=True)
class _Look:
    """A part of a picture: its ink, the label (H, W) of each pixel's piece, the digits, and where and how large it is.

    left, top: in pixels of the picture.
    scale: pixels of the picture to one of the look.
    """

    ink: Ink
    labels: NDArray[np.int32]
    digits: list[Piece]
    left: int
    top: int
    scale: float

    def box(self, left: int, top: int, right: int, bottom: int) -> Box:
        """A part of the look as left, top, right and bottom in the picture."""
        across = [round(self.left + side * self.scale) for side in (left, right)]
        down = [round(self.top + side * self.scale) for side in (top, bottom)]
        return across[0], down[0], across[1], down[1]


def find_digits(picture: Array) -> FoundDigits:
    """The digits of an upright picture (H, W), (H, W, 3) blue first, or (H, W, 4) with opacity, uint8 or uint16.

    A picture that is in MNIST's form stays as it is.
    """
    if min(picture.shape[:2]) < 3:
        return FoundDigits((), (_NO_INK,))
    flat = flatten(picture)
    if is_mnist_form(flat):
        image = np.asarray(np.rint(to_grey(flat) * 255), np.uint8)
        return FoundDigits((Digit(image, (0, 0, SIDE, SIDE)),), ())
    look = look_closely(flat)
    if not look.digits:
        return FoundDigits((), (_NO_INK,))
    digits = tuple(_cut(look, piece, flat.shape) for piece in look.digits)
    return FoundDigits(digits, tuple(warning for piece in look.digits for warning in _doubts(look, piece)))


_NO_INK = "No ink was found: a digit is darker or lighter than the paper around it, and at least 12 pixels high."


def look_closely(flat: Array) -> _Look:
    """The digits of a picture without transparency, on as many pixels as help.

    Where they are is found on a small copy; then they are looked at again in a window around them, on more of its
    pixels, and with the light and the contrast of that window alone.
    """
    whole = to_grey(reduce(flat, WORKING_SIDE))
    left, top, right, bottom = find_paper(whole)
    paper = np.ascontiguousarray(whole[top:bottom, left:right])
    dark = is_dark_on_light(paper)
    scale = max(flat.shape[:2]) / max(whole.shape)
    look = _look(paper, dark, round(left * scale), round(top * scale), scale)
    for _ in range(1, LOOKS):
        window = _window(look)
        if window is None:
            break
        x0, y0, x1, y1 = look.box(*window)
        part = flat[max(y0, 0) : y1, max(x0, 0) : x1]
        small = reduce(part, WORKING_SIDE)
        closer = _look(to_grey(small), dark, max(x0, 0), max(y0, 0), max(part.shape[:2]) / max(small.shape[:2]))
        if not closer.digits:
            break
        look = closer
    return look


def _look(grey: Field, dark: bool, left: int, top: int, scale: float) -> _Look:
    ink = find_ink(grey, dark)
    labels, pieces = find_pieces(ink)
    digits = choose_digits([piece for piece in pieces if piece.length >= SMALLEST or max(grey.shape) <= SIDE], labels)
    return _Look(ink, labels, digits, left, top, scale)


def _window(look: _Look) -> Box | None:
    """The part of a look around its digits, or None where it is most of it, or shows no digits."""
    if not look.digits or any(is_frame(piece, look.labels) for piece in look.digits):
        return None
    rows, columns = look.labels.shape
    margin = round(MARGIN * max(piece.length for piece in look.digits))
    left = max(0, min(piece.left for piece in look.digits) - margin)
    top = max(0, min(piece.top for piece in look.digits) - margin)
    right = min(columns, max(piece.right for piece in look.digits) + margin)
    bottom = min(rows, max(piece.bottom for piece in look.digits) + margin)
    return None if (right - left) * (bottom - top) > CLOSER * rows * columns else (left, top, right, bottom)


def _cut(look: _Look, piece: Piece, shape: tuple[int, ...]) -> Digit:
    import cv2

    # One pixel around the piece has the outer half of its edge.
    rows, columns = slice(max(piece.top - 1, 0), piece.bottom + 1), slice(max(piece.left - 1, 0), piece.right + 1)
    written = np.isin(look.labels[rows, columns], piece.labels).astype(np.uint8)
    near = cv2.dilate(written, np.ones((3, 3), np.uint8)) > 0
    x0, y0, x1, y1 = look.box(piece.left, piece.top, piece.right, piece.bottom)
    x1, y1 = min(max(x1, x0 + 1), shape[1]), min(max(y1, y0 + 1), shape[0])
    return Digit(to_form(np.where(near, look.ink.strength[rows, columns], 0), FADED), (x0, y0, x1 - x0, y1 - y0))


def _doubts(look: _Look, piece: Piece) -> list[str]:
    """Why what was found may be no digit."""
    x0, y0, x1, y1 = look.box(piece.left, piece.top, piece.right, piece.bottom)
    filled = np.isin(look.labels[piece.top : piece.bottom, piece.left : piece.right], piece.labels).mean()
    if is_frame(piece, look.labels):
        doubt = "it runs along the frame, like a shadow or a table"
    elif piece.width > WIDE * piece.height:
        doubt = f"it is {piece.width / piece.height:.1f} times as wide as high"
    elif filled > FULL and piece.height < 2 * piece.width:
        doubt = f"it is a patch, {filled:.0%} of its box filled"
    else:
        return []
    return [f"The ink at {x0}, {y0}, {x1 - x0} x {y1 - y0} pixels, does not look like a digit: {doubt}."]
