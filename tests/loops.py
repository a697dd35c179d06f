"""Convolution and pooling as plain loops over (N, C, H, W), one number at a time, to compare with."""

import numpy as np

from system.arrays import Array


def pad(images: Array, padding: int) -> Array:
    """Images (N, C, H, W) with so many rows and columns of zeros at each side."""
    count, channels, height, width = images.shape
    output = np.zeros((count, channels, height + 2 * padding, width + 2 * padding), images.dtype)
    for n, c, y, x in np.ndindex(images.shape):
        output[n, c, y + padding, x + padding] = images[n, c, y, x]
    return output


def convolve(images: Array, weight: Array, bias: Array, padding: int = 0, stride: int = 1) -> Array:
    """Output (N, F, H', W') of a convolution with weight (F, C, f, f) and bias (F,)."""
    images = pad(images, padding)
    count, _, height, width = images.shape
    filters, _, size, _ = weight.shape
    rows, columns = (height - size) // stride + 1, (width - size) // stride + 1
    output = np.zeros((count, filters, rows, columns), images.dtype)
    for n, f, y, x in np.ndindex(output.shape):
        output[n, f, y, x] = bias[f]
        for c, i, j in np.ndindex(weight.shape[1:]):
            output[n, f, y, x] += weight[f, c, i, j] * images[n, c, y * stride + i, x * stride + j]
    return output


def convolve_backward(images: Array, weight: Array, gradient: Array, padding: int = 0, stride: int = 1) -> Array:
    """Gradient of the images for the gradient (N, F, H', W') of the output."""
    padded_gradient = np.zeros_like(pad(images, padding))
    for n, f, y, x in np.ndindex(gradient.shape):
        for c, i, j in np.ndindex(weight.shape[1:]):
            padded_gradient[n, c, y * stride + i, x * stride + j] += gradient[n, f, y, x] * weight[f, c, i, j]
    height, width = images.shape[2:]
    return padded_gradient[:, :, padding : padding + height, padding : padding + width]


def convolve_backward_parameters(
    images: Array, weight: Array, gradient: Array, padding: int = 0, stride: int = 1
) -> tuple[Array, Array]:
    """Gradients of weight and bias for the gradient (N, F, H', W') of the output."""
    images = pad(images, padding)
    weight_gradient, bias_gradient = np.zeros_like(weight), np.zeros(len(weight), weight.dtype)
    for n, f, y, x in np.ndindex(gradient.shape):
        bias_gradient[f] += gradient[n, f, y, x]
        for c, i, j in np.ndindex(weight.shape[1:]):
            weight_gradient[f, c, i, j] += gradient[n, f, y, x] * images[n, c, y * stride + i, x * stride + j]
    return weight_gradient, bias_gradient


def max_pool(images: Array, size: int) -> tuple[Array, Array]:
    """Maximum of each window, (N, C, ceil(H / size), ceil(W / size)), and the row and column it was first found at.

    As Keras' padding 'same': what the windows lack is cut off both edges, the larger half at the end.
    """
    count, channels, height, width = images.shape
    output = np.zeros((count, channels, -(-height // size), -(-width // size)), images.dtype)
    places = np.zeros((*output.shape, 2), int)
    top, left = (-height % size) // 2, (-width % size) // 2
    for n, c, y, x in np.ndindex(output.shape):
        best = None
        for row in range(max(y * size - top, 0), min((y + 1) * size - top, height)):
            for column in range(max(x * size - left, 0), min((x + 1) * size - left, width)):
                if best is None or images[n, c, row, column] > best:
                    best = images[n, c, row, column]
                    places[n, c, y, x] = row, column
        output[n, c, y, x] = best
    return output, places


def max_pool_backward(images: Array, places: Array, gradient: Array) -> Array:
    """Gradient of the images for the gradient of the output, and the places that `max_pool` found."""
    images_gradient = np.zeros_like(images)
    for n, c, y, x in np.ndindex(gradient.shape):
        row, column = places[n, c, y, x]
        images_gradient[n, c, row, column] += gradient[n, c, y, x]
    return images_gradient


def mean_pool(images: Array, size: int) -> Array:
    """Mean of what each window of `max_pool` has, (N, C, ceil(H / size), ceil(W / size))."""
    count, channels, height, width = images.shape
    output = np.zeros((count, channels, -(-height // size), -(-width // size)), images.dtype)
    top, left = (-height % size) // 2, (-width % size) // 2
    for n, c, y, x in np.ndindex(output.shape):
        total, elements = 0.0, 0
        for row in range(max(y * size - top, 0), min((y + 1) * size - top, height)):
            for column in range(max(x * size - left, 0), min((x + 1) * size - left, width)):
                total, elements = total + images[n, c, row, column], elements + 1
        output[n, c, y, x] = total / elements
    return output


def normalise(images: Array, gamma: Array, beta: Array, epsilon: float) -> tuple[Array, Array, Array]:
    """Images (N, C, H, W) less the mean of each channel, by its standard deviation, times gamma, plus beta.

    And the means (C,) and variances (C,).
    """
    count, channels, height, width = images.shape
    output, means, variances = np.zeros_like(images), np.zeros(channels), np.zeros(channels)
    for c in range(channels):
        numbers = [images[n, c, y, x] for n, y, x in np.ndindex(count, height, width)]
        means[c] = sum(numbers) / len(numbers)
        variances[c] = sum((number - means[c]) ** 2 for number in numbers) / len(numbers)
        for n, y, x in np.ndindex(count, height, width):
            output[n, c, y, x] = gamma[c] * (images[n, c, y, x] - means[c]) / (variances[c] + epsilon) ** 0.5 + beta[c]
    return output, means, variances
