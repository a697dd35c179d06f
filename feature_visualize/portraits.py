"""Portraits: for channels of a layer, the image that excites each most, and what there is to show beside it."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cnn.errors import UserError
from cnn.network import Network
from feature_visualize.activations import Responses, channel_count, responses
from feature_visualize.ascent import SETTINGS, Settings, ascend
from feature_visualize.targets import WHOLE_LAYER, Targets, channel_means, mean_weights, scales_of
from feature_visualize.transformations import SIDE

# A climb can end on a low hill, as 1 of 16 channels of a layer did; other noise leads elsewhere.
ATTEMPTS = 3

Image = NDArray[np.uint8]


class ChannelError(UserError):
    """A channel that a layer does not have."""


@dataclass(frozen=True)
class Portrait:
    """The image (28, 28) that excites a channel most.

    channel: from 0, or WHOLE_LAYER.
    activation: the mean over the channel's map that the image reaches, after ReLU; the logit, for the last layer.
    highest: the highest of any test digit.
    dead: no test digit excites the channel; the image is then black.
    """

    layer: int
    channel: int
    image: Image
    activation: float
    highest: float
    dead: bool = False


def check_channel(network: Network, layer: int, channel: int) -> None:
    """Nothing, for a channel that the layer has, or WHOLE_LAYER.

    Raises:
        ChannelError: otherwise.
    """
    last = channel_count(network, layer) - 1
    if not WHOLE_LAYER <= channel <= last:
        raise ChannelError(
            f"Channels of layer {layer} are numbered from 0 to {last}, and {WHOLE_LAYER} is the layer as a whole: "
            f"{channel} was given. Choose another."
        )


def make_portraits(
    network: Network,
    layer: int,
    channels: Sequence[int],
    digits: Responses,
    seed: int,
    settings: Settings = SETTINGS,
    progress: Callable[[float], None] = lambda channels: None,
) -> Iterator[list[Portrait]]:
    """Portraits of channels (each from 0, or WHOLE_LAYER), in groups of up to `network.images`; the dead come first.

    What does not excite its channel more than any test digit is tried again from other noise.

    digits: the layer's responses to the test digits.
    progress: told the number of channels done, in fractions, after each step; it may raise to stop.
    """
    dead = [channel for channel in channels if (digits.dead.all() if channel == WHOLE_LAYER else digits.dead[channel])]
    living = [channel for channel in channels if channel not in dead]
    black = np.zeros((SIDE, SIDE), np.uint8)
    if dead:
        yield [Portrait(layer, channel, black, 0, 0, dead=True) for channel in dead]
    for first in range(0, len(living), network.images):
        group = living[first : first + network.images]

        def show(step: int, before: int = len(dead) + first, count: int = len(group)) -> None:
            progress(before + count * step / settings.steps)

        portraits = _portray(network, layer, group, digits, np.random.default_rng([seed, 0]), settings, show)
        for attempt in range(1, ATTEMPTS):
            low = [place for place, portrait in enumerate(portraits) if portrait.activation <= portrait.highest]
            if not low:
                break
            small = Network(network.specs, len(low), parameters=network.parameters)
            generator = np.random.default_rng([seed, attempt])
            channels_left = [portraits[place].channel for place in low]
            again = _portray(
                small, layer, channels_left, digits, generator, settings, lambda step: show(settings.steps)
            )
            for place, portrait in zip(low, again, strict=True):
                portraits[place] = max(portraits[place], portrait, key=lambda each: each.activation)
        yield portraits


def _portray(
    network: Network,
    layer: int,
    channels: Sequence[int],
    digits: Responses,
    generator: np.random.Generator,
    settings: Settings,
    progress: Callable[[int], None],
) -> list[Portrait]:
    """Portraits of living channels, at most `network.images`, from one climb."""
    highest = np.array([channel_means(digits.means, channel).max() for channel in channels])
    weights = np.stack([mean_weights(network, layer, channel) for channel in channels])
    images = ascend(network, layer, Targets(weights, scales_of(highest)), generator, settings, progress)
    means = responses(network, layer, images).means
    return [
        Portrait(layer, channel, image, float(channel_means(mean, channel)), float(best))
        for channel, image, mean, best in zip(channels, images, means, highest, strict=True)
    ]
