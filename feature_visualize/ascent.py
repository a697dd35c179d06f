"""Gradient ascent on the input: images that excite something in a layer as much as an image can."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cnn.model import Model
from cnn.optimizer import Adam
from feature_visualize.objectives import Objectives
from feature_visualize.transformations import PIXELS, REACH, SIDE, Reach, random_transformation
from system.arrays import Array
from system.steps import Steps
from system.threads import single_threaded_blas


@dataclass(frozen=True)
class Settings:
    """How images are made; the defaults were chosen by benchmarks/visualization.py.

    noise: standard deviation of the first image, in logits of brightness around 0.5; enough of it makes something fire
        everywhere, from which the rest grows.
    total_variation, brightness: what a step of 1 between neighbours, and a lit pixel, cost, in units of the highest
        objective among test digits. The first keeps noise out, the second keeps dark what excites nothing.
    """

    steps: int = 256
    learning_rate: float = 0.2
    noise: float = 1.0
    reach: Reach = REACH
    total_variation: float = 0.0008
    brightness: float = 0.0005


SETTINGS = Settings()


def ascend(
    model: Model,
    layer: int,
    objectives: Objectives,
    generator: np.random.Generator,
    settings: Settings = SETTINGS,
) -> Steps[tuple[NDArray[np.uint8], Array]]:
    """Return images (n, 28, 28), 0 to 255, one for each objective, and what the layer makes of them, before ReLU.

    Yields the number of steps done.

    Adam on pixels through a sigmoid, which keeps them from 0 to 1. All images start from the same noise, and meet the
    same transformation in each step, so that an image does not depend on what is made beside it.
    Source: Olah, Mordvintsev & Schubert, Feature Visualization, Distill 2017 (10.23915/distill.00007).
    """
    count = len(objectives.weights)
    network, rectified = model.network(count), model.layer(layer).rectified
    noise = generator.normal(0, settings.noise, PIXELS)
    brightness = np.tile(noise.astype(np.float32), (count, 1))  # n, pixels; as logits
    optimizer = Adam(brightness)
    for step in range(1, settings.steps + 1):
        # With two threads, products of so few images wait for one another: on a busy machine a hundred times as long.
        with single_threaded_blas():
            pixels = _sigmoid(brightness)
            moved = random_transformation(generator, settings.reach)
            output = network.forward_to((pixels @ moved).reshape(-1, SIDE, SIDE), layer)
            gradient = network.input_gradient_from(layer, _objective_gradient(output, objectives, rectified))
            ascent = gradient.reshape(count, PIXELS) @ moved.T
            ascent -= settings.total_variation * _total_variation_gradient(pixels) + settings.brightness
            ascent *= pixels * (1 - pixels)
            # A falling rate in the second half: the last steps settle what the transformations stir up.
            rate = settings.learning_rate * min(1, 2 * (1 - step / (settings.steps + 1)))
            optimizer.step(-ascent, rate)  # it descends
        yield step
    images: NDArray[np.uint8] = np.rint(_sigmoid(brightness) * 255).astype(np.uint8).reshape(-1, SIDE, SIDE)
    with single_threaded_blas():
        return images, network.forward_to(images, layer)


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
