"""Gradient ascent on the input: images that excite something in a layer as much as an image can."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cnn.model import Model
from cnn.network import Network
from cnn.optimizer import Adam
from feature_visualize.diversity import image_gradient
from feature_visualize.objectives import Objectives
from feature_visualize.prior import Prior
from feature_visualize.receptive_field import seen_share
from feature_visualize.transformations import PIXELS, REACH, SIDE, Reach, random_transformation
from system.arrays import Array
from system.steps import Steps
from system.threads import single_threaded_blas


@dataclass(frozen=True)
class Settings:
    """How images are made; the defaults were chosen by benchmarks/visualization.py.

    noise: standard deviation of the first image, in logits of brightness around 0.5; enough of it makes something fire
        everywhere, from which the rest grows.
    prior, total_variation: what a unit of the negative log-likelihood of an image, and a step of 1 between neighbours,
        cost, in units of the highest objective among test digits. The first keeps images near handwriting, and dark
        what excites nothing; it costs the share of it that a unit sees of the image, as what sees an edge knows nothing
        of digits. The second keeps noise out.
    """

    steps: int = 256
    learning_rate: float = 0.2
    noise: float = 1.0
    reach: Reach = REACH
    prior: float = 0.001
    total_variation: float = 0.0022


SETTINGS = Settings()


def ascend(
    model: Model,
    layer: int,
    objectives: Objectives,
    prior: Prior,
    generator: np.random.Generator,
    settings: Settings = SETTINGS,
) -> Steps[tuple[NDArray[np.uint8], Array]]:
    """Return images (n, 28, 28), 0 to 255, one for each objective, and what the layer makes of them, before ReLU.

    Yields the number of steps done.

    Adam on pixels through a sigmoid, which keeps them from 0 to 1. All images start from the same noise, and meet the
    same transformation in each step, so that an image does not depend on what is made beside it; those that are to be
    apart start from noise of their own.
    Source: Olah, Mordvintsev & Schubert, Feature Visualization, Distill 2017 (10.23915/distill.00007).
    """
    count = len(objectives.weights)
    network = model.network(count)
    noise = generator.normal(0, settings.noise, (count if objectives.apart else 1, PIXELS)).astype(np.float32)
    brightness = np.array(np.broadcast_to(noise, (count, PIXELS)))  # n, pixels; as logits
    prior_price = settings.prior * seen_share(model.specs, layer)
    optimizer = Adam(brightness)
    for step in range(1, settings.steps + 1):
        # With two threads, products of so few images wait for one another: on a busy machine a hundred times as long.
        with single_threaded_blas():
            pixels = _sigmoid(brightness)
            moved = random_transformation(generator, settings.reach)
            gradient = _image_gradient(network, (pixels @ moved).reshape(-1, SIDE, SIDE), layer, objectives)
            ascent = gradient.reshape(count, PIXELS) @ moved.T
            ascent -= settings.total_variation * _total_variation_gradient(pixels)
            ascent -= prior_price * prior.gradient(pixels)
            ascent *= pixels * (1 - pixels)
            # A falling rate in the second half: the last steps settle what the transformations stir up.
            rate = settings.learning_rate * min(1, 2 * (1 - step / (settings.steps + 1)))
            optimizer.step(-ascent, rate)  # it descends
        yield step
    images: NDArray[np.uint8] = np.rint(_sigmoid(brightness) * 255).astype(np.uint8).reshape(-1, SIDE, SIDE)
    with single_threaded_blas():
        return images, network.forward_to(images, layer)


def _image_gradient(network: Network, images: Array, layer: int, objectives: Objectives) -> Array:
    """Return the gradient (n, 28, 28) of the objectives with respect to images (n, 28, 28), 0 to 1."""
    rectified = network.model.layer(layer).rectified
    output = network.forward_to(images, layer)
    # An image gives way to others only while it excites the channel more than any test digit does.
    above = (objectives.values(output, rectified) > 1).reshape(-1, 1, 1)
    gradient = network.input_gradient_from(layer, _objective_gradient(output, objectives, rectified))
    if objectives.apart:
        gradient -= objectives.apart * above * image_gradient(network, images, layer)
    return gradient


def _objective_gradient(output: Array, objectives: Objectives, rectified: bool) -> Array:
    """Return the gradient of the objectives with respect to a layer's output before ReLU, in its shape.

    Where nothing that counts fires, ReLU would leave no gradient: there what is nearest to firing is pushed. (All of it
    at once is no way out: over the map of an edge filter it cancels. Measured: 2 of 32 channels stayed dead.)
    """
    weights = objectives.weights / objectives.scales.reshape(-1, *[1] * (output.ndim - 1)).astype(np.float32)
    if objectives.least:
        return -weights
    if not rectified:
        return weights
    gradient: Array = weights * (output > 0)
    for image in np.flatnonzero(~gradient.reshape(len(output), -1).any(axis=1)):
        nearest = np.where(weights[image] > 0, output[image], -np.inf).argmax()
        gradient[image].flat[nearest] = weights[image].flat[nearest]
    return gradient


def _total_variation_gradient(pixels: Array) -> Array:
    """Return the gradient of the sum of absolute differences between neighbours, for images (n, 784)."""
    images = pixels.reshape(-1, SIDE, SIDE)
    gradient = np.zeros_like(images)
    for axis in (1, 2):
        steps = np.diff(images, axis=axis)
        # Rounded near 0, where the sign of almost nothing would jitter.
        signs = steps / np.sqrt(steps * steps + np.float32(1e-3))
        ahead = (slice(None), *[slice(None)] * (axis - 1), slice(1, None))
        behind = (slice(None), *[slice(None)] * (axis - 1), slice(None, -1))
        gradient[ahead] += signs
        gradient[behind] -= signs
    return gradient.reshape(pixels.shape)


def _sigmoid(logits: Array) -> Array:
    values: Array = 1 / (1 + np.exp(-logits))
    return values
