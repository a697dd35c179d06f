"""How strongly images excite the channels of a layer."""

from dataclasses import dataclass
from math import prod

import numpy as np

from cnn.model import Model
from cnn.network import IMAGES_PER_PASS, Network
from system.arrays import Array
from system.steps import Steps
from system.threads import single_threaded_blas


@dataclass(frozen=True)
class Responses:
    """What the channels of a layer make of N images.

    means: (N, channels), the mean over each map, after ReLU where one follows; a unit is a map of one; the logits, for
        the last layer.
    graded: (N, channels), the same, but of a unit what it computes before ReLU, which grades what does not excite it.
    peaks: (channels,), the highest single number of each channel.
    """

    means: Array
    graded: Array
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


def after_relu(output: Array, rectified: bool) -> Array:
    """Return what a layer's output before its ReLU, (n, channels, ...), is after it, as (n, channels, units of a map).

    rectified: whether it has one, as `Model.layer` says.
    """
    values: Array = np.maximum(output, 0) if rectified else output
    return values.reshape(*output.shape[:2], prod(output.shape[2:]))


def image_means(model: Model, layer: int, image: Array) -> Array:
    """Return the mean response of each channel of a layer to one image (28, 28), (channels,), as in `Responses`."""
    info = model.layer(layer)
    output = model.logits(image) if info.is_output else model.activations(image, layer)
    means: Array = after_relu(output, info.rectified)[0].mean(axis=1)
    return means


def responses(model: Model, layer: int, images: Array, network: Network | None = None) -> Steps[Responses]:
    """Return the responses of a layer to any number of images (N, 28, 28), uint8, or floats from 0 to 1.

    It yields the number of images done. network: one of the model to read with, where there is one already.

    Raises:
        LayerError: for a layer that the model does not have.
    """
    info = model.layer(layer)
    network = network or model.network(max(1, min(IMAGES_PER_PASS, len(images))))
    means, graded = (np.empty((len(images), info.channels), np.float32) for _ in range(2))
    peaks = np.full(info.channels, -np.inf, np.float32)
    for first in range(0, len(images), network.images):
        # With two threads, products of so few images wait for one another: on a busy machine a hundred times as long.
        with single_threaded_blas():
            output = network.forward_to(images[first : first + network.images], layer)
            part = slice(first, first + len(output))
            values = after_relu(output, info.rectified)
            means[part] = values.mean(axis=2)
            graded[part] = output if output.ndim == 2 else means[part]
            np.maximum(peaks, values.max(axis=(0, 2)), out=peaks)
        yield first + len(values)
    return Responses(means, graded, peaks)
