"""Random shifts, rotations and changes of scale, as matrices over the pixels of an image."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cnn.architecture import IMAGE_SHAPE

SIDE = IMAGE_SHAPE[1]
PIXELS = SIDE * SIDE


@dataclass(frozen=True)
class Reach:
    """The largest of each change: shift in pixels along each axis, rotation in degrees, scale as a share."""

    shift: float = 1.25
    rotation: float = 8
    scale: float = 0.1

    def times(self, factor: float) -> "Reach":
        """Return a reach so many times as far."""
        return Reach(self.shift * factor, self.rotation * factor, self.scale * factor)


REACH = Reach()


def transformation(down: float, right: float, angle: float, scale: float) -> NDArray[np.float32]:
    """Return a matrix (784, 784) that, from the right, moves, turns and scales images (n, 784) about their centre.

    down, right: pixels; angle: degrees, against the clock; scale: above 1 enlarges. Each pixel is a mean of the four it
    came from, weighted by distance; what comes from outside is black. The gradient goes back through the transpose.
    """
    cosine, sine = np.cos(np.deg2rad(angle)) / scale, np.sin(np.deg2rad(angle)) / scale
    middle = (SIDE - 1) / 2
    rows, columns = np.divmod(np.arange(PIXELS), SIDE)
    y, x = rows - middle - down, columns - middle - right
    from_y, from_x = cosine * y + sine * x + middle, cosine * x - sine * y + middle
    top, left = np.floor(from_y).astype(int), np.floor(from_x).astype(int)
    matrix = np.zeros((PIXELS, PIXELS), np.float32)
    for row in (top, top + 1):
        for column in (left, left + 1):
            inside = (row >= 0) & (row < SIDE) & (column >= 0) & (column < SIDE)
            weight = (1 - np.abs(from_y - row)) * (1 - np.abs(from_x - column))
            matrix[(row * SIDE + column)[inside], np.flatnonzero(inside)] = weight[inside]
    return matrix


def random_transformation(generator: np.random.Generator, reach: Reach) -> NDArray[np.float32]:
    """Return a transformation within reach, each of its changes drawn uniformly."""
    down, right, angle, scale = generator.uniform(-1, 1, 4)
    return transformation(
        down * reach.shift, right * reach.shift, angle * reach.rotation, float(np.exp(scale * np.log1p(reach.scale)))
    )
