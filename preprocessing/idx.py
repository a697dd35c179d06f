"""IDX files, the form in which MNIST, Fashion-MNIST, EMNIST and KMNIST are published; packed with gzip or not.

Source of the format: LeCun, Cortes & Burges, http://yann.lecun.com/exdb/mnist.
"""

import gzip
import re
import struct
import zlib
from collections.abc import Sequence
from math import prod
from pathlib import Path

import numpy as np

from preprocessing.data_files import (
    MAX_CLASSES,
    PARTS,
    DataError,
    DataFile,
    Header,
    Part,
    check_names,
    read_arrays,
    read_labels,
    require_memory,
)
from system.arrays import Array

IMAGES = re.compile(r"(?P<set>.*?)(?P<part>train|t10k|test)[-_.]images[-_.]idx3[-_.]ubyte(\.gz)?")
MAX_MAPPING = 100_000  # bytes of a file of names


def find_images(path: Path) -> dict[str, Path]:
    """Find the files of images, by part, of the set that a file belongs to or that a folder holds; perhaps none.

    Raises:
        DataError: for a folder of several sets.
    """
    folder = path if path.is_dir() else path.parent
    found: dict[str, dict[str, Path]] = {}
    for file in sorted(folder.iterdir(), reverse=True):  # so that an unpacked file comes after the same one packed
        if match := IMAGES.fullmatch(file.name):
            found.setdefault(match["set"], {})[_part(match)] = file
    if path != folder:
        match = IMAGES.fullmatch(path.name)
        return found.get(match["set"], {}) | {_part(match): path} if match else {}
    if len(found) > 1:
        names = ", ".join(sorted(next(iter(parts.values())).name for parts in found.values()))
        raise DataError(f"{path}: a folder has one data set, but this has several. Give one of its files: {names}.")
    return next(iter(found.values()), {})


def _part(match: re.Match[str]) -> str:
    return "train" if match["part"] == "train" else "test"


def read_idx(path: Path, parts: Sequence[str]) -> DataFile:
    """Read a folder of IDX files under their usual names, or the set to which one file of images belongs.

    EMNIST's names of labels are taken from its mapping.txt, where that lies beside.

    Raises:
        DataError: for files that are missing, damaged, or of another form.
    """
    files = find_images(path)
    for part in parts:
        if part not in files:
            usual = f"{'train' if part == 'train' else 't10k'}-images-idx3-ubyte"
            raise DataError(f"{path}: {usual} (or .gz) is missing. Put it beside the other files, under its name.")
    read = {part: _read_pair(files[part]) for part in parts}
    match = IMAGES.fullmatch(files[parts[0]].name)
    mapping = files[parts[0]].with_name(f"{match['set'] if match else ''}mapping.txt")
    others = {part: _labels_file(files[part]) for part in PARTS if part in files and part not in parts}
    return DataFile(
        path,
        read,
        _read_mapping(mapping) if mapping.is_file() else None,
        {part: _read_labels(file) for part, file in others.items() if file.is_file()},
    )


def _read_pair(images: Path) -> Part:
    labels = _labels_file(images)
    if not labels.is_file():
        name = labels.name.removesuffix(".gz")
        raise DataError(f"{images}: its labels, {name} (or .gz), are missing. Put them beside it, under that name.")
    files = {images.name: images, labels.name: labels}
    return read_arrays(
        images.parent,
        (images.name, labels.name),
        lambda name: _header(files[name], 3 if name == images.name else 1),
        lambda name: _array(files[name], 3 if name == images.name else 1),
    )


def _read_labels(file: Path) -> Array:
    return read_labels(file.parent, file.name, lambda _: _header(file, 1), lambda _: _array(file, 1))


def _labels_file(images: Path) -> Path:
    """Return the file of labels, packed or not, that belongs to a file of images; it may be missing."""
    name = images.name.replace("images", "labels").replace("idx3", "idx1").removesuffix(".gz")
    plain, packed = images.with_name(name), images.with_name(f"{name}.gz")
    return plain if plain.is_file() else packed


def _header(path: Path, dimensions: int) -> Header:
    data, size = _read(path, 4 + 4 * dimensions), 4 + 4 * dimensions
    if len(data) < size:
        raise DataError(
            f"{path}: an IDX file begins with {size} bytes that say what it holds, but this is truncated: it has "
            f"{len(data)}. Get it again."
        )
    magic, *shape = struct.unpack(f">{1 + dimensions}I", data)
    if magic != 2048 + dimensions:
        raise DataError(
            f"{path}: an IDX file of {'images' if dimensions == 3 else 'labels'} begins with the number "
            f"{2048 + dimensions}, but this begins with {magic}. Check the file."
        )
    return tuple(shape), np.dtype(np.uint8)


def _array(path: Path, dimensions: int) -> Array:
    shape, _ = _header(path, dimensions)
    start, size = 4 + 4 * dimensions, prod(shape)
    require_memory(path.parent, path.name, size)
    data = _read(path, start + size + 1)  # one more, to see whether the file goes on
    if len(data) != start + size:
        found = "more" if len(data) > start + size else f"{len(data):,}"
        raise DataError(
            f"{path}: a file of the shape {shape} has {start + size:,} bytes, but this has {found}. Get it again."
        )
    return np.frombuffer(data, np.uint8, offset=start).reshape(shape)


def _read(path: Path, size: int) -> bytes:
    """Read at most so many bytes of a file, unpacked."""
    try:
        if not path.is_file():
            raise DataError(f"{path}: an IDX file is a file, but this is a folder or a device. Check the name.")
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
            return bytes(file.read(size))
    except (OSError, EOFError, zlib.error) as error:
        reason = getattr(error, "strerror", None) or error
        raise DataError(f"{path}: the file cannot be read ({reason}). Get it again.") from error


def _read_mapping(path: Path) -> dict[int, str]:
    """Read EMNIST's mapping: in each line a label, and the numbers of the characters that it stands for."""
    rows = [line.split() for line in _read(path, MAX_MAPPING).decode("ascii", "replace").splitlines() if line.strip()]
    try:
        names = {int(row[0]): chr(int(row[1])) for row in rows}
    except (ValueError, IndexError, OverflowError) as error:
        raise DataError(
            f"{path}: each line has a label and the number of its character. Get the file again."
        ) from error
    first = min(names, default=-1)
    if first < 0 or len(names) > MAX_CLASSES or sorted(names) != list(range(first, first + len(names))):
        raise DataError(
            f"{path}: the labels follow one another from 0 or above, at most {MAX_CLASSES}, but these are others. Get "
            "the file again."
        )
    return check_names(path, names)
