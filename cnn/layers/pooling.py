"""Maximum pooling: `Ppool_size`."""

import re
from dataclasses import dataclass
from typing import ClassVar

from cnn.buffers import Buffers
from cnn.layers.axis_maximum import AxisMaximum
from cnn.layers.base import Context, Kernel, LayerSpec, ModelStringError, Shape, Window, require_rows, shorten
from system.arrays import Array

MAX_POOL_SIZE = 28  # pixels, the side of an image


@dataclass(frozen=True)
class Pooling(LayerSpec):
    """`Ppool_size`: maximum of each window, stride equal to the window.

    Windows that do not fit are smaller, as with Keras' padding 'same': what they lack is cut off both edges, the larger
    half at the end.
    """

    token = re.compile(r"P(?P<pool_size>[0-9]+)")
    form: ClassVar[str] = "P and a window"
    example: ClassVar[str] = "P2"
    kind: ClassVar[str] = "pooling"
    commutes: ClassVar[bool] = True

    pool_size: int

    def __str__(self) -> str:
        return f"P{self.pool_size}"

    def check(self, input_shape: Shape, place: str) -> None:
        require_rows(input_shape, place)
        if self.pool_size > MAX_POOL_SIZE:
            raise ModelStringError(
                f"{place}: a pooling window is at most {MAX_POOL_SIZE}, the size of the image, but this is "
                f"{shorten(self.pool_size)}. Use a smaller one, such as P2."
            )

    def output_shape(self, input_shape: Shape) -> Shape:
        """(C, H, W) to (C, ceil(H / pool_size), ceil(W / pool_size))."""
        channels, height, width = input_shape
        return channels, -(-height // self.pool_size), -(-width // self.pool_size)

    def window(self, input_shape: Shape) -> Window:
        _, height, _ = input_shape
        missing = -(-height // self.pool_size) * self.pool_size - height
        return Window(self.pool_size, self.pool_size, missing // 2)

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
