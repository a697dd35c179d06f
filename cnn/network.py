"""The network: layers built from specs over one flat parameter vector."""

from math import prod

import numpy as np
from numpy.typing import DTypeLike

from cnn import Array
from cnn.architecture import (
    IMAGE_SHAPE,
    Convolution,
    FullyConnected,
    Pooling,
    Shape,
    Specs,
    output_shapes,
    parameter_counts,
    to_string,
)
from cnn.blas import single_threaded_blas
from cnn.errors import UserError
from cnn.layers import Conv2D, Dense, Flatten, Layer, MaxPool2D, ReLU
from cnn.loss import softmax
from cnn.memory import require_memory

# Passes of 16 to 128 images measured within 10% of each other, with both cores at work.
IMAGES_PER_PASS = 32


class LayerError(UserError):
    """A layer that the model does not have."""


class Network:
    """A network of a model string's layers, for up to `images` images a pass.

    parameters: all weights and biases, (parameters,), layer after layer, each a weight and its bias; the layers hold
        views, so that an optimizer, or another process, needs nothing else. A vector that is given is used as it is.
    gradient: the same for the gradient of the last backward pass.
    temperature: what logits are divided by before they become probabilities (see cnn.calibration).

    Raises:
        ModelStringError: where parameters and buffers would not fit into the memory that is free.
    """

    def __init__(
        self,
        specs: Specs,
        images: int = IMAGES_PER_PASS,
        dtype: DTypeLike = np.float32,
        parameters: Array | None = None,
    ) -> None:
        require_memory(specs, images, dtype)
        self.specs, self.images = specs, images
        self.temperature = 1.0
        self.parameters = np.zeros(sum(parameter_counts(specs)), dtype) if parameters is None else parameters
        self.gradient = np.zeros_like(self.parameters)
        self._input = np.zeros((IMAGE_SHAPE[1], IMAGE_SHAPE[0], IMAGE_SHAPE[2], images), dtype)
        self._logits_gradient = np.zeros((*output_shapes(specs)[-1], images), dtype)
        self._layers, self._by_number = _build(specs, images, dtype)
        first = 0
        for layer, count in zip(self._by_number, parameter_counts(specs), strict=True):
            layer.bind(self.parameters[first : first + count], self.gradient[first : first + count])
            first += count

    def __repr__(self) -> str:
        return f"Network({to_string(self.specs)}, images={self.images}, dtype={self.parameters.dtype})"

    def layer_parameters(self) -> dict[int, tuple[Array, ...]]:
        """Weight and bias of each layer that has them, by layer number: views, in the shapes of the weight file."""
        return {number: layer.parameters() for number, layer in enumerate(self._by_number, 1) if layer.parameters()}

    def initialize(self, generator: np.random.Generator) -> None:
        """Draw new weights; biases become 0.

        Source: He et al., ICCV 2015 (arXiv 1502.01852): a standard deviation of sqrt(2 / inputs of a unit) keeps the
        variance from layer to layer under ReLU.
        """
        for weight, bias in self.layer_parameters().values():
            weight[...] = generator.standard_normal(weight.shape) * np.sqrt(2 / prod(weight.shape[1:]))
            bias[...] = 0

    def forward(self, images: Array) -> Array:
        """Logits (10, n) of n images, at most `self.images`: (n, 28, 28), uint8, or floats from 0 to 1."""
        logits: Array = self._run(images, len(self._layers))[:, : len(images)]
        return logits

    def forward_to(self, images: Array, layer: int) -> Array:
        """What a layer computes before its ReLU, for n images as in `forward`; nothing behind the layer runs.

        layer: its number in the model string, from 1. A view, which the next pass overwrites: (n, channels, rows,
        columns), or (n, units); the logits, for the last layer. Pooling passes on what precedes the ReLU before it.

        Raises:
            LayerError: for a number that no layer has.
        """
        self.check_layer(layer)
        return _images_first(self._run(images, self._layers.index(self._by_number[layer - 1]) + 1)[..., : len(images)])

    def _run(self, images: Array, layers: int) -> Array:
        """The output of the last of so many layers, in the order they run; images last, as in the buffers."""
        count = len(images)
        if count > self.images or not (images.dtype == np.uint8 or images.dtype.kind == "f"):
            raise ValueError(
                f"A pass takes at most {self.images} images, uint8 or floats: {count} {images.dtype} came."
            )
        scale = self._input.dtype.type(1 / 255 if images.dtype == np.uint8 else 1)
        # Behind fewer images than the buffers hold, older ones stay; their logits are cut off, their gradient is 0.
        np.multiply(images.transpose(1, 2, 0), scale, out=self._input[:, 0, :, :count], casting="same_kind")
        activation = self._input
        for layer in self._layers[:layers]:
            activation = layer.forward(activation)
        return activation

    def backward(self, logits_gradient: Array) -> None:
        """Fill `self.gradient` for the images of the last forward pass, from the gradient of their logits (10, n)."""
        gradient = self._pad(logits_gradient)
        for layer in reversed(self._layers[1:]):
            layer.backward_parameters(gradient)
            gradient = layer.backward(gradient)
        self._layers[0].backward_parameters(gradient)

    def input_gradient(self, logits_gradient: Array) -> Array:
        """Gradient (n, 28, 28) of the images of the last forward pass, as floats from 0 to 1."""
        return self.input_gradient_from(len(self.specs), logits_gradient.T)

    def input_gradient_from(self, layer: int, output_gradient: Array) -> Array:
        """The same, from the gradient of what `forward_to` returned for the layer, in its shape."""
        output = self._by_number[layer - 1]
        gradient = np.zeros_like(output.output)
        _images_first(gradient)[: len(output_gradient)] = output_gradient
        for each in reversed(self._layers[: self._layers.index(output) + 1]):
            gradient = each.backward(gradient)
        images: Array = gradient[:, 0, :, : len(output_gradient)].transpose(2, 0, 1).copy()
        return images

    def activations(self, images: Array, layer: int) -> Array:
        """What a layer outputs for any number n of images: (n, channels, rows, columns), or (n, units).

        layer: its number in the model string, from 1. After ReLU, and before the pooling that may follow; the
        probabilities, for the last layer.

        Raises:
            LayerError: for a number that no layer has.
        """
        self.check_layer(layer)
        with single_threaded_blas():
            return np.concatenate([self._activation(part, layer) for part in self._passes(images)])

    def check_layer(self, layer: int) -> None:
        """Nothing, for a number that a layer has.

        Raises:
            LayerError: for another.
        """
        if not 1 <= layer <= len(self.specs):
            raise LayerError(f"Layers of this model are numbered from 1 to {len(self.specs)}: {layer} was given.")

    def logits(self, images: Array) -> Array:
        """Logits (n, 10) of any number n of images (n, 28, 28)."""
        with single_threaded_blas():
            return np.concatenate([self.forward(part).T.copy() for part in self._passes(images)])

    def probabilities(self, images: Array) -> Array:
        """Probability of each digit, (n, 10), for any number n of images (n, 28, 28)."""
        return self.to_probabilities(self.logits(images))

    def to_probabilities(self, logits: Array) -> Array:
        """Probability of each digit, (n, 10), for logits (n, 10)."""
        probabilities: Array = softmax(logits.T / self.temperature).T
        return probabilities

    def _passes(self, images: Array) -> list[Array]:
        return [images[first : first + self.images] for first in range(0, max(len(images), 1), self.images)]

    def _activation(self, images: Array, layer: int) -> Array:
        output = self.forward_to(images, layer)
        # Of a pooling layer at the beginning, and of one behind a ReLU, nothing is negative.
        rectified: Array = self.to_probabilities(output) if layer == len(self.specs) else np.maximum(output, 0)
        return np.ascontiguousarray(rectified)

    def _pad(self, logits_gradient: Array) -> Array:
        count = logits_gradient.shape[1]
        self._logits_gradient[:, :count] = logits_gradient
        self._logits_gradient[:, count:] = 0
        return self._logits_gradient


