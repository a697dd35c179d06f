"""ReLU, which the plan puts behind convolutions and fully connected layers; no token of its own."""

import numpy as np

from cnn.buffers import Buffers
from cnn.layers.base import Context, Kernel, Shape, in_memory
from system.arrays import Array


class ReLU(Kernel):
    """The positive part of each number, for any shape; the gradient at 0 is 0."""

    def __init__(self, input_shape: Shape, images: int, buffers: Buffers) -> None:
        shape = in_memory(input_shape, images)
        self.output = buffers.empty(shape)
        self._positive = buffers.empty(shape, np.bool_)
        self._input_gradient = buffers.empty(shape)

    def __repr__(self) -> str:
        return "ReLU"

    def forward(self, inputs: Array, context: Context) -> Array:
        return np.maximum(inputs, 0, out=self.output)

    def backward(self, gradient: Array) -> Array:
        np.greater(self.output, 0, out=self._positive)
        return np.multiply(gradient, self._positive, out=self._input_gradient)
