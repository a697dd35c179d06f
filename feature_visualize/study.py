"""Studies: what stands beside a portrait, its opposite, its receptive field, and test digits."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from cnn import Array
from cnn.architecture import Convolution, output_shapes
from cnn.network import Network
from feature_visualize.activations import Responses
from feature_visualize.ascent import SETTINGS, Settings, ascend
from feature_visualize.portraits import Image, Portrait
from feature_visualize.receptive_field import receptive_field
from feature_visualize.targets import WHOLE_LAYER, Targets, channel_means, mean_weights, scales_of
from feature_visualize.transformations import SIDE

EXAMPLES = 9


@dataclass(frozen=True)
class Study:
    """A portrait and what stands beside it.

    field: the receptive field's part of the image that excites the unit in the middle of the map most, for a layer of
        maps; its activation is `field_activation`.
    least: the image that excites the channel least; `least_activation` is before ReLU.
    examples: the test digits, (9, 28, 28), that excite the channel most, with their activations (9,).
    filter: (rows, columns) of weights, for a convolution of the image itself.
    """

    portrait: Portrait
    least: Image
    least_activation: float
    examples: Image
    example_activations: Array
    field: Image | None = None
    field_activation: float = 0
    filter: Array | None = None


def make_study(
    network: Network,
    portrait: Portrait,
    digits: Responses,
    images: Image,
    seed: int,
    settings: Settings = SETTINGS,
    progress: Callable[[float], None] = lambda share: None,
) -> Study:
    """What stands beside a living portrait; `images` are the test digits, (N, 28, 28), of `digits`.

    progress: told the share of the work that is done, after each step; it may raise to stop.
    """
    halves = [lambda step, done=done: progress(done + step / settings.steps / 2) for done in (0, 0.5)]
    layer, channel = portrait.layer, portrait.channel
    scales = scales_of(np.array([portrait.highest]))
    weights = mean_weights(network, layer, channel)[np.newaxis]
    least = ascend(network, layer, Targets(weights, scales, True), np.random.default_rng(seed), settings, halves[0])
    examples = np.argsort(-channel_means(digits.means, channel), kind="stable")[:EXAMPLES]
    study = Study(
        portrait,
        least[0],
        float((network.forward_to(least, layer)[0] * weights[0]).sum()),
        images[examples],
        channel_means(digits.means, channel)[examples],
    )
    shape = output_shapes(network.specs)[layer - 1]
    if len(shape) == 1 or channel == WHOLE_LAYER:
        return study
    row = shape[1] // 2
    seen = receptive_field(network.specs, layer, row)
    centre = np.zeros((1, *shape), np.float32)
    centre[0, channel, row, row] = 1
    # What is a small change to the image is a large one to a small field.
    near = replace(settings, reach=settings.reach.times((seen.stop - seen.start) / SIDE))
    targets = Targets(centre, scales_of(digits.peaks[[channel]]))
    generator = np.random.default_rng(seed)
    (image,) = ascend(network, layer, targets, generator, near, halves[1])
    activation = float(np.maximum(network.forward_to(image[np.newaxis], layer)[0, channel, row, row], 0))
    is_first = layer == 1 and isinstance(network.specs[0], Convolution)
    weight = network.layer_parameters()[1][0][channel, 0].copy() if is_first else None
    return replace(study, field=image[seen, seen], field_activation=activation, filter=weight)
