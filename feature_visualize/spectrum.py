"""The spectrum of a channel: test digits from those that excite it least, over those between, to the most."""

from dataclasses import dataclass

import numpy as np

from feature_visualize.activations import Responses
from feature_visualize.channel_images import Image
from feature_visualize.objectives import channel_means
from system.arrays import Array

LEVELS, DIGITS = 7, 3


@dataclass(frozen=True)
class Spectrum:
    """What N test digits excite a channel to, and some of them.

    values: (N,), means, graded where nothing fires; the logits, in the last layer.
    levels: (7,), from the lowest to the highest value, in equal steps.
    examples: (7, 3, 28, 28), the digits nearest to each level, with their values (7, 3).
    """

    values: Array
    levels: Array
    examples: Image
    example_values: Array


def find_spectrum(digits: Responses, channel: int, images: Image) -> Spectrum:
    """Find the spectrum of a channel, from 0, or of WHOLE_LAYER.

    images: the test digits of `digits`, (N, 28, 28).
    """
    values = channel_means(digits.graded, channel)
    levels = np.linspace(values.min(), values.max(), LEVELS)
    nearest = np.stack([np.argsort(np.abs(values - level), kind="stable")[:DIGITS] for level in levels])
    return Spectrum(values, levels, images[nearest], values[nearest])
