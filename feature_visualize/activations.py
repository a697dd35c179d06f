"""How strongly images excite the channels of a layer."""

from collections.abc import Callable
from dataclasses import dataclass
from math import prod

import numpy as np

from cnn import Array
from cnn.architecture import output_shapes
from cnn.blas import single_threaded_blas
from cnn.network import Network


@dataclass(frozen=True)
class Responses:
    """What the channels of a layer make of N images.

    means: (N, channels), the mean over each map after ReLU; a unit is a map of one; the logits, for the last layer.
    peaks: (channels,), the highest single number of each channel.
    """

    means: Array
    peaks: Array

    @property
    def highest(self) -> Array:
        """The highest mean of each channel, (channels,)."""
        highest: Array = self.means.max(axis=0)
        return highest

    @property
    def dead(self) -> Array:
        """Which channels no image excites, (channels,) bool."""
        dead: Array = self.peaks == 0
        return dead


def channel_count(network: Network, layer: int) -> int:
    """How many channels, or units, a layer has."""
    return output_shapes(network.specs)[layer - 1][0]


def responses(
    network: Network, layer: int, images: Array, progress: Callable[[int], None] = lambda images: None
) -> Responses:
    """The responses of a layer to any number of images (N, 28, 28), uint8, or floats from 0 to 1.

    progress: told the number of images done after each pass; it may raise to stop.
    """
    is_last = layer == len(network.specs)
    channels = channel_count(network, layer)
    means = np.empty((len(images), channels), np.float32)
    peaks = np.full(channels, -np.inf, np.float32)
    # With two threads, products of so few images wait for one another: on a busy machine a hundred times as long.
    with single_threaded_blas():
        for first in range(0, len(images), network.images):
            output = network.forward_to(images[first : first + network.images], layer)
            values = output if is_last else np.maximum(output, 0)
            flat = values.reshape(len(values), channels, prod(values.shape[2:]))
            means[first : first + len(values)] = flat.mean(axis=2)
            np.maximum(peaks, flat.max(axis=(0, 2)), out=peaks)
            progress(first + len(values))
    return Responses(means, peaks)
