"""Where in an image a channel fires."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cnn.network import Network
from feature_visualize.attribution import over_squares, unit_attribution
from feature_visualize.receptive_field import map_edges, receptive_field
from system.arrays import Array

STEPS = 256  # of integrated gradients: enough to look at
SQUARE = 3  # pixels of a side: single ones differ too much from their neighbours to be seen


@dataclass(frozen=True)
class Firing:
    """Where in an image (28, 28) a channel fires.

    values: (rows, columns), the channel's map, after ReLU; for a unit, which sees the whole image, what squares of
        pixels add to its activation, (28, 28), by integrated gradients, below 0 for what they take away.
    edges: between which rows, and columns, of the image the values lie, from -0.5 to 27.5.
    seen: rows and columns of the image that the strongest unit of a map sees; None for a unit.
    """

    values: Array
    edges: tuple[float, float]
    seen: tuple[slice, slice] | None = None


def find_firing(network: Network, image: NDArray[np.uint8], layer: int, channel: int) -> Firing:
    """Find where in an image (28, 28), 0 to 255, a channel fires, from 0."""
    model = network.model
    if len(model.layer(layer).shape) == 1:
        bright = image.astype(np.float32) / 255
        values = over_squares(unit_attribution(network, bright, layer, channel, STEPS), SQUARE)
        return Firing(values, (-0.5, len(image) - 0.5))
    values = model.activations(image, layer)[0, channel]
    row, column = divmod(int(values.argmax()), values.shape[1])
    seen = receptive_field(model.specs, layer, row), receptive_field(model.specs, layer, column)
    return Firing(values, map_edges(model.specs, layer), seen)
