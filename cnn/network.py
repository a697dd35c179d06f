"""A network: a model's operations, with buffers for so many images a pass."""

from typing import TYPE_CHECKING

import numpy as np

from cnn.architecture import IMAGE_SHAPE, parameter_counts
from cnn.layers.base import Context, in_memory
from cnn.memory import require_memory
from cnn.plan import plan
from system.arrays import Array

if TYPE_CHECKING:
    from cnn.model import Model

# Passes of 16 to 128 images measured within 10% of each other, with both cores at work.
IMAGES_PER_PASS = 32


class Network:
    """Forward and backward of a model, for up to `images` images a pass.

    It reads the model's parameters where they lie, so that whoever changes them, an optimizer or another process, needs
    nothing else. What it returns are views of its buffers, which the next pass overwrites.

    gradient: (parameters,), of the last backward pass.

    Raises:
        ModelStringError: where the buffers would not fit into the memory that is free.
    """

    def __init__(self, model: "Model", images: int = IMAGES_PER_PASS) -> None:
        specs, dtype = model.specs, model.parameters.dtype
        require_memory(specs, images, dtype)
        self.model, self.images = model, images
        self.gradient = np.zeros_like(model.parameters)
        self.operations = plan(specs)
        self.kernels = [operation.build(images, dtype) for operation in self.operations]
        self._places = [place for place, operation in enumerate(self.operations) if operation.spec]  # by layer number
        self._input = np.zeros(in_memory(IMAGE_SHAPE, images), dtype)
        self._logits_gradient = np.zeros((model.classes, images), dtype)
        first = 0
        for place, count in zip(self._places, parameter_counts(specs), strict=True):
            part = slice(first, first + count)
            self.kernels[place].bind(model.parameters[part], self.gradient[part])
            first += count

    def __repr__(self) -> str:
        return f"Network({self.model.string}, images={self.images}, dtype={self.gradient.dtype})"

    def forward(self, images: Array, *, training: bool = False) -> Array:
        """Return the logits (classes, n) of n images, at most `self.images`: (n, 28, 28), uint8, or floats from 0 to 1.

        training: whether `backward` is to follow, for the parameters to learn from.
        """
        logits: Array = self._run(images, len(self.kernels), Context(training))[:, : len(images)]
        return logits

    def forward_to(self, images: Array, layer: int) -> Array:
        """Return what a layer computes before its ReLU, for n images as in `forward`; nothing behind the layer runs.

        layer: its number in the model string, from 1. A view: (n, channels, rows, columns), or (n, units); the logits,
        for the last layer. Pooling passes on what precedes the ReLU before it.

        Raises:
            LayerError: for a number that no layer has.
        """
        self.model.layer(layer)
        output = self._run(images, self._places[layer - 1] + 1, Context())
        return _images_first(output[..., : len(images)])

    def load(self, images: Array) -> Array:
        """Put n images, as in `forward`, into the buffer that the first layer reads, and return it."""
        count = len(images)
        if count > self.images or not (images.dtype == np.uint8 or images.dtype.kind == "f"):
            raise ValueError(
                f"A pass takes at most {self.images} images, uint8 or floats: {count} {images.dtype} came."
            )
        scale = self._input.dtype.type(1 / 255 if images.dtype == np.uint8 else 1)
        # Behind fewer images than the buffers hold, older ones stay; their logits are cut off, their gradient is 0.
        np.multiply(images.transpose(1, 2, 0), scale, out=self._input[:, 0, :, :count], casting="same_kind")
        return self._input

    def _run(self, images: Array, count: int, context: Context) -> Array:
        """Return the output of the last of so many operations; images last, as in the buffers."""
        activation = self.load(images)
        for kernel in self.kernels[:count]:
            activation = kernel.forward(activation, context)
        return activation

    def backward(self, logits_gradient: Array) -> None:
        """Fill `self.gradient` for the images of the last forward pass, from the gradient of their logits."""
        count = logits_gradient.shape[1]
        self._logits_gradient[:, :count] = logits_gradient
        self._logits_gradient[:, count:] = 0
        gradient = self._logits_gradient
        for kernel in reversed(self.kernels[1:]):
            kernel.backward_parameters(gradient)
            gradient = kernel.backward(gradient)
        self.kernels[0].backward_parameters(gradient)

    def input_gradient(self, logits_gradient: Array) -> Array:
        """Return the gradient (n, 28, 28) of the images of the last pass, as floats, from that of their logits."""
        return self.input_gradient_from(len(self.model.specs), logits_gradient.T)

    def input_gradient_from(self, layer: int, output_gradient: Array) -> Array:
        """Return the same from the gradient of what `forward_to` returned for the layer, in its shape."""
        place = self._places[layer - 1]
        gradient = np.zeros_like(self.kernels[place].output)
        _images_first(gradient)[: len(output_gradient)] = output_gradient
        for kernel in reversed(self.kernels[: place + 1]):
            gradient = kernel.backward(gradient)
        images: Array = gradient[:, 0, :, : len(output_gradient)].transpose(2, 0, 1).copy()
        return images


def _images_first(output: Array) -> Array:
    """Return a view of a layer's output, or its gradient, (n, channels, rows, columns) or (n, units)."""
    view: Array = output.transpose((1, 0) if output.ndim == 2 else (3, 1, 0, 2))
    return view
