"""The MNIST data set: the file of the project, else through Keras, and bit for bit the original."""

import hashlib
import importlib.util
import os
import struct
import sys
from contextlib import redirect_stdout
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from preprocessing.data_files import as_path
from preprocessing.datasets import DataError, Dataset, load_dataset

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


def load_mnist(path: str | Path = MNIST_FILE) -> Dataset:
    """Load the 60,000 training and 10,000 test images, from the file of the project, else through Keras.

    Raises:
        DataError: where neither gives the original data, bit for bit.
    """
    path = as_path(path)
    if not path.exists():
        return _verified(_load_with_keras(path), "keras.datasets.mnist")
    try:
        return replace(_verified(load_dataset(path), str(path)), name="MNIST")
    except DataError as error:
        raise DataError(f"{error} {_RESTORE}") from error


def _verified(data: Dataset, source: str) -> Dataset:
    for name, expected in IDX_MD5.items():
        if idx_md5(getattr(data, name)) != expected:
            raise DataError(f"{source}: {name} has to be MNIST's, bit for bit, but its checksum is another.")
    return data


def idx_md5(array: NDArray[np.uint8]) -> str:
    """Return the MD5 sum of an array as an IDX file."""
    digest = hashlib.md5(struct.pack(f">{1 + array.ndim}I", IDX_MAGIC[array.ndim], *array.shape), usedforsecurity=False)
    digest.update(array.tobytes())
    return digest.hexdigest()


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
