"""Channel reports: what stands beside a channel image, its opposite, its receptive field, and test digits."""

from dataclasses import dataclass, replace

import numpy as np

from cnn.model import Model
from feature_visualize.activations import Responses, after_relu
from feature_visualize.ascent import SETTINGS, Settings, ascend
from feature_visualize.channel_images import ChannelImage, Image
from feature_visualize.objectives import WHOLE_LAYER, Objectives, channel_means, mean_weights, scales_of
from feature_visualize.prior import Prior
from feature_visualize.receptive_field import receptive_field
from feature_visualize.transformations import SIDE
from system.arrays import Array
from system.steps import Steps, between

EXAMPLES = 9


@dataclass(frozen=True)
class ChannelReport:
    """A channel image and what stands beside it.

    field: the receptive field's part of the image that excites the unit in the middle of the map most, for a layer of
        maps; its activation is `field_activation`.
    least: the image that excites the channel least; `least_activation` is before ReLU.
    examples: the test digits, (9, 28, 28), that excite the channel most, with their activations (9,).
    filter: (rows, columns) of weights, for a convolution of the image itself.
    """

    channel_image: ChannelImage
    least: Image
    least_activation: float
    examples: Image
    example_activations: Array
    field: Image | None = None
    field_activation: float = 0
    filter: Array | None = None


def make_report(
    model: Model,
    channel_image: ChannelImage,
    digits: Responses,
    images: Image,
    prior: Prior,
    seed: int,
    settings: Settings = SETTINGS,
) -> Steps[ChannelReport]:
    """Return what stands beside the image of a living channel; yield the share of the work that is done, to 1.

    images: the test digits of `digits`, (N, 28, 28).
    """
    layer, channel = channel_image.layer, channel_image.channel
    has_field = len(model.layer(layer).shape) > 1 and channel != WHOLE_LAYER
    weights = mean_weights(model, layer, channel)[np.newaxis]
    objectives = Objectives(weights, scales_of(np.array([channel_image.highest])), least=True)
    climb = ascend(model, layer, objectives, prior, np.random.default_rng(seed), settings)
    least, output = yield from between(0, 0.5 if has_field else 1, climb, settings.steps)
    examples = np.argsort(-channel_means(digits.means, channel), kind="stable")[:EXAMPLES]
    report = ChannelReport(
        channel_image,
        least[0],
        float((output * weights).sum()),
        images[examples],
        channel_means(digits.means, channel)[examples],
    )
    if not has_field:
        return report
    field, activation = yield from between(
        0.5, 1, _make_field(model, layer, channel, digits.peaks[channel], prior, seed, settings), settings.steps
    )
    filters = first_filters(model) if layer == 1 else None
    return replace(
        report,
        field=field,
        field_activation=activation,
        filter=None if filters is None else filters[channel].copy(),
    )


def first_filters(model: Model) -> Array | None:
    """Return the filters (channels, rows, columns) that the first layer lays on the image; None where it has none."""
    weight = model.arrays().get(1, {}).get("weight")
    return None if weight is None or weight.ndim != 4 else weight[:, 0]


def _make_field(
    model: Model, layer: int, channel: int, peak: float, prior: Prior, seed: int, settings: Settings
) -> Steps[tuple[Image, float]]:
    """Return what excites the unit in the middle of a map most, where it sees it, and how much; yield the steps done.

    peak: the highest activation of a unit of the map, of any test digit.
    """
    shape = model.layer(layer).shape
    row = shape[1] // 2
    seen = receptive_field(model.specs, layer, row)
    centre = np.zeros((1, *shape), np.float32)
    centre[0, channel, row, row] = 1
    # What is a small change to the image is a large one to a small field.
    near = replace(settings, reach=settings.reach.times((seen.stop - seen.start) / SIDE))
    objectives = Objectives(centre, scales_of(np.array([peak], np.float32)))
    image, output = yield from ascend(model, layer, objectives, prior, np.random.default_rng(seed), near)
    reached = after_relu(output, model.layer(layer).rectified).reshape(output.shape)
    return image[0, seen, seen], float(reached[0, channel, row, row])
