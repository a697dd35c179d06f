"""Mean pooling: `Apool_size`."""

import re
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from cnn.buffers import Buffers
from cnn.layers.axis_windows import AxisWindows, PoolingSpec
from cnn.layers.base import Context, Kernel, Shape
from system.arrays import Array


@dataclass(frozen=True)
class MeanPooling(PoolingSpec):
    """`Apool_size`: mean of each window, of the elements that it has."""

    token = re.compile(r"A(?P<pool_size>[0-9]+)")
    form: ClassVar[str] = "A and a window"
    example: ClassVar[str] = "A2"
    kind: ClassVar[str] = "mean pooling"

    def __str__(self) -> str:
        return f"A{self.pool_size}"

    def buffer_size(self, input_shape: Shape, images: int) -> int:
        channels, height, width = input_shape
        _, rows, columns = self.output_shape(input_shape)
        return channels * (height * (width + 2 * columns) + 2 * rows * columns) * images

    def build(self, input_shape: Shape, images: int, buffers: Buffers) -> Kernel:
        return MeanPool2D(self.pool_size, input_shape, images, buffers)


class MeanPool2D(Kernel):
    """Mean of each window, stride equal to the window: (H, C, W, N) to (ceil(H / size), C, ceil(W / size), N).

    Windows at a ragged edge are smaller, and so is what their sum is divided by.
    """

    def __init__(self, pool_size: int, input_shape: Shape, images: int, buffers: Buffers) -> None:
        channels, height, width = input_shape
        self.pool_size = pool_size
        self._columns = _AxisSum((height, channels, width, images), 2, pool_size, buffers)
        self._rows = _AxisSum(self._columns.output.shape, 0, pool_size, buffers)
        self.output = self._rows.output
        self._scaled = buffers.empty(self.output.shape)
        sizes = np.multiply.outer(self._rows.windows.sizes, self._columns.windows.sizes)
        self._shares = (1 / sizes).astype(buffers.dtype)[:, np.newaxis, :, np.newaxis]  # H', 1, W', 1

    def __repr__(self) -> str:
        return f"A{self.pool_size}"

    def forward(self, inputs: Array, context: Context) -> Array:
        sums = self._rows.forward(self._columns.forward(inputs))
        np.multiply(sums, self._shares, out=self.output)
        return self.output

    def backward(self, gradient: Array) -> Array:
        np.multiply(gradient, self._shares, out=self._scaled)
        return self._columns.backward(self._rows.backward(self._scaled))


class _AxisSum:
    """The sum over windows of one axis, and its gradient."""

    def __init__(self, shape: Shape, axis: int, pool_size: int, buffers: Buffers) -> None:
        self.windows = AxisWindows(shape, axis, pool_size)
        self.output = buffers.empty(self.windows.shape)
        self._input_gradient = buffers.empty(shape)

    def forward(self, inputs: Array) -> Array:
        self.output[...] = inputs[self.windows.start]
        for elements, windows, *_ in self.windows.others:
            self.output[windows] += inputs[elements]
        return self.output

    def backward(self, gradient: Array) -> Array:
        self._input_gradient[self.windows.start] = gradient
        for elements, windows, *_ in self.windows.others:
            self._input_gradient[elements] = gradient[windows]
        return self._input_gradient
