"""What the page shows of channels: images that excite each most and least, and the test images that do."""

from collections.abc import Generator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from cnn.model import Model
from feature_visualize.activations import Responses, responses
from feature_visualize.ascent import Settings, ascend
from feature_visualize.channel_images import ChannelImage, make_channel_images
from feature_visualize.objectives import Objectives, mean_weights, scales_of
from feature_visualize.prior import Prior, fit_prior
from routines.events import Event, Stop, staged
from routines.visualize_steps import collect
from system.arrays import Array
from system.steps import Steps, between

EXAMPLES = 9
# How many times fewer steps are made: for hidden units of fully connected layers, of which there are most, and for what
# excites a channel least. With a quarter, pictures of the largest model's units excite these 0.75 times as much, and
# 1.3 times as much as the strongest test digit does.
UNITS_SHORTER, LEAST_SHORTER = 4, 2
AT_ONCE = 32


@dataclass(frozen=True)
class LayerPictures:
    """Of each of n channels of a layer.

    most, least: (n, 28, 28) uint8. reached, lowest: (n,), what they excite the channel to: its mean after ReLU, and
    before it; logits, for the last layer. dead: (n,) bool; nothing excites it, and its images are black.
    examples: (n, 9) indices of the test images that excite it most, and excited: (n, 9), how much.
    """

    most: NDArray[np.uint8]
    least: NDArray[np.uint8]
    reached: Array
    lowest: Array
    dead: Array
    examples: NDArray[np.intp]
    excited: Array


def picture_sources(model: Model) -> tuple[int, ...]:
    """Return, for each layer, the layer whose pictures are shown for its channels, by number; 0 for none.

    Its own, where it has parameters; or of the batch normalisation behind it, as a channel looks for what gets through
    the ReLU. Pooling and dropout pass on channels of a layer before.
    """
    sources, with_parameters = [0], model.arrays()
    for layer in model.layers:
        if layer.number in with_parameters:
            sources.append(layer.number if layer.rectified or layer.is_output else layer.number + 1)
        else:
            sources.append(sources[-1])
    return tuple(sources[1:])


def make_pictures(
    model: Model, images: NDArray[np.uint8], settings: Settings, stop: Stop
) -> Generator[Event, None, dict[int, LayerPictures]]:
    """Make the pictures of every layer that has its own, by number.

    images: test images (N, 28, 28). It yields events, and is interrupted by the flag.
    """
    numbers = sorted(set(picture_sources(model)) - {0})
    reading = _read_all(model, numbers, images)
    responded = yield from staged("Reading test images", len(numbers) * len(images), "images", reading, stop)
    counts = [model.layer(number).channels for number in numbers]
    pictures, prior = {}, fit_prior(images)

    def make_all() -> Steps[None]:
        done = 0
        for number, count in zip(numbers, counts, strict=True):
            making = _make_layer(model, number, responded[number], prior, settings)
            pictures[number] = yield from between(done, done + 2 * count, making)
            done += 2 * count

    yield from staged("Feature visualization", 2 * sum(counts), "pictures", make_all(), stop)
    return pictures


def _read_all(model: Model, numbers: Sequence[int], images: NDArray[np.uint8]) -> Steps[dict[int, Responses]]:
    network, found = model.network(), {}
    for place, number in enumerate(numbers):
        reading = responses(model, number, images, network)
        found[number] = yield from between(place * len(images), (place + 1) * len(images), reading, len(images))
    return found


def _make_layer(model: Model, number: int, digits: Responses, prior: Prior, settings: Settings) -> Steps[LayerPictures]:
    """Make the pictures of a layer; yield the share that is done."""
    info = model.layer(number)
    count = info.channels
    if len(info.shape) == 1 and not info.is_output:
        settings = _shorter(settings, UNITS_SHORTER)
    made: list[ChannelImage] = []
    images = make_channel_images(model, number, range(count), digits, prior, 0, settings, AT_ONCE)
    yield from between(0, 0.5, collect(images, made), count)
    made.sort(key=lambda each: each.channel)
    least, lowest = yield from between(
        0.5, 1, _make_least(model, number, digits, prior, _shorter(settings, LEAST_SHORTER))
    )
    examples = np.argsort(-digits.means, axis=0, kind="stable")[:EXAMPLES].T
    return LayerPictures(
        np.stack([each.image for each in made]),
        least,
        np.array([each.activation for each in made]),
        lowest,
        digits.dead,
        examples,
        np.take_along_axis(digits.means.T, examples, axis=1),
    )


def _shorter(settings: Settings, times: int) -> Settings:
    return replace(settings, steps=max(1, settings.steps // times))


def _make_least(
    model: Model, number: int, digits: Responses, prior: Prior, settings: Settings
) -> Steps[tuple[NDArray[np.uint8], Array]]:
    """Return what excites each channel least, (n, 28, 28), and how much, (n,), before ReLU; of dead ones, nothing."""
    count = model.layer(number).channels
    images, lowest = np.zeros((count, 28, 28), np.uint8), np.zeros(count)
    living = np.flatnonzero(~digits.dead)
    for first in range(0, len(living), AT_ONCE):
        group = living[first : first + AT_ONCE]
        weights = np.stack([mean_weights(model, number, int(channel)) for channel in group])
        objectives = Objectives(weights, scales_of(digits.highest[group]), least=True)
        climb = ascend(model, number, objectives, prior, np.random.default_rng(0), settings)
        ends = first / len(living), min(first + AT_ONCE, len(living)) / len(living)
        images[group], output = yield from between(*ends, climb, settings.steps)
        lowest[group] = (output * weights).reshape(len(group), -1).sum(axis=1)
    return images, lowest
