"""Augmentation: what training does to its images so that none is ever seen twice."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cnn import Array

# New images (n, 28, 28), uint8, of images (n, 28, 28), uint8, and their rows of random numbers (n, columns).
Augment = Callable[[NDArray[np.uint8], Array], NDArray[np.uint8]]


@dataclass(frozen=True)
class Augmentation:
    """Two functions: the first process draws, and who computes the gradient of an image applies.

    So the same seed gives the same images, however many processes there are.

    draw: random numbers (n, columns) for n images; apply: a function that another process can import.
    """

    draw: Callable[[np.random.Generator, int], Array]
    apply: Augment

    @property
    def columns(self) -> int:
        """How many random numbers an image takes."""
        return int(self.draw(np.random.default_rng(0), 0).shape[1])
