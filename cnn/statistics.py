"""Kept state: statistics of training images that layers, such as batch normalisation, read other images by."""

import numpy as np

from cnn.architecture import images_together
from cnn.layers.base import Context
from cnn.model import Model
from cnn.network import IMAGES_PER_PASS
from system.arrays import Array
from system.threads import single_threaded_blas

# docs/layer-kinds.md has what fewer and more gave.
SAMPLE = 4096  # images


def estimate_state(model: Model, images: Array) -> None:
    """Set what a model keeps to the statistics of a sample of training images (N, 28, 28); nothing where it keeps none.

    They belong to certain parameters: those of other parameters, of a running mean say, are other ones. So they are not
    followed during training, but taken when the parameters are there. Each layer sees what the one before makes of
    groups of as many images as in training, with nothing left out by dropout.
    """
    if not model.state.size:
        return
    together = images_together(model.specs)
    network = model.network(max(IMAGES_PER_PASS, together))
    # Groups of one class, where the images are in order, would have other statistics.
    chosen = np.random.default_rng(0).permutation(len(images))[:SAMPLE]
    total, seen = np.zeros(len(model.state)), np.empty_like(model.state)
    size = network.images // together * together
    with single_threaded_blas(), np.errstate(over="ignore", invalid="ignore"):
        for first in range(0, len(chosen), size):
            part = images[np.sort(chosen[first : first + size])]
            bounds = (*range(0, len(part), together), len(part))
            network.forward(part, Context(training=True, bounds=bounds))
            network.observe(seen)
            total += len(part) * seen.astype(np.float64)
    model.state[...] = total / len(chosen)
