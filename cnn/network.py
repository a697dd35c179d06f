"""A network: a model's operations, with buffers for so many images a pass."""

from dataclasses import replace
from functools import cached_property
from itertools import accumulate
from typing import TYPE_CHECKING

import numpy as np

from cnn.architecture import IMAGE_SHAPE, parameter_counts, state_sizes
from cnn.buffers import Buffers
from cnn.layers.base import Context, in_memory
from cnn.memory import require_memory
from cnn.plan import plan
from system.arrays import Array

if TYPE_CHECKING:
    from cnn.model import Model

IMAGES_PER_PASS = 64
READING = Context()


class Network:
    """Forward and backward of a model, for up to `images` images a pass.

    It reads the model's parameters where they lie, so that whoever changes them, an optimizer or another process, needs
    nothing else. What it returns are views of its buffers, which the next pass overwrites.

    gradient: (parameters,), of the last backward pass.
    fast: whether convolutions with pooling by 2 take the kernels of `cnn.layers.even_odd`, which compute the same.

    Raises:
        ModelStringError: where the buffers would not fit into the memory that is free.
    """

    def __init__(self, model: "Model", images: int = IMAGES_PER_PASS, fast: bool = True) -> None:
        specs, dtype = model.specs, model.parameters.dtype
        require_memory(specs, images, dtype, fast)
        self.model, self.images, self.fast = model, images, fast
        self.gradient = np.zeros_like(model.parameters)
        self.operations = plan(specs, fast)
        expected = sum(operation.buffer_size(images) for operation in self.operations)
        buffers = Buffers(dtype, expected * self.gradient.itemsize)
        self.kernels = [operation.build(images, buffers) for operation in self.operations]
        self._places = [place for place, operation in enumerate(self.operations) if operation.spec]  # by layer number
        self._input = buffers.full(in_memory(IMAGE_SHAPE, images), 0)
        self._logits_gradient = buffers.full((model.classes, images), 0)
        first = 0
        for place, count in zip(self._places, parameter_counts(specs), strict=True):
            part = slice(first, first + count)
            self.kernels[place].bind(model.parameters[part], self.gradient[part])
            first += count
        self._stateful = []  # kernels that keep a state, and their part of the model's
        for place, end, count in zip(self._places, accumulate(state_sizes(specs)), state_sizes(specs), strict=True):
            if count:
                self._stateful.append((self.kernels[place], slice(end - count, end)))
                self.kernels[place].bind_state(model.state[end - count : end])

    def __repr__(self) -> str:
        return f"Network({self.model.string}, images={self.images}, dtype={self.gradient.dtype})"

    def forward(self, images: Array, context: Context = READING) -> Array:
        """Return the logits (classes, n) of n images, at most `self.images`: (n, 28, 28), uint8, or floats from 0 to 1.

        context: what for; by default, to read them, and not for the parameters to learn.
        """
        if context.training and not context.bounds:
            context = replace(context, bounds=(0, len(images)))
        logits: Array = self._run(images, len(self.kernels), context)[:, : len(images)]
        return logits

    def observe(self, state: Array) -> None:
        """Write what the model's kept state would be for the images of the last pass, in training, alone."""
        for kernel, part in self._stateful:
            kernel.observe(state[part])

    def forward_to(self, images: Array, layer: int) -> Array:
        """Return what a layer computes before its ReLU, for n images as in `forward`; nothing behind the layer runs.

        layer: its number in the model string, from 1. A view: (n, channels, rows, columns), or (n, units); the logits,
        for the last layer. Pooling passes on what precedes the ReLU before it.

        Raises:
            LayerError: for a number that no layer has.
        """
        self.model.layer(layer)
        if self.fast:  # whose buffers hold other things in between
            return self._plain.forward_to(images, layer)
        output = self._run(images, self._places[layer - 1] + 1, READING)
        return _images_first(output[..., : len(images)])

    @cached_property
    def _plain(self) -> "Network":
        return Network(self.model, self.images, fast=False)

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
        return self._input_gradient(len(self.model.specs), logits_gradient.T)

    def input_gradient_from(self, layer: int, output_gradient: Array) -> Array:
        """Return the same from the gradient of what `forward_to` returned for the layer, in its shape."""
        return (self._plain if self.fast else self)._input_gradient(layer, output_gradient)

    def _input_gradient(self, layer: int, output_gradient: Array) -> Array:
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
