"""CSV files of the form that Kaggle has: a header, and in each row a label and the 784 pixels of an image."""

import re
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import TextIO

import numpy as np

from preprocessing.data_files import PARTS, DataError, DataFile, Part, require_memory
from system.arrays import Array
from system.errors import quote

PIXELS = 28 * 28
MAX_LABEL = 9_999
TEST_SHARE = 10  # one row in so many is a test image where there is one file
TRAIN, TEST = "train.csv", "test.csv"

_LABEL = re.compile(r"[ \t]*[+-]?[0-9]{1,4}[ \t]*")
# There is one way to match a number, as of two in each of 784 all would be tried.
_PIXEL = re.compile(r"[ \t]*\+?0*(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])[ \t]*")
_ROW = re.compile(f"{_LABEL.pattern}(,{_PIXEL.pattern}){{{PIXELS}}}")


def read_csv(path: Path, parts: Sequence[str]) -> DataFile:
    """Read a file, of which the last tenth are test images, or a folder with train.csv and test.csv.

    Where test images alone are asked for, they are all rows of the file.

    Raises:
        DataError: for files that are missing, or of another form.
    """
    if path.is_dir():
        files = {"train": path / TRAIN, "test": path / TEST}
        others = {part: files[part] for part in PARTS if part not in parts and files[part].is_file()}
        return DataFile(
            path,
            {part: _split(_read(files[part])) for part in parts},
            other_labels={part: _read_labels(file) for part, file in others.items()},
        )
    rows = _read(path)
    if tuple(parts) == ("test",):
        return DataFile(path, {"test": _split(rows)})
    if len(rows) < 2:
        raise DataError(f"{path}: training and testing take at least 2 images, but this has {len(rows)}. Add rows.")
    first = len(rows) - max(1, len(rows) // TEST_SHARE)
    cut = {"train": _split(rows[:first]), "test": _split(rows[first:])}
    return DataFile(
        path,
        {part: cut[part] for part in parts},
        other_labels={part: cut[part][1] for part in PARTS if part not in parts},
    )


def _read(path: Path) -> Array:
    """Return the rows (n, 785), int32, of a file."""
    with _open(path) as file:
        require_memory(path.parent, path.name, path.stat().st_size)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # that there is no row, which is said below
                warnings.simplefilter("error", DeprecationWarning)  # of NumPy before 2.3, which takes 1e0 for 1
                rows: Array = np.loadtxt(file, np.int32, delimiter=",", ndmin=2, comments=None)
        except (ValueError, DeprecationWarning):
            raise _refusal(path) from None
    if rows.size and (rows.shape[1] != 1 + PIXELS or rows[:, 1:].min() < 0 or rows[:, 1:].max() > 255):
        raise _refusal(path)
    if rows.size and np.abs(rows[:, 0]).max() > MAX_LABEL:
        raise _refusal(path)
    if not rows.size:
        raise DataError(f"{path}: a file of images has a row for each, but this has none. Give another file.")
    return rows


def _read_labels(path: Path) -> Array:
    """Return the labels (n,) of a file, whose pixels are not looked at."""
    with _open(path) as file:
        labels = [line.partition(",")[0] for line in file if line.strip()]
    if not labels or not all(map(_LABEL.fullmatch, labels)):
        raise _refusal(path)
    return np.array(labels, np.int64)


def _open(path: Path) -> TextIO:
    """Open a file where its rows begin: at its second line, where the first is the header."""
    if not path.is_file():
        raise DataError(f"{path}: there is no such file. Check the name.")
    try:
        # What is no UTF-8 is no number either, which is said of the line where it stands.
        file = path.open(encoding="utf-8-sig", errors="replace")
    except OSError as error:
        raise DataError(f"{path}: the file cannot be opened ({error.strerror or error}).") from error
    if not _is_header(file.readline(100_000)):
        file.seek(0)
    return file


def _is_header(line: str) -> bool:
    """Return whether a line names the columns, of which the label is first: pixels have other names elsewhere."""
    label, *pixels = (name.strip().strip("\"'") for name in line.split(","))
    return label.lower() == "label" and len(pixels) == PIXELS and not any(map(str.isdigit, pixels))


def _refusal(path: Path) -> DataError:
    """Return the error of the first line that is neither a row nor the header."""
    with path.open(encoding="utf-8-sig", errors="replace") as file:
        for number, line in enumerate(file, 1):
            text = line.rstrip("\n")
            if text.strip() and not _ROW.fullmatch(text) and not (number == 1 and _is_header(line)):
                return DataError(
                    f"{path}, line {number}: a row is a label and the {PIXELS} pixels of an image, whole numbers from "
                    f"0 to 255 with commas between them, but {_what_is_wrong(text.split(','), number)}."
                )
    return DataError(f"{path}: this is no CSV of images. Give data of Kaggle's form.")


def _what_is_wrong(fields: Sequence[str], number: int) -> str:
    """Return what is wrong with a line, and what to do."""
    if len(fields) == PIXELS:
        return f"this has {PIXELS} columns, as of Kaggle's test.csv, which has no labels. Give train.csv"
    to_do = "Mend the line" if number > 1 else "Begin with a row, or with the header label,pixel0,...,pixel783"
    if len(fields) != 1 + PIXELS:
        return f"this has {len(fields)} columns, the first {quote(fields[0])}. {to_do}"
    wrong = (index for index, field in enumerate(fields) if not (_PIXEL if index else _LABEL).fullmatch(field))
    column = next(wrong)
    return f"{quote(fields[column])} is in column {column + 1}. {to_do}"


def _split(rows: Array) -> Part:
    return rows[:, 1:].astype(np.uint8).reshape(-1, 28, 28), rows[:, 0]
