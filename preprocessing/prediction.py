"""Prediction: a model and pictures in, the number on each picture out."""

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, overload

import numpy as np

from preprocessing.box import Box
from preprocessing.datasets import DIGIT_NAMES
from preprocessing.digits import Digit
from preprocessing.files import PictureFile, read_file, read_files
from preprocessing.judge import Judge, Reader
from preprocessing.page_reading import read_page
from preprocessing.picture import PictureError, image_pixels, read_picture
from preprocessing.reading import Page
from system.arrays import Array
from system.errors import UserError, quote

NAMED = 3  # pieces of ink whose place is said
MIN_CONFIDENCE = 0.8  # probability below which the model is said to be unsure


@dataclass(frozen=True)
class ReadDigit:
    """A digit as the model read it; probabilities (classes,), from 0 to 1 with sum 1, and the classes' names."""

    found: Digit
    probabilities: Array
    class_names: Sequence[str] = DIGIT_NAMES

    @property
    def digit(self) -> int:
        """The most probable class: of digits, the digit."""
        return int(self.probabilities.argmax())

    @property
    def name(self) -> str:
        """The name of the most probable class."""
        return self.class_names[self.digit]

    @property
    def confidence(self) -> float:
        """The probability of that class."""
        return float(self.probabilities.max())

    @property
    def runner_up(self) -> tuple[int, float]:
        """The second most probable class, and its probability."""
        second = int(np.argsort(self.probabilities)[-2])
        return second, float(self.probabilities[second])


@dataclass(frozen=True)
class Prediction:
    """What a model read on the picture of a file, from left to right and line by line.

    lines: each of numbers, or of the cells of a table, with their signs. rotated: by how many degrees, clockwise, the
    picture was turned to be read: 0, 90, 180 or 270. left_out: ink that was not read. wholeness: how probable it is
    that each of several digits is one, whole and alone.
    """

    file: PictureFile
    digits: tuple[ReadDigit, ...]
    lines: tuple[tuple[str, ...], ...] = ()
    rotated: int = 0
    left_out: tuple[Box, ...] = ()
    wholeness: float = 1.0

    @property
    def number(self) -> str:
        """The names of all digits together; empty where there are none."""
        return "".join(read.name for read in self.digits)

    @property
    def confidence(self) -> float:
        """The confidence of the least certain digit, times the wholeness of all; 0 where there is none."""
        return min((read.confidence for read in self.digits), default=0.0) * self.wholeness

    @property
    def warnings(self) -> tuple[str, ...]:
        """Sentences about what may be wrong."""
        unsure = [
            f"The network is unsure: {read.name} ({read.confidence:.0%}) or {read.class_names[other]} "
            f"({probability:.0%})."
            for read in self.digits
            if read.confidence < MIN_CONFIDENCE
            for other, probability in [read.runner_up]
        ]
        turned = [f"The picture was turned by {self.rotated} degrees, clockwise."] if self.rotated else []
        return (*turned, *(self.file.page.warnings if self.file.page else ()), *self._left_out(), *unsure)

    def _left_out(self) -> list[str]:
        """Say how much ink was left out, and where."""
        if not self.left_out:
            return []
        places = [f"{box.left}, {box.top}, {box.width} x {box.height} pixels" for box in self.left_out[:NAMED]]
        more = f"; and {len(self.left_out) - NAMED} more" if len(self.left_out) > NAMED else ""
        count = "1 piece of ink was" if len(self.left_out) == 1 else f"{len(self.left_out)} pieces of ink were"
        return [f"{count} left out, as no digit: at {'; at '.join(places)}{more}."]

    @property
    def doubtful(self) -> bool:
        """Whether somebody should look: nothing was read, or there is a warning, such as below MIN_CONFIDENCE."""
        return not self.digits or bool(self.warnings)


def predict(model: Reader, paths: str | Path | Iterable[str | Path], workers: int = 1) -> Iterator[Prediction]:
    """Read every file in order, or the one; a file that is no picture has its reason in `file.error`.

    workers: how many processes read and prepare pictures, where there are many.

    Raises:
        PictureError: for what is no path; UserError: for what is no model, or no number of processes; ReaderError: when
            another process is gone.
    """
    _require_model(model)
    given = [paths] if isinstance(paths, str | Path) or not isinstance(paths, Iterable) else list(paths)
    for path in given:
        if not isinstance(path, str | os.PathLike):
            raise PictureError(
                f"Pictures are files, given by their paths, but this is {type(path).__name__}. Arrays are read by "
                "read_numbers."
            )
    if not isinstance(workers, int | np.integer) or isinstance(workers, bool) or workers < 1:
        raise UserError(f"The number of workers is a whole number from 1 up: {quote(str(workers))} was given. Try 1.")
    return _predict(model, [Path(path) for path in given], int(workers))


def _predict(model: Reader, paths: Sequence[Path], workers: int) -> Iterator[Prediction]:
    for file in read_files(partial(read_file, model), paths, workers):
        yield to_prediction(file, tuple(model.class_names))


