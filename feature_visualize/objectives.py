"""What an image is to excite: weights of a layer's output, and what counts as much."""

from dataclasses import dataclass

import numpy as np

from cnn.model import Model
from system.arrays import Array

WHOLE_LAYER = -1


@dataclass(frozen=True)
class Objectives:
    """What each of n images is to excite in a layer.

    weights: (n, channels, rows, columns) or (n, units), 0 or more, in the shape of the layer's output. The objective is
        the weighted sum of the output, after ReLU.
    scales: (n,), above 0, what counts as 1 for each objective.
    least: the negative of the weighted sum instead, before ReLU, which would end at 0.
    apart: what the similarity of an image to the others in the layer costs it, while its objective is above 1.
    """

    weights: Array
    scales: Array
    least: bool = False
    apart: float = 0

    def values(self, output: Array, rectified: bool) -> Array:
        """Return the objectives (n,), in units of their scales, of a layer's output before ReLU."""
        values = np.maximum(output, 0) if rectified else output
        sums: Array = (values * self.weights).reshape(len(values), -1).sum(axis=1) / self.scales
        return sums


def channel_means(means: Array, channel: int) -> Array:
    """Return the means (..., channels) of one channel, or of all as a whole."""
    chosen: Array = means.mean(axis=-1) if channel == WHOLE_LAYER else means[..., channel]
    return chosen


def mean_weights(model: Model, layer: int, channel: int) -> Array:
    """Return weights of a layer's output whose sum is the mean of a channel's map, or of all of them."""
    weights = np.zeros(model.layer(layer).shape, np.float32)
    part = weights if channel == WHOLE_LAYER else weights[channel : channel + 1]
    part[...] = 1 / part.size
    return weights


def scales_of(highest: Array) -> Array:
    """Return the highest objectives of the test digits as scales, above 0; a logit may be below."""
    scales: Array = np.maximum(np.abs(highest), 1e-6)
    return scales
