"""The digit that an image's visualization is about: of a picture, or of the test images."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from preprocessing.digits import find_digits
from preprocessing.picture import PictureError, read_picture
from system.errors import UserError

Image = NDArray[np.uint8]


@dataclass(frozen=True)
class Input:
    """A digit in MNIST's form, (28, 28), what to call it, and sentences about what may be wrong with it."""

    image: Image
    name: str
    warnings: tuple[str, ...] = ()


def read_input(path: Path) -> Input:
    """Read the digit of a picture; the first, where there are several.

    Raises:
        PictureError: for a file that is no picture, and for a picture without a digit.
    """
    found = find_digits(read_picture(path).pixels)
    if not found.digits:
        raise PictureError(f"{path}: {' '.join(found.warnings)} Give another picture.")
    several = (f"Of {len(found.digits)} digits on the picture, this is the first.",) if len(found.digits) > 1 else ()
    return Input(found.digits[0].image, path.name, (*found.warnings, *several))


def take_test_digit(test_images: Image, number: int) -> Input:
    """Return one of the test images (N, 28, 28), by its number from 0.

    Raises:
        UserError: for a number that none has.
    """
    if number >= len(test_images):
        raise UserError(
            f"Test digits are numbered from 0 to {len(test_images) - 1:,}: {number:,} was given. Choose another."
        )
    return Input(test_images[number], f"Test digit {number}")
