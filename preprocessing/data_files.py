"""Files of labelled images: what every form of them has in common, and the .npz form."""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
import psutil
from numpy.typing import NDArray

from system.arrays import Array
from system.errors import UserError, quote
from system.npz import NpzError, NpzReader

PARTS = ("train", "test")
MAX_CLASSES = 1000
MAX_NAME = 100  # letters

Part = tuple[NDArray[np.uint8], Array]  # images (n, 28, 28), labels (n,)
Header = tuple[tuple[int, ...], np.dtype[Any]]  # shape and dtype


class DataError(UserError):
    """Data that cannot be had or used; the message says what was expected, what was found, and what to do."""


@dataclass(frozen=True)
class DataFile:
    """What was read: the images and labels of each part, "train" or "test", and the names of labels where it has any.

    other_labels: of the parts that were not asked for, where there are any: they say what the labels are numbered from,
        and how many classes there are. Labels are whole numbers as they were found.
    """

    path: Path
    parts: Mapping[str, Part]
    names: Mapping[int, str] | None = None
    other_labels: Mapping[str, Array] = field(default_factory=dict)


def as_path(path: Any) -> Path:
    """Return the path of data.

    Raises:
        DataError: for what is no path.
    """
    if not isinstance(path, str | os.PathLike):
        raise DataError(f"Data have a path: {quote(str(path))} was given. Give the name of a file or folder.")
    return Path(path)


def require(condition: bool, source: object, name: str, rule: str, found: object) -> None:
    """Refuse data where a condition does not hold.

    Raises:
        DataError: for a condition that is False.
    """
    if not condition:
        raise DataError(f"{source}: {name} {rule}, but this is {found}. Give data of MNIST's form.")


def read_arrays(
    source: object, names: tuple[str, str], headers: Callable[[str], Header], read: Callable[[str], Array]
) -> Part:
    """Read images and labels by their names, whose headers say that they have MNIST's form.

    Raises:
        DataError: where they have another.
    """
    images, labels = names
    shape, dtype = headers(images)
    good = len(shape) == 3 and shape[0] > 0 and shape[1:] == (28, 28)
    require(good, source, images, "has the shape (images, 28, 28)", shape)
    require(dtype == np.uint8, source, images, "has the type uint8, 0 to 255", dtype)
    require_memory(source, images, prod(shape))
    count = shape[0]
    shape, dtype = headers(labels)
    require(shape == (count,), source, labels, f"has a label for each image, the shape ({count},)", shape)
    return read(images), read_labels(source, labels, headers, read)


def read_labels(source: object, name: str, headers: Callable[[str], Header], read: Callable[[str], Array]) -> Array:
    """Read labels by their name, whose header says what they are.

    Raises:
        DataError: where they are no whole numbers, (N,) with N at least 1.
    """
    shape, dtype = headers(name)
    require(len(shape) == 1 and shape[0] > 0, source, name, "has the shape (images,)", shape)
    require(dtype.kind in "iu", source, name, "holds whole numbers", dtype)
    require_memory(source, name, shape[0] * dtype.itemsize)
    return read(name)


def require_memory(source: object, name: str, size: int) -> None:
    """Refuse data, of so many bytes, of which three copies would not fit into the memory that is free.

    Raises:
        DataError: where they do not.
    """
    free = psutil.virtual_memory().available
    if 3 * size >= free:
        raise DataError(
            f"{source}: {name} has to fit into memory three times, but that takes {3 * size / 10**9:,.1f} GB, and "
            f"{free / 10**9:,.1f} GB are free. Give less data, or close other programs."
        )


def read_npz(path: Path, parts: Sequence[str]) -> DataFile:
    """Read an .npz with x_train, y_train, x_test, y_test, and perhaps class_names, a text for each label from 0.

    Raises:
        DataError: for a file that cannot be read, or with arrays of another form.
    """
    try:
        with NpzReader(path) as reader:
            arrays = {part: read_arrays(path, (f"x_{part}", f"y_{part}"), reader.header, reader.read) for part in parts}
            others = {
                part: read_labels(path, f"y_{part}", reader.header, reader.read)
                for part in PARTS
                if part not in parts and f"y_{part}" in reader
            }
            return DataFile(path, arrays, _class_names(reader) if "class_names" in reader else None, others)
    except NpzError as error:
        raise DataError(str(error)) from error


def _class_names(reader: NpzReader) -> dict[int, str]:
    shape, dtype = reader.header("class_names")
    good = len(shape) == 1 and 0 < shape[0] <= MAX_CLASSES and dtype.kind == "U" and dtype.itemsize <= 4 * MAX_NAME
    rule = f"holds from 1 to {MAX_CLASSES} texts of at most {MAX_NAME} letters"
    require(good, reader.path, "class_names", rule, f"an array {shape} of {dtype}")
    try:
        # NumPy would make a text of numbers that are no letters, at which Python fails.
        raw = reader.read("class_names").astype(dtype.newbyteorder("<"))
        texts = [raw[index : index + 1].tobytes().decode("utf-32-le").rstrip("\0") for index in range(len(raw))]
    except ValueError as error:
        raise DataError(f"{reader.path}: class_names holds texts, but this cannot be read as such.") from error
    return check_names(reader.path, dict(enumerate(texts)))


def check_names(source: object, names: dict[int, str]) -> dict[int, str]:
    """Check that names can be printed, and are told apart.

    Raises:
        DataError: where one is empty, or has letters that cannot be printed, or is there twice.
    """
    seen: set[str] = set()
    for name in names.values():
        good = bool(name) and name.isprintable() and name not in seen
        require(good, source, "class_names", "holds different names that can be printed", quote(name))
        seen.add(name)
    return names
