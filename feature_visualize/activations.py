"""How strongly images excite the channels of a layer."""

from dataclasses import dataclass
from math import prod

import numpy as np

from cnn.model import Model
from cnn.network import IMAGES_PER_PASS
from system.arrays import Array
from system.steps import Steps
from system.threads import single_threaded_blas


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


def responses(model: Model, layer: int, images: Array) -> Steps[Responses]:
    """Return the responses of a layer to any number of images (N, 28, 28), uint8, or floats from 0 to 1.

    It yields the number of images done.

    Raises:
        LayerError: for a layer that the model does not have.
    """
    info = model.layer(layer)
    network = model.network(max(1, min(IMAGES_PER_PASS, len(images))))
    means = np.empty((len(images), info.channels), np.float32)
    peaks = np.full(info.channels, -np.inf, np.float32)
    for first in range(0, len(images), network.images):
        # With two threads, products of so few images wait for one another: on a busy machine a hundred times as long.
        with single_threaded_blas():
            output = network.forward_to(images[first : first + network.images], layer)
            values = output if info.is_output else np.maximum(output, 0)
            flat = values.reshape(len(values), info.channels, prod(values.shape[2:]))
            means[first : first + len(values)] = flat.mean(axis=2)
            np.maximum(peaks, flat.max(axis=(0, 2)), out=peaks)
        yield first + len(values)
    return Responses(means, peaks)
