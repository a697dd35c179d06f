"""Picture files: read upright into an array, or refused with a reason."""

import logging
import warnings
from dataclasses import dataclass
from pathlib import Path
from stat import S_ISDIR, S_ISREG
from typing import Any

import numpy as np
from numpy.typing import NDArray

from preprocessing.formats import FORMATS, HEAD, other_format
from system.errors import UserError

logging.getLogger("PIL").addHandler(logging.NullHandler())  # what it says of a damaged file is in its exception too

MAX_PIXELS = 64_000_000  # twice what most phones take; decoded in colours, 200 MB, of HEIC 450, of AVIF 560
MAX_BYTES = 200_000_000
MIN_SIDE = 1024  # pixels of a side: larger pictures are read in part of their size, in which digits stay large
MAX_WEBP_PIXELS = 32_000_000  # its decoder takes 16 bytes for each, four times as many as others
_FORMATS = "a picture is a PNG, JPEG, BMP, WebP, TIFF or GIF file"
_TOO_LARGE = f"a picture has at most {MAX_PIXELS:,} pixels"

Pixels = NDArray[np.uint8] | NDArray[np.uint16]


class PictureError(UserError):
    """A file that is no picture which can be read; the message begins with its path."""


@dataclass(frozen=True)
class Picture:
    """A picture that was read.

    pixels: (H, W) grey, (H, W, 3) blue first, or (H, W, 4) with opacity; uint8, or uint16 where grey.

    scale: how many pixels of the file, each way, one of these stands for.
    """

    pixels: Pixels
    scale: float = 1.0


def read_picture(path: Path) -> Picture:
    """Read the picture of a file, upright as its camera says, the first where there are more.

    Pillow, not OpenCV, as it tells the size before it decodes, and refuses truncated files, which OpenCV half reads.

    Raises:
        PictureError: where there is none.
    """
    from PIL import Image

    _check_file(path)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what is odd about a file that can be read is not the user's concern
            with _open(path) as image:
                width, height = image.size
                _check_size(path, image.format, width, height)
                # JPEG can be decoded in a half, a quarter or an eighth of its size
                image.draft(None, (MIN_SIDE, MIN_SIDE))
                pixels = image_pixels(image)
    except PictureError:
        raise
    except Image.DecompressionBombError as error:  # Pillow's own limit, before it tells the size
        raise PictureError(f"{path}: {_TOO_LARGE}, but this has far more. Make it smaller.") from error
    except FileNotFoundError as error:
        raise PictureError(f"{path}: the file is gone. Give it again when it is there.") from error
    except Exception as error:  # of a damaged file, decoders raise nearly anything
        reason = (str(error) or type(error).__name__).splitlines()[0].rstrip(".")
        raise PictureError(f"{path}: the picture is damaged or incomplete ({reason}). Save it again.") from error
    return Picture(pixels, max(width, height) / max(pixels.shape[:2]))


def _open(path: Path) -> Any:
    """Return a file as an image of Pillow, whose pixels are not decoded yet."""
    from PIL import Image, UnidentifiedImageError

    with path.open("rb") as file:
        other = other_format(file.read(HEAD))
    if other and not (other.is_read and other.is_read()):
        named = f", named {path.suffix}" if path.suffix.lower() not in ("", *other.suffixes) else ""
        raise PictureError(f"{path}: {_FORMATS}, but this is {other.name}{named}. {other.to_do}")
    try:
        return Image.open(path, formats=(other.pillow,) if other else FORMATS)
    except UnidentifiedImageError:
        if other:
            raise PictureError(
                f"{path}: the picture is damaged or incomplete (it begins as {other.name}). Save it again."
            ) from None
        raise PictureError(f"{path}: {_FORMATS}, but this is none. Convert it.") from None


def _check_size(path: Path, pillow_format: str, width: int, height: int) -> None:
    if width * height > MAX_PIXELS:
        raise PictureError(f"{path}: {_TOO_LARGE}, but this has {width:,} x {height:,}. Make it smaller.")
    if pillow_format == "WEBP" and width * height > MAX_WEBP_PIXELS:
        raise PictureError(
            f"{path}: a WebP picture has at most {MAX_WEBP_PIXELS:,} pixels, but this has {width:,} x {height:,}. "
            "Make it smaller, or a JPEG of it."
        )


def image_pixels(image: Any) -> Pixels:
    """Return the pixels of an image of Pillow, as a `Picture` has them, upright."""
    from PIL import ImageOps

    image.load()
    return _to_array(ImageOps.exif_transpose(_reduce(image)))


def _check_file(path: Path) -> None:
    """Check that a file can be a picture: a pipe would wait for its writer, and /dev/zero never end."""
    try:
        status = path.stat()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise PictureError(f"{path}: there is no such file ({reason}). Check the name.") from error
    if S_ISDIR(status.st_mode):
        raise PictureError(f"{path}: a picture is a file, but this is a folder. Give a file.")
    if not S_ISREG(status.st_mode):
        raise PictureError(f"{path}: a picture is a file, but this is a pipe or a device. Give a file.")
    if not 0 < status.st_size <= MAX_BYTES:
        raise PictureError(
            f"{path}: a picture has from 1 to {MAX_BYTES:,} bytes, but this has {status.st_size:,}. Save it again."
        )


def _reduce(image: Any) -> Any:
    """Shrink an image to sides of less than four times MIN_SIDE: averaged over squares, in which thin lines stay."""
    factor = max(image.size) // (2 * MIN_SIDE)
    if factor < 2:
        return image
    exif = image.getexif()
    deep = image.mode.startswith("I;16")
    reduced = (image.convert("I") if deep else _in_colours(image)).reduce(factor)
    reduced.info["exif"] = exif.tobytes()
    return reduced


def _in_colours(image: Any) -> Any:
    """Convert an image to one of the modes L, I, F, RGB and RGBA."""
    if image.mode in ("L", "I", "F", "RGB", "RGBA"):
        return image.convert("RGBA") if "transparency" in image.info and image.mode in ("L", "RGB") else image
    if image.mode in ("LA", "PA", "La", "RGBa") or "transparency" in image.info:
        return image.convert("RGBA")
    return image.convert("L" if image.mode == "1" else "RGB")


def _to_array(image: Any) -> Pixels:
    if image.mode.startswith("I;16"):
        deep: Pixels = np.asarray(image).astype(np.uint16)
        return deep
    image = _in_colours(image)
    pixels: NDArray[Any] = np.asarray(image)
    if image.mode == "I":
        clipped: Pixels = np.clip(pixels, 0, 65535).astype(np.uint16)
        return clipped
    if image.mode == "F":  # of no agreed range
        finite = np.nan_to_num(pixels, nan=0, posinf=0, neginf=0)
        low, high = finite.min(), finite.max()
        return np.asarray(np.rint((finite - low) / max(high - low, 1e-9) * 65535), np.uint16)
    if image.mode == "L":
        return np.array(pixels, np.uint8)
    red, green, blue, *opacity = np.moveaxis(pixels, -1, 0)
    return np.ascontiguousarray(np.stack([blue, green, red, *opacity], axis=-1))
