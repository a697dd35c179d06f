"""Picture files: one image alone, enlarged without loss, or a figure."""

import warnings
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from system.errors import UserError
from system.files import replace_file

# Whole blocks of JPEG, 8 pixels: each is one grey, which the format keeps to within a rounding.
ENLARGEMENT = 16
QUALITY = 95
# Without subsampling: it would blur coloured lines.
FORMATS: dict[str, dict[str, Any]] = {
    ".jpg": {
        "format": "jpg",
        "dpi": 150,
        "pil_kwargs": {"quality": QUALITY, "subsampling": 0, "optimize": True},
    },
    ".png": {"format": "png", "dpi": 120},
}


class OutputError(UserError):
    """A place where a picture cannot be written."""


def save_image(path: Path, image: NDArray[np.uint8]) -> None:
    """Write an image (28, 28) as a grey JPEG in which each pixel is a square of 16 pixels.

    Raises:
        OutputError: where it cannot be written; what was there before is then as it was.
    """
    from PIL import Image

    large = np.kron(image, np.ones((ENLARGEMENT, ENLARGEMENT), np.uint8))
    _write(path, lambda file: Image.fromarray(large).save(file, "JPEG", quality=QUALITY))


def save_figure(path: Path, figure: Any) -> None:
    """Write a matplotlib figure, on white, as the file's name says: .jpg or .png.

    Raises:
        OutputError: where it cannot be written; what was there before is then as it was.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # letters that the font lacks are drawn as boxes
        _write(path, lambda file: figure.savefig(file, **FORMATS[path.suffix]))


def _write(path: Path, save: Callable[[IO[bytes]], object]) -> None:
    try:
        replace_file(path, save)
    except OSError as error:
        raise OutputError(
            f"{path}: the picture could not be written ({error.strerror or error}). Choose another folder."
        ) from error
