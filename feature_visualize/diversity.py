"""Diversity: what keeps images that excite the same channel apart, in the activations of a layer."""

import numpy as np

from cnn.network import Network
from feature_visualize.activations import after_relu
from system.arrays import Array


def similarity_gradient(activations: Array) -> tuple[Array, Array]:
    """Return the similarity (n, n) of n images to one another, and the gradient (n, channels, S) of its sum.

    activations: (n, channels, S), over S places of a map. Two images are as similar as the cosine of their Gram
    matrices, (channels, channels): which channels fire together, wherever they do. From 0 to 1.
    The gradient is of the sum over pairs of different images.
    Source: Olah, Mordvintsev & Schubert, Feature Visualization, Distill 2017, after Gatys et al., 2015.
    """
    count, _, places = activations.shape
    grams = (activations @ activations.transpose(0, 2, 1) / places).reshape(count, -1)
    lengths = np.maximum(np.linalg.norm(grams, axis=1, keepdims=True), 1e-9)
    directions = grams / lengths
    others = directions.sum(axis=0) - directions
    # Of a cosine's gradient only what turns the direction is left, not what lengthens it.
    turning = (others - (others * directions).sum(axis=1, keepdims=True) * directions) / lengths
    gradient = 2 / places * turning.reshape(count, *activations.shape[1:2] * 2) @ activations
    return directions @ directions.T, gradient


def image_gradient(network: Network, images: Array, layer: int) -> Array:
    """Return the gradient (n, 28, 28) of the similarity of images (n, 28, 28), 0 to 1, in a layer's activations.

    In those of the layer before the last, for the last: logits say which digit, not what it looks like.
    """
    layer -= network.model.layer(layer).is_output and layer > 1
    output = network.forward_to(images, layer)
    rectified = network.model.layer(layer).rectified
    _, gradient = similarity_gradient(after_relu(output, rectified))
    passed = gradient.reshape(output.shape) * ((output > 0) | (not rectified))
    return network.input_gradient_from(layer, passed)
