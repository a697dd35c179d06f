"""A prior of images: how far from handwriting an image is, as a normal distribution of digits has it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from system.arrays import Array
from system.threads import single_threaded_blas

IMAGES = 10_000  # of which a prior is made at most
# Variance of a pixel, of brightness from 0 to 1, beside that of the digits: a border that is always dark has none.
# A third of it, or three times as much, gave much the same pictures.
VARIANCE = 0.01


@dataclass(frozen=True)
class Prior:
    """A normal distribution of images.

    mean: (784,), the mean image, 0 to 1. precision: (784, 784), the inverse of the covariance of the pixels.
    """

    mean: Array
    precision: Array

    def gradient(self, pixels: Array) -> Array:
        """Return the gradient of the negative log-likelihood of images (n, 784), in their shape.

        It is low for what varies among digits, such as where a stroke is, and high for what does not: ink in the
        border, and stripes finer than strokes.
        """
        gradient: Array = (pixels - self.mean) @ self.precision
        return gradient


def fit_prior(images: NDArray[np.uint8]) -> Prior:
    """Return the prior of some images (N, 28, 28), 0 to 255, of which it takes IMAGES, spread evenly."""
    some = images[:: -(-len(images) // IMAGES)].reshape(-1, images[0].size).astype(np.float32) / 255
    mean = some.mean(axis=0)
    some -= mean
    with single_threaded_blas():
        covariance = (some.T @ some).astype(float) / len(some)
        precision = np.linalg.inv(covariance + VARIANCE * np.eye(len(covariance)))
    return Prior(mean, precision.astype(np.float32))
