"""Maximum pooling: `Ppool_size`."""

import re
from dataclasses import dataclass
from typing import ClassVar

from cnn.buffers import Buffers
from cnn.layers.axis_maximum import AxisMaximum
from cnn.layers.axis_windows import PoolingSpec
from cnn.layers.base import Context, Kernel, Shape
from system.arrays import Array


@dataclass(frozen=True)
class Pooling(PoolingSpec):
    """`Ppool_size`: maximum of each window."""

    token = re.compile(r"P(?P<pool_size>[0-9]+)")
    form: ClassVar[str] = "P and a window"
    example: ClassVar[str] = "P2"
    kind: ClassVar[str] = "pooling"
    relu_after: ClassVar[bool] = True

    def __str__(self) -> str:
        return f"P{self.pool_size}"

    def buffer_size(self, input_shape: Shape, images: int) -> int:
        channels, height, width = input_shape
        _, rows, columns = self.output_shape(input_shape)
        numbers = height * (width + 2 * columns) + rows * columns
        comparisons = height * (width - columns) + (height - rows) * columns  # of a byte each
        return channels * (numbers + comparisons // 4) * images

    def build(self, input_shape: Shape, images: int, buffers: Buffers) -> Kernel:
        return MaxPool2D(self.pool_size, input_shape, images, buffers)


class MaxPool2D(Kernel):
    """Maximum of each window, stride equal to the window: (H, C, W, N) to (ceil(H / size), C, ceil(W / size), N).

    Windows at a ragged edge are smaller. One axis at a time, each keeping its comparison, so that `backward` is a
    multiply and a subtract per axis. Columns before rows: equal maxima then give the gradient to the first of them in
    reading order, as other libraries do. Rows first would take a quarter less time (long contiguous runs halve the
    work before the short ones), 3 to 6% of a training step, but sends the gradient of a tie elsewhere.
    """

    def __init__(self, pool_size: int, input_shape: Shape, images: int, buffers: Buffers) -> None:
        channels, height, width = input_shape
        self.pool_size = pool_size
        self._columns = AxisMaximum((height, channels, width, images), 2, pool_size, buffers)
        self._rows = AxisMaximum(self._columns.output.shape, 0, pool_size, buffers)
        self.output = self._rows.output

    def __repr__(self) -> str:
        return f"P{self.pool_size}"

    def forward(self, inputs: Array, context: Context) -> Array:
        return self._rows.forward(self._columns.forward(inputs))

    def backward(self, gradient: Array) -> Array:
        return self._columns.backward(self._rows.backward(gradient))
