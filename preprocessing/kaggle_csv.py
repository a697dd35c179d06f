"""CSV files of the form that Kaggle has: a header, and in each row a label and the 784 pixels of an image."""

import warnings
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from preprocessing.data_files import DataError, DataFile, Part, require_memory
from system.arrays import Array
from system.errors import quote

COLUMNS = 1 + 28 * 28
TEST_SHARE = 10  # one row in so many is a test image where there is one file
TRAIN, TEST = "train.csv", "test.csv"
_RULE = "each row has a label and the 784 pixels of an image, whole numbers with commas between them"


def read_csv(path: Path, parts: Sequence[str]) -> DataFile:
    """Read a file, of which the last tenth are test images, or a folder with train.csv and test.csv.

    Where test images alone are asked for, they are all rows of the file.

    Raises:
        DataError: for files that are missing, or of another form.
    """
    if path.is_dir():
        files = {"train": path / TRAIN, "test": path / TEST}
        return DataFile(path, {part: _split(_read(files[part])) for part in parts})
    rows = _read(path)
    if tuple(parts) == ("test",):
        return DataFile(path, {"test": _split(rows)})
    if len(rows) < 2:
        raise DataError(f"{path}: training and testing take at least 2 images, but this has {len(rows)}. Add rows.")
    first = len(rows) - max(1, len(rows) // TEST_SHARE)
    cut = {"train": rows[:first], "test": rows[first:]}
    return DataFile(path, {part: _split(cut[part]) for part in parts})


def _read(path: Path) -> Array:
    """Return the rows (n, 785), int16, of a file."""
    if not path.is_file():
        raise DataError(f"{path}: there is no such file. Check the name.")
    try:
        require_memory(path.parent, path.name, 3 * path.stat().st_size, f"{path.stat().st_size:,} bytes")
        with path.open(encoding="utf-8-sig") as file:
            beginning = file.readline(100_000)
            fields = beginning.rstrip().split(",")
            if len(fields) != COLUMNS:
                found = f"{len(fields)} columns, the first {quote(fields[0])}"
                raise DataError(f"{path}: {_RULE}, but this has {found}. Give data of that form.")
            if fields[0].strip().isdecimal():  # no header
                file.seek(0)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # that there is no row, which is said below
                rows: Array = np.loadtxt(file, np.int16, delimiter=",", ndmin=2, comments=None)
    except OSError as error:
        raise DataError(f"{path}: the file cannot be opened ({error.strerror or error}).") from error
    except ValueError as error:
        reason = str(error).splitlines()[0].rstrip(".")
        raise DataError(f"{path}: {_RULE}, but this is something else ({reason}). Mend the file.") from error
    if not rows.size:
        raise DataError(f"{path}: {_RULE}, but this has no row. Give data of that form.")
    pixels = rows[:, 1:]
    if pixels.min() < 0 or pixels.max() > 255:
        wrong = pixels.min() if pixels.min() < 0 else pixels.max()
        raise DataError(f"{path}: pixels are from 0 to 255, but one is {wrong}. Give data of that form.")
    return rows


def _split(rows: Array) -> Part:
    return rows[:, 1:].astype(np.uint8).reshape(-1, 28, 28), rows[:, 0]
