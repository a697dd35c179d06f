"""The MNIST data set, and other data of the same form."""

import hashlib
import importlib.util
import os
import struct
import sys
from contextlib import redirect_stdout
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
import psutil
from numpy.typing import NDArray

from cnn.errors import UserError
from cnn.npz import NpzError, NpzReader

MNIST_FILE = Path(__file__).with_name("mnist.npz")

# Of the four original IDX files: a header, then the bytes of the array.
IDX_MD5 = {
    "x_train": "6bbc9ace898e44ae57da46a324031adb",
    "y_train": "a25bea736e30d166cdddb491f175f624",
    "x_test": "2646ac647ad5339dbf082846283269ea",
    "y_test": "27ae3e4e09519cfbb04c329615203637",
}
IDX_MAGIC = {1: 2049, 3: 2051}  # by number of dimensions

_RESTORE = f"Restore the file with: git -C '{MNIST_FILE.parent}' checkout {MNIST_FILE.name}."
_KERAS_BACKENDS = ("openvino", "tensorflow", "jax", "torch")


class DataError(UserError):
    """Data that cannot be had or used; the message says what was expected, what was found, and what to do."""


@dataclass(frozen=True)
class Dataset:
    """Labelled pictures: (N, 28, 28) uint8, 0 black to 255 white; labels (N,) uint8, 0 to 9."""

    x_train: NDArray[np.uint8]
    y_train: NDArray[np.uint8]
    x_test: NDArray[np.uint8]
    y_test: NDArray[np.uint8]


def load_mnist(path: Path = MNIST_FILE) -> Dataset:
    """The 60,000 training and 10,000 test images, from the file of the project, else through Keras.

    Raises:
        DataError: where neither gives the original data, bit for bit.
    """
    if not path.exists():
        return _verified(_load_with_keras(path), "keras.datasets.mnist")
    try:
        return _verified(load_dataset(path), str(path))
    except DataError as error:
        raise DataError(f"{error} {_RESTORE}") from error


def load_dataset(path: Path) -> Dataset:
    """Data of MNIST's form from an .npz with x_train, y_train, x_test and y_test.

    Raises:
        DataError: for a file that cannot be read, or with arrays of another form.
    """
    try:
        with NpzReader(path) as reader:
            return Dataset(*_read_part(reader, "train"), *_read_part(reader, "test"))
    except NpzError as error:
        raise DataError(str(error)) from error


def _verified(data: Dataset, source: str) -> Dataset:
    for name, expected in IDX_MD5.items():
        if idx_md5(getattr(data, name)) != expected:
            raise DataError(f"{source}: {name} has to be MNIST's, bit for bit, but its checksum is another.")
    return data


def idx_md5(array: NDArray[np.uint8]) -> str:
    """The MD5 sum of the array as an IDX file."""
    digest = hashlib.md5(struct.pack(f">{1 + array.ndim}I", IDX_MAGIC[array.ndim], *array.shape), usedforsecurity=False)
    digest.update(array.tobytes())
    return digest.hexdigest()


def _read_part(reader: NpzReader, part: str) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    def require(condition: bool, name: str, rule: str, found: object) -> None:
        if not condition:
            raise DataError(f"{reader.path}: {name} {rule}, but this is {found}. Give data of MNIST's form.")

    images, labels = f"x_{part}", f"y_{part}"
    shape, dtype = reader.header(images)
    require(len(shape) == 3 and shape[0] > 0 and shape[1:] == (28, 28), images, "has the shape (images, 28, 28)", shape)
    require(dtype == np.uint8, images, "has the type uint8, 0 to 255", dtype)
    count = shape[0]
    free = psutil.virtual_memory().available
    require(3 * prod(shape) < free, images, f"fits into the {free / 10**9:.1f} GB that are free, three times", shape)
    shape, dtype = reader.header(labels)
    require(shape == (count,), labels, f"has a label for each image, the shape ({count},)", shape)
    require(dtype.kind in "iu", labels, "holds whole numbers", dtype)
    values = reader.read(labels)
    wrong = values[(values < 0) | (values > 9)]
    require(not len(wrong), labels, "has labels from 0 to 9 only", f"a {wrong[0] if len(wrong) else 0}")
    return reader.read(images), values.astype(np.uint8)


def _load_with_keras(path: Path) -> Dataset:
    # Keras asks for its backend when it is imported, and TensorFlow is what it takes unasked.
    installed = [name for name in _KERAS_BACKENDS if importlib.util.find_spec(name)]
    if installed:
        os.environ.setdefault("KERAS_BACKEND", installed[0])
    try:
        with redirect_stdout(sys.stderr):  # where Keras says that it downloads
            from keras.datasets import mnist

            (x_train, y_train), (x_test, y_test) = mnist.load_data()
    except Exception as error:  # whatever a backend, a download or a cached file can raise
        reason: Any = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise DataError(
            f"{path} is missing, and keras.datasets.mnist did not load it either ({reason}). {_RESTORE} Or "
            "install Keras, and connect to the network once."
        ) from error
    return Dataset(x_train, y_train, x_test, y_test)
