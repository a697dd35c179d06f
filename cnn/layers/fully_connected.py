"""Fully connected layers: `FCunits`."""

import re
from dataclasses import dataclass
from math import prod
from typing import ClassVar

import numpy as np

from cnn.buffers import Buffers
from cnn.layers.base import Context, Kernel, LayerSpec, ParameterArray, Shape
from system.arrays import Array


@dataclass(frozen=True)
class FullyConnected(LayerSpec):
    """`FCunits`: every unit sees every input; ReLU, except on the last, whose outputs are logits."""

    token = re.compile(r"FC(?P<units>[0-9]+)")
    form: ClassVar[str] = "FC and a number of units"
    example: ClassVar[str] = "FC128"
    kind: ClassVar[str] = "fully connected"
    relu: ClassVar[bool] = True
    flat: ClassVar[bool] = True

    units: int

    def __str__(self) -> str:
        return f"FC{self.units}"

    def output_shape(self, input_shape: Shape) -> Shape:
        """Any shape to (units,)."""
        return (self.units,)

    def window(self, input_shape: Shape) -> None:
        return None

    def arrays(self, input_shape: Shape) -> tuple[ParameterArray, ...]:
        """Weight (units, inputs), the inputs flattened by channel, row, column; bias."""
        inputs = prod(input_shape)
        return ParameterArray("weight", (self.units, inputs), inputs=inputs), ParameterArray("bias", (self.units,))

    def buffer_size(self, input_shape: Shape, images: int) -> int:
        return (prod(input_shape) + self.units) * images

    def build(self, input_shape: Shape, images: int, buffers: Buffers) -> "Dense":
        return Dense(self.units, prod(input_shape), images, buffers)


class Dense(Kernel):
    """Fully connected: (inputs, N) to (units, N)."""

    def __init__(self, units: int, inputs: int, images: int, buffers: Buffers) -> None:
        self.units, self._inputs_count = units, inputs
        self.output = buffers.empty((units, images))
        self._input_gradient = buffers.empty((inputs, images))

    def __repr__(self) -> str:
        return f"FC{self.units}"

    def bind(self, parameters: Array, gradient: Array) -> None:
        shape = self.units, self._inputs_count
        self.weight, self.bias = parameters[: -self.units].reshape(shape), parameters[-self.units :]
        self._weight_gradient, self._bias_gradient = gradient[: -self.units].reshape(shape), gradient[-self.units :]

    def forward(self, inputs: Array, context: Context) -> Array:
        self._inputs = inputs
        np.matmul(self.weight, inputs, out=self.output)
        self.output += self.bias[:, np.newaxis]
        return self.output

    def backward_parameters(self, gradient: Array) -> None:
        np.matmul(gradient, self._inputs.T, out=self._weight_gradient)
        np.add.reduce(gradient, axis=1, out=self._bias_gradient)

    def backward(self, gradient: Array) -> Array:
        return np.matmul(self.weight.T, gradient, out=self._input_gradient)
