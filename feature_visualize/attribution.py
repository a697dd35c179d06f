"""Which pixels of an image spoke for one digit and against another."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cnn.network import Network
from system.arrays import Array
from system.threads import single_threaded_blas

# Midpoints of so many steps kept the sum within 1% of the difference of the logits for shipped models.
STEPS = 1024
SQUARE = 5  # pixels; a stroke is 2 to 4 wide


@dataclass(frozen=True)
class Reasons:
    """Why an image is read as `digit` rather than as `other`, the second most probable.

    probabilities: of both. margin: by how much the logit of the first exceeds the second's; blank: the same of a blank
        image.
    gradients: (28, 28), what each pixel adds to the margin, by integrated gradients; the sum is `margin - blank`.
    erased: (28, 28), how much the margin falls where paper covers the image. added: how much it rises where ink does.
    """

    digit: int
    other: int
    probabilities: tuple[float, float]
    margin: float
    blank: float
    gradients: Array
    erased: Array
    added: Array


def find_reasons(network: Network, image: NDArray[np.uint8]) -> Reasons:
    """Find why an image (28, 28), 0 to 255, is read as it is."""
    bright = image.astype(np.float32) / 255
    (probabilities,) = network.model.probabilities(image)
    digit, other = (int(each) for each in np.argsort(-probabilities, kind="stable")[:2])
    above, blank = margin(network, np.stack([bright, np.zeros_like(bright)]), digit, other)
    return Reasons(
        digit,
        other,
        (float(probabilities[digit]), float(probabilities[other])),
        float(above),
        float(blank),
        integrated_gradients(network, bright, digit, other),
        occlusion(network, bright, digit, other, size=SQUARE, brightness=0),
        -occlusion(network, bright, digit, other, size=SQUARE, brightness=1),
    )


def margin(network: Network, images: Array, digit: int, other: int) -> Array:
    """Return by how much the logit of one digit exceeds another's, (n,), for n images as in `Network.forward`."""
    differences = np.empty(len(images), np.float32)
    with single_threaded_blas():
        for first in range(0, len(images), network.images):
            part = slice(first, first + network.images)
            logits = network.forward(images[part])
            differences[part] = logits[digit] - logits[other]
    return differences


def integrated_gradients(network: Network, image: Array, digit: int, other: int, steps: int = STEPS) -> Array:
    """Return what each pixel adds to the margin of a digit over another, (28, 28); below 0 for the other.

    image: (28, 28), floats from 0 to 1. The sum is the margin of the image less that of a blank one.
    Source: Sundararajan, Taly & Yan, ICML 2017 (arXiv 1703.01365), with the midpoint rule.
    """
    upstream = np.zeros((network.model.classes, network.images), np.float32)
    upstream[digit], upstream[other] = 1, -1

    def gradient(images: Array) -> Array:
        network.forward(images)
        return network.input_gradient(upstream[:, : len(images)])

    return _integrate(gradient, image, steps, network.images)


def unit_attribution(network: Network, image: Array, layer: int, unit: int, steps: int = STEPS) -> Array:
    """Return what each pixel adds to the activation of a unit of a fully connected layer, (28, 28).

    image: (28, 28), floats from 0 to 1. The sum is the activation after ReLU, or the logit, by the image less that by a
    blank one.
    """
    rectified = network.model.layer(layer).rectified

    def gradient(images: Array) -> Array:
        output = network.forward_to(images, layer)
        upstream = np.zeros(output.shape, np.float32)
        upstream[:, unit] = (output[:, unit] > 0) | (not rectified)
        return network.input_gradient_from(layer, upstream)

    return _integrate(gradient, image, steps, network.images)


def over_squares(values: Array, size: int) -> Array:
    """Return the sums of values (28, 28) over squares of `size` pixels, as `occlusion` has them: a mean for each pixel.

    What a square of pixels adds can be compared with what covering it takes away.
    """
    rows, columns = (length - size + 1 for length in values.shape)
    sums, squares = np.zeros(values.shape), np.zeros(values.shape)
    for row in range(rows):
        for column in range(columns):
            place = slice(row, row + size), slice(column, column + size)
            sums[place] += values[place].sum()
            squares[place] += 1
    return sums / squares


def _integrate(gradient: Callable[[Array], Array], image: Array, steps: int, at_once: int) -> Array:
    """Return the image times the mean gradient on the way to it from a blank one, (28, 28)."""
    total = np.zeros(image.shape)
    shares = (np.arange(steps) + 0.5) / steps
    with single_threaded_blas():
        for first in range(0, steps, at_once):
            part = shares[first : first + at_once, np.newaxis, np.newaxis] * image
            total += gradient(part.astype(np.float32)).sum(axis=0)
    attribution: Array = image * total / steps
    return attribution


def occlusion(network: Network, image: Array, digit: int, other: int, *, size: int, brightness: float) -> Array:
    """Return how much the margin of a digit over another falls where the image is covered, (28, 28).

    image: (28, 28), floats from 0 to 1. A square of `size` pixels and one brightness, 0 for paper and 1 for ink, covers
    the image at every place; each pixel has the mean of the squares over it.
    Source: Zeiler & Fergus, ECCV 2014 (arXiv 1311.2901).
    """
    rows, columns = (length - size + 1 for length in image.shape)
    covered = np.tile(image.astype(np.float32), (rows * columns, 1, 1))
    places = [
        (slice(row, row + size), slice(column, column + size)) for row in range(rows) for column in range(columns)
    ]
    for each, place in zip(covered, places, strict=True):
        each[place] = brightness
    margins = margin(network, np.concatenate([image[np.newaxis].astype(np.float32), covered]), digit, other)
    falls, squares = np.zeros(image.shape), np.zeros(image.shape)
    for fall, place in zip(margins[0] - margins[1:], places, strict=True):
        falls[place] += fall
        squares[place] += 1
    return falls / squares
