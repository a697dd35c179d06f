"""Labelled images that are quickly learned, for tests that need no digits."""

import numpy as np

from preprocessing.datasets import Dataset
from system.arrays import Array


def squares(count: int, seed: int = 0) -> tuple[Array, Array]:
    """Images with a bright square in one of ten places, which is the label, among noise."""
    generator = np.random.default_rng(seed)
    images = generator.integers(0, 100, (count, 28, 28), np.uint8)
    labels = generator.integers(0, 10, count)
    for image, label in zip(images, labels, strict=True):
        row, column = divmod(int(label), 5)
        image[8 * row + 4 : 8 * row + 9, 5 * column + 1 : 5 * column + 6] = 255
    return images, labels


def dataset(training: int = 300, test: int = 100) -> Dataset:
    """Squares in MNIST's form."""
    (x_train, y_train), (x_test, y_test) = squares(training, 0), squares(test, 1)
    return Dataset(x_train, y_train.astype(np.uint8), x_test, y_test.astype(np.uint8))