def to_prediction(file: PictureFile, names: tuple[str, ...]) -> Prediction:
    """Return what was read on a picture, with the names of the classes."""
    page = file.page or Page(())
    digits = tuple(ReadDigit(one.digit, one.probabilities, names) for one in page.digits)
    return Prediction(file, digits, _texts(page, names), page.rotated, page.left_out, page.wholeness)


def _texts(page: Page, names: Sequence[str]) -> tuple[tuple[str, ...], ...]:
    """Return the lines of a page as texts, a number each."""
    return tuple(
        tuple(
            "".join(item if isinstance(item, str) else names[int(item.probabilities.argmax())] for item in number)
            for number in line
        )
        for line in page.lines
    )


@overload
def read_numbers(model: Reader, pictures: str | Path | Array) -> str: ...


@overload
def read_numbers(model: Reader, pictures: list[Any] | tuple[Any, ...] | Iterator[Any]) -> list[str]: ...


def read_numbers(model: Reader, pictures: Any) -> str | list[str]:
    """Read the number on a picture, or on each of a list of pictures; empty where no digit is found.

    pictures: paths, images of Pillow, or arrays (H, W), (H, W, 3) blue first or (H, W, 4) with opacity: uint8, uint16,
        other whole numbers from 0 to 255, floats from 0 to 1, or bools; or lists of rows of such numbers.

    Raises:
        PictureError: for what is no picture; UserError: for what is no model.
    """
    _require_model(model)
    if isinstance(pictures, str | Path) or _is_array(pictures):
        return read_numbers(model, [pictures])[0]
    if not isinstance(pictures, Iterable):
        raise PictureError(
            f"A picture is a path or an array, and several are a list of them, but this is {type(pictures).__name__}."
        )
    judge, names = Judge(model), tuple(model.class_names)
    pages = (read_page(_pixels(picture), judge) for picture in pictures)
    return ["".join(names[int(one.probabilities.argmax())] for one in page.digits) for page in pages]


def _require_model(model: Any) -> None:
    if isinstance(model, type) or not hasattr(model, "probabilities"):
        raise UserError(f"Digits are read by a model: {quote(str(model))} was given. Give Model.load(path).")


def _is_array(pictures: Any) -> bool:
    """Tell whether something is one picture: an array of some library, or a list of rows of numbers."""
    if not isinstance(pictures, list | tuple):
        return hasattr(type(pictures), "__array__") or hasattr(type(pictures), "__array_interface__")
    row = pictures[0] if pictures else None
    return isinstance(row, list | tuple) and bool(row) and isinstance(row[0], int | float)


def _pixels(picture: Any) -> Array:
    """Return the pixels of a path, or of whatever NumPy makes an array of, uint8 or uint16."""
    if isinstance(picture, str | Path):
        return read_picture(Path(picture)).pixels
    try:
        array: Array = image_pixels(picture) if hasattr(picture, "getexif") else np.asarray(picture)
    except Exception as error:  # of lists of different lengths, damaged files, or whatever a foreign object does
        reason = (str(error) or type(error).__name__).splitlines()[0].rstrip(".")
        raise PictureError(f"A picture is a path or an array, but this cannot be read ({reason}). Give one.") from error
    if array.dtype.kind not in "buif":
        found = f"an array of {array.dtype}" if isinstance(picture, np.ndarray) else type(picture).__name__
        raise PictureError(f"A picture is a path or an array, but this is {found}. Give one of those.")
    if array.ndim not in (2, 3) or (array.ndim == 3 and array.shape[2] not in (1, 3, 4)) or not array.size:
        raise PictureError(
            f"A picture has the shape (H, W), (H, W, 3) or (H, W, 4), but this is {array.shape}. Give several "
            "pictures as a list: list(pictures)."
        )
    return _to_whole(array)


def _to_whole(pixels: Array) -> Array:
    """Return pixels of any type as uint8 or uint16, in which black and white are the ends of the range."""
    if pixels.dtype == np.uint8:
        return pixels
    kind, size = pixels.dtype.kind, pixels.dtype.itemsize
    if kind == "b":
        return np.asarray(pixels * np.uint8(255))
    if kind == "u" and size == 2:
        return pixels.astype(np.uint16, copy=False)
    low, high = pixels.min(), pixels.max()
    if not (low >= 0 and high <= (1 if kind == "f" else 255)):  # nor is it for what is not a number
        to_do = "Replace what is not a number" if np.isnan(low) else "Scale it"
        raise PictureError(
            "A picture holds uint8, uint16, other whole numbers from 0 to 255, or floats from 0 to 1, but this is "
            f"{pixels.dtype} beyond them, from {low:.8g} to {high:.8g}. {to_do}."
        )
    return np.asarray(np.rint(pixels.astype(np.float32) * 65535), np.uint16) if kind == "f" else pixels.astype(np.uint8)
