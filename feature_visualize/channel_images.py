"""Channel images: for channels of a layer, the image that excites each most, and how much."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from cnn.model import Model
from feature_visualize.activations import Responses, after_relu
from feature_visualize.ascent import SETTINGS, Settings, ascend
from feature_visualize.objectives import WHOLE_LAYER, Objectives, channel_means, mean_weights, scales_of
from feature_visualize.prior import Prior
from feature_visualize.transformations import SIDE
from system.errors import UserError
from system.steps import Steps, between

# A climb can end on a low hill, as 1 of 16 channels of a layer did; other noise leads elsewhere.
ATTEMPTS = 3

Image = NDArray[np.uint8]


class ChannelError(UserError):
    """A channel that a layer does not have."""


@dataclass(frozen=True)
class ChannelImage:
    """The image (28, 28) that excites a channel most.

    channel: from 0, or WHOLE_LAYER.
    activation: the mean over the channel's map that the image reaches, after ReLU where one follows; the logit, for the
        last layer.
    highest: the highest of any test digit.
    dead: no test digit excites the channel; the image is then black.
    """

    layer: int
    channel: int
    image: Image
    activation: float
    highest: float
    dead: bool = False


def check_channel(model: Model, layer: int, channel: int) -> None:
    """Check that a layer has a channel, by its number from 0, or that WHOLE_LAYER is meant.

    Raises:
        LayerError: for a layer that the model does not have; ChannelError: for such a channel.
    """
    last = model.layer(layer).channels - 1
    if not WHOLE_LAYER <= channel <= last:
        raise ChannelError(
            f"Channels of layer {layer} are numbered from 0 to {last}, and {WHOLE_LAYER} is the layer as a whole: "
            f"{channel} was given. Choose another."
        )


def make_channel_images(
    model: Model,
    layer: int,
    channels: Sequence[int],
    digits: Responses,
    prior: Prior,
    seed: int,
    settings: Settings = SETTINGS,
    at_once: int = 16,
) -> Iterator[float | list[ChannelImage]]:
    """Make the images of channels (each from 0, or WHOLE_LAYER), in groups of up to `at_once`.

    It yields the number of channels done, in fractions, after each step, and each group as soon as it is finished: the
    dead channels first. What does not excite its channel more than any test digit is tried again from other noise, and
    at a tenth of the prices: they stood in the way.

    digits: the layer's responses to the test digits. prior: of what images are to look like.

    Raises:
        LayerError: for a layer that the model does not have.
    """
    dead = [channel for channel in channels if (digits.dead.all() if channel == WHOLE_LAYER else digits.dead[channel])]
    living = [channel for channel in channels if channel not in dead]
    black = np.zeros((SIDE, SIDE), np.uint8)
    if dead:
        yield [ChannelImage(layer, channel, black, 0, 0, dead=True) for channel in dead]
    for first in range(0, len(living), at_once):
        group = living[first : first + at_once]
        start = len(dead) + first
        end = start + len(group)
        generator = np.random.default_rng([seed, 0])
        climb = _climb(model, layer, group, digits, prior, generator, settings)
        made = yield from between(start, end, climb, settings.steps)
        for attempt in range(1, ATTEMPTS):
            low = [place for place, each in enumerate(made) if each.activation <= each.highest]
            if not low:
                break
            generator = np.random.default_rng([seed, attempt])
            left = [made[place].channel for place in low]
            ease = 10**attempt
            looser = replace(settings, prior=settings.prior / ease, total_variation=settings.total_variation / ease)
            climb = _climb(model, layer, left, digits, prior, generator, looser)
            again = yield from between(end, end, climb, settings.steps)
            for place, other in zip(low, again, strict=True):
                made[place] = max(made[place], other, key=lambda each: each.activation)
        yield made


def _climb(
    model: Model,
    layer: int,
    channels: Sequence[int],
    digits: Responses,
    prior: Prior,
    generator: np.random.Generator,
    settings: Settings,
) -> Steps[list[ChannelImage]]:
    """Return the images of living channels, from one climb, and yield its steps."""
    highest = np.array([channel_means(digits.means, channel).max() for channel in channels])
    weights = np.stack([mean_weights(model, layer, channel) for channel in channels])
    objectives = Objectives(weights, scales_of(highest))
    images, output = yield from ascend(model, layer, objectives, prior, generator, settings)
    means = after_relu(output, model.layer(layer).rectified).mean(axis=2)
    return [
        ChannelImage(layer, channel, image, float(channel_means(mean, channel)), float(best))
        for channel, image, mean, best in zip(channels, images, means, highest, strict=True)
    ]
