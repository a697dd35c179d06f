"""Diverse images: several that excite one channel, each in another way."""

from dataclasses import dataclass, replace

import numpy as np

from cnn.model import Model
from feature_visualize.activations import after_relu
from feature_visualize.ascent import SETTINGS, Settings, ascend
from feature_visualize.channel_images import ChannelImage, Image
from feature_visualize.objectives import Objectives, channel_means, mean_weights, scales_of
from feature_visualize.prior import Prior
from system.arrays import Array
from system.steps import Steps

IMAGES = 4
# Of the highest objective among test digits. Half of it left images of convolutions much alike; more brings nothing,
# as images then have given way as far as they may.
APART = 2.0


@dataclass(frozen=True)
class DiverseImages:
    """Images (4, 28, 28) that excite a channel, with what they excite it to, (4,), as in `ChannelImage`."""

    channel_image: ChannelImage
    images: Image
    activations: Array


def make_diverse_images(
    model: Model, channel_image: ChannelImage, prior: Prior, seed: int, settings: Settings = SETTINGS
) -> Steps[DiverseImages]:
    """Return images that excite a living channel and are kept apart in the layer; yield the steps done."""
    layer, channel = channel_image.layer, channel_image.channel
    weights = np.repeat(mean_weights(model, layer, channel)[np.newaxis], IMAGES, axis=0)
    scales = scales_of(np.full(IMAGES, channel_image.highest))
    objectives = Objectives(weights, scales, apart=APART)
    looser = replace(settings, prior=settings.prior / 3)  # which leaves room to differ in
    images, output = yield from ascend(model, layer, objectives, prior, np.random.default_rng(seed), looser)
    means = after_relu(output, model.layer(layer).rectified).mean(axis=2)
    return DiverseImages(channel_image, images, channel_means(means, channel))
