"""Makes mnist.npz from the four original IDX files: python -m preprocessing.make_mnist FOLDER [OUTPUT]."""

import sys
from pathlib import Path
from typing import Any

import numpy as np

from preprocessing.mnist import IDX_MD5, MNIST_FILE, idx_md5

SOURCES = {
    "x_train": ("train-images-idx3-ubyte", (60_000, 28, 28)),
    "y_train": ("train-labels-idx1-ubyte", (60_000,)),
    "x_test": ("t10k-images-idx3-ubyte", (10_000, 28, 28)),
    "y_test": ("t10k-labels-idx1-ubyte", (10_000,)),
}


def main(folder: Path, output: Path = MNIST_FILE) -> None:
    """Write mnist.npz, after comparing each array with the original's checksum."""
    arrays: dict[str, Any] = {}
    for name, (file, shape) in SOURCES.items():
        header = 4 + 4 * len(shape)
        arrays[name] = np.fromfile(folder / file, np.uint8, offset=header).reshape(shape)
        if idx_md5(arrays[name]) != IDX_MD5[name]:
            raise SystemExit(f"{folder / file}: the checksum is not that of the original file.")
    np.savez_compressed(output, **arrays)


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:3]))
