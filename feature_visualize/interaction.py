"""Interaction: two channels of a layer, each alone and both in one image."""

from dataclasses import dataclass

import numpy as np

from cnn.model import Model
from feature_visualize.activations import Responses, after_relu
from feature_visualize.ascent import SETTINGS, Settings, ascend
from feature_visualize.channel_images import ChannelImage, Image
from feature_visualize.objectives import Objectives, mean_weights, scales_of
from feature_visualize.prior import Prior
from system.arrays import Array
from system.steps import Steps


@dataclass(frozen=True)
class Interaction:
    """A channel with another of its layer.

    correlation: of what both make of test digits, graded, from -1 to 1.
    images: (3, 28, 28), what excites the first most, both, and the other.
    activations: (3, 2), what each image excites the two to, as in `ChannelImage`.
    """

    channel: int
    other: int
    correlation: float
    images: Image
    activations: Array


def find_partners(digits: Responses, channel: int) -> list[tuple[int, float]]:
    """Find which living channel goes with one most often among test digits, and which least, with correlations.

    Fewer than two, where so many others live.
    """
    others = [other for other in np.flatnonzero(~digits.dead) if other != channel]
    values = digits.graded - digits.graded.mean(axis=0)
    lengths = np.maximum(np.linalg.norm(values, axis=0), 1e-9)
    correlations = values[:, channel] @ values / (lengths[channel] * lengths)
    others.sort(key=lambda other: -correlations[other])
    chosen = [others[0], others[-1]] if len(others) > 1 else others
    return [(int(other), float(correlations[other])) for other in chosen]


def make_interactions(
    model: Model,
    channel_image: ChannelImage,
    digits: Responses,
    prior: Prior,
    seed: int,
    settings: Settings = SETTINGS,
) -> Steps[list[Interaction]]:
    """Return a living channel with each of its partners; yield the steps done."""
    layer, channel = channel_image.layer, channel_image.channel
    partners = find_partners(digits, channel)
    if not partners:
        return []
    # In units of what test digits reach, so that both count as much.
    relative = {
        each: mean_weights(model, layer, each) / scales_of(digits.highest[each])
        for each in (channel, *(other for other, _ in partners))
    }
    weights = [each for other, _ in partners for each in (relative[channel] + relative[other], relative[other])]
    objectives = Objectives(np.stack(weights), np.ones(len(weights)))
    climb = ascend(model, layer, objectives, prior, np.random.default_rng([seed, 0]), settings)
    made, output = yield from climb
    images = np.concatenate([channel_image.image[np.newaxis], made])
    rectified = model.layer(layer).rectified
    alone = model.network(1).forward_to(images[:1], layer)
    means = after_relu(np.concatenate([alone, output]), rectified).mean(axis=2)
    interactions = []
    for place, (other, correlation) in enumerate(partners):
        shown = [0, 1 + 2 * place, 2 + 2 * place]
        activations = means[np.ix_(shown, [channel, other])]
        interactions.append(Interaction(channel, other, correlation, images[shown], activations))
    return interactions
