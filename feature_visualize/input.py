"""The image that a visualization is about, from a picture file."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cnn.errors import UserError
from preprocessing.digit import find_digits
from preprocessing.picture import PictureError, read_picture


class InputError(UserError):
    """A picture that cannot be read, or shows no digit."""


@dataclass(frozen=True)
class Input:
    """A digit in MNIST's form, (28, 28), and sentences about what may be wrong with it."""

    image: NDArray[np.uint8]
    warnings: tuple[str, ...] = ()


def read_input(path: Path) -> Input:
    """The digit of a picture; the first, where there are several.

    Raises:
        InputError: for a file that is no picture, and for a picture without a digit.
    """
    try:
        found = find_digits(read_picture(path).pixels)
    except PictureError as error:
        raise InputError(str(error)) from error
    if not found.digits:
        raise InputError(f"{path}: {' '.join(found.warnings)} Give another picture.")
    several = (f"Of {len(found.digits)} digits on the picture, this is the first.",) if len(found.digits) > 1 else ()
    return Input(found.digits[0].image, (*found.warnings, *several))
