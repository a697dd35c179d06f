"""What training asks of augmentation, which changes images so that none is ever seen twice."""

from collections.abc import Callable
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from system.arrays import Array

# New images (n, 28, 28), uint8, of images (n, 28, 28), uint8 or from 0 to 1, and their random numbers (n, columns).
Augment = Callable[[NDArray[np.uint8], Array], NDArray[np.uint8]]


class Augmentation(Protocol):
    """Two functions: the first process draws, and who computes the gradient of an image applies.

    So the same seed gives the same images, however many processes there are.
    """

    @property
    def columns(self) -> int:
        """How many random numbers an image takes."""

    @property
    def draw(self) -> Callable[[np.random.Generator, int], Array]:
        """A function that draws the random numbers (n, columns) of n images."""

    @property
    def apply(self) -> Augment:
        """A function, which another process can import."""