def _images_first(output: Array) -> Array:
    """A view of a layer's output, or its gradient, (n, channels, rows, columns) or (n, units)."""
    view: Array = output.transpose((1, 0) if output.ndim == 2 else (3, 1, 0, 2))
    return view


def _build(specs: Specs, images: int, dtype: DTypeLike) -> tuple[list[Layer], list[Layer]]:
    """All layers in the order they run, and those of the model string by number.

    Maximum and ReLU commute, so the ReLU of a convolution runs after the pooling that follows it, on fewer numbers.
    """
    layers: list[Layer] = []
    by_number: list[Layer] = []
    shape: Shape = IMAGE_SHAPE
    relu_due = False
    for spec, following in zip(specs, (*specs[1:], None), strict=True):
        if isinstance(spec, FullyConnected) and len(shape) > 1:
            layers.append(Flatten(shape, images, dtype))
        layer: Layer
        match spec:
            case Convolution():
                layer = Conv2D(spec.filters, spec.kernel_size, shape, images, dtype)
                relu_due = True
            case Pooling():
                layer = MaxPool2D(spec.pool_size, shape, images, dtype)
            case FullyConnected():
                layer = Dense(spec.units, prod(shape), images, dtype)
                relu_due = following is not None
        shape = spec.output_shape(shape)
        layers.append(layer)
        by_number.append(layer)
        if relu_due and not isinstance(following, Pooling):
            layers.append(ReLU(layer.output.shape, dtype))
            relu_due = False
    return layers, by_number
