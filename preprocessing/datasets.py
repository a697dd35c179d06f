"""Data sets: labelled images of MNIST's form, of digits or of anything else."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from preprocessing import kaggle_csv
from preprocessing.augment import AUGMENTATION, Augmentation
from preprocessing.data_files import MAX_CLASSES, PARTS, DataError, DataFile, as_path, check_names, read_npz, require
from preprocessing.idx import IMAGES, find_images, read_idx
from preprocessing.kaggle_csv import read_csv
from system.arrays import Array
from system.errors import quote

__all__ = ["DIGIT_NAMES", "DataError", "Dataset", "load_dataset", "looks_inverted"]

DIGIT_NAMES = tuple("0123456789")


@dataclass(frozen=True, eq=False)
class Dataset:
    """Labelled images: (N, 28, 28) uint8, 0 black to 255 white; labels (N,) from 0, each the index of a class's name.

    A part that was not loaded has no images.

    Raises:
        DataError: for labels without a name, or names that cannot be printed or told apart.
    """

    x_train: NDArray[np.uint8]
    y_train: Array
    x_test: NDArray[np.uint8]
    y_test: Array
    class_names: tuple[str, ...] = DIGIT_NAMES
    name: str = "MNIST"

    def __post_init__(self) -> None:
        names = tuple(self.class_names) if isinstance(self.class_names, Iterable) else ()
        texts = bool(names) and all(isinstance(name, str) for name in names)
        require(texts, self.name, "class_names", "holds texts, one for each class", quote(str(self.class_names)))
        check_names(self.name, dict(enumerate(names)))
        object.__setattr__(self, "class_names", names)
        for part, labels in zip(PARTS, map(np.asarray, (self.y_train, self.y_test)), strict=True):
            if labels.size and labels.dtype.kind in "iuf":
                low, high, last = labels.min(), labels.max(), len(names) - 1
                rule = f"has labels from 0 to {last}, each of which has a name"
                require(0 <= low and high <= last, self.name, f"y_{part}", rule, low if low < 0 else high)

    @property
    def classes(self) -> int:
        """How many classes there are."""
        return len(self.class_names)

    @property
    def augmentation(self) -> Augmentation:
        """How training may change the images, so that none is ever seen twice."""
        return AUGMENTATION


def load_dataset(path: str | Path, parts: str | Iterable[str] = PARTS) -> Dataset:
    """Load data of MNIST's form: an .npz, a folder of IDX files or one file of images of it, or CSV of Kaggle's form.

    An .npz has x_train, y_train, x_test and y_test, and perhaps class_names. Labels from 0 to 9 are digits unless the
    data name them; names of labels that begin above 0 and exceed 9 are those numbers, as of EMNIST's letters.

    parts: what is needed, "train", "test" or both; the rest may be missing.

    Raises:
        DataError: for files that cannot be read, or with data of another form.
    """
    path, given = as_path(path), (parts,) if isinstance(parts, str) else parts
    parts = tuple(given) if isinstance(given, Iterable) else ()
    if not parts or any(part not in PARTS for part in parts):
        raise DataError(
            f"Parts of a data set are 'train' and 'test', but this is {quote(str(parts or given))}. Give one of them, "
            "or both."
        )
    try:
        found = _read(path, parts)
    except OSError as error:
        raise DataError(f"{path}: the data cannot be read ({error.strerror or error}).") from error
    labels, class_names = _number(found)
    images = {part: found.parts[part][0] if part in parts else np.empty((0, 28, 28), np.uint8) for part in PARTS}
    whole = path.resolve()
    name = whole.name if whole.is_dir() else whole.name.split(".")[0]
    return Dataset(images["train"], labels["train"], images["test"], labels["test"], class_names, name)


def _read(path: Path, parts: Sequence[str]) -> DataFile:
    if path.is_dir():
        if (path / kaggle_csv.TRAIN).exists() or (path / kaggle_csv.TEST).exists():
            return read_csv(path, parts)
        if find_images(path):
            return read_idx(path, parts)
        raise DataError(
            f"{path}: a folder of data has train-images-idx3-ubyte and so on (or .gz), or train.csv and test.csv, but "
            "this has neither. Give another folder, or an .npz file."
        )
    if path.suffix.lower() == ".csv":
        return read_csv(path, parts)
    if IMAGES.fullmatch(path.name) and path.is_file():
        return read_idx(path, parts)
    return read_npz(path, parts)


def _number(found: DataFile) -> tuple[Mapping[str, Array], tuple[str, ...]]:
    """Return the labels of each part from 0, and the names of the classes.

    Raises:
        DataError: for labels without a name, below 0, or of too many classes.
    """
    labels = {part: values for part, (_, values) in found.parts.items()}
    every = [*labels.values(), *found.other_labels.values()]
    low, high = min(int(each.min()) for each in every), max(int(each.max()) for each in every)
    if found.names:
        first, names = min(found.names), tuple(found.names[label] for label in sorted(found.names))
    elif high <= 9:
        first, names = 0, DIGIT_NAMES
    else:
        first = max(low, 0)
        names = tuple(map(str, range(first, min(high + 1, first + MAX_CLASSES))))
    last = first + len(names) - 1
    for part, values in labels.items():
        wrong = values[(values < first) | (values > last)]
        rule = f"has labels from {first} to {last} only{', which have names' if found.names else ''}"
        require(not len(wrong), found.path, f"y_{part}", rule, f"a {wrong[0] if len(wrong) else 0}")
    kind = np.uint8 if len(names) <= 256 else np.uint16
    numbered = {part: (values - values.dtype.type(first)).astype(kind) for part, values in labels.items()}
    return {part: numbered.get(part, np.empty(0, kind)) for part in PARTS}, names


def looks_inverted(images: NDArray[np.uint8]) -> bool:
    """Tell whether images are probably black on white: their mean brightness is above half of white."""
    return bool(len(images)) and float(images.mean()) > 127.5
