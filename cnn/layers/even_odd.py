"""Convolution, pooling by 2 and ReLU for speed: even and odd columns apart, so that pooling works on whole arrays.

docs/architecture.md derives it. In short, with Y[0] and Y[1] the even and the odd columns of a convolution's output,
each (H', F, W' / 2, N):

    forward     columns = max(Y[0], Y[1])
                output  = max(columns[0::2], columns[1::2], 0)
    backward    rows[0::2], rows[1::2] = what of (gradient where output > 0) belongs to the upper, the lower row
                dY[1]   = rows where Y[1] > Y[0];   dY[0] = rows - dY[1]

The network is the same as with Conv2D, MaxPool2D and ReLU: so are the winners among equal maxima, and where a gradient
is exactly 0. Measured, 16 filters of 3x3 on 28x28, us for 32 of 64 images, one thread of an AMD EPYC (Zen 5): pooling
and ReLU forward 126 -> 33, backward 145 -> 112.
"""

from itertools import pairwise
from math import prod
from typing import ClassVar

import numpy as np

from cnn.buffers import Buffers
from cnn.layers.base import Context, Kernel, LayerSpec, Shape
from cnn.layers.convolution import Convolution
from cnn.layers.convolution_kernel import padded
from cnn.layers.even_odd_convolution import EvenOddConv2D, even_odd_shape
from cnn.layers.pooling import Pooling
from system.arrays import Array


def with_even_odd(specs: tuple[LayerSpec, ...]) -> tuple[LayerSpec, ...]:
    """Return specs in which each convolution that pooling by 2 follows, and that pooling, are those of this file.

    Those of a stride above 1 stay as they are.
    """
    changed = list(specs)
    for place, (first, second) in enumerate(pairwise(specs)):
        of_stride_1 = type(first) is Convolution and first.stride == 1
        if of_stride_1 and type(second) is Pooling and second.pool_size == 2:
            changed[place] = EvenOddConvolution(**vars(first))
            changed[place + 1] = EvenOddPooling(2)
    return tuple(changed)


class EvenOddConvolution(Convolution):
    """A convolution that writes even and odd columns apart."""

    def buffer_size(self, input_shape: Shape, images: int) -> int:
        channels, height, _ = padded(input_shape, self.padding)
        filters, rows, columns = output_shape = self.output_shape(input_shape)
        column = self.kernel_size * channels
        unrolled = height * columns * (2 * column + 1)
        kernels = filters * self.kernel_size * ((2 * rows + 2) * (column + 1) + column)
        return (unrolled + prod(input_shape)) * images + prod(even_odd_shape(output_shape, images)) + kernels

    def build(self, input_shape: Shape, images: int, buffers: Buffers) -> Kernel:
        return EvenOddConv2D(self, input_shape, images, buffers)


class EvenOddPooling(Pooling):
    """Pooling by 2 of such columns; with the ReLU."""

    with_relu: ClassVar[bool] = True

    def buffer_size(self, input_shape: Shape, images: int) -> int:
        windows = prod(self.output_shape(input_shape)) * images
        return 9 * windows + windows // 2  # output, maxima and gradients of rows, gradient; a byte for each comparison

    def build(self, input_shape: Shape, images: int, buffers: Buffers) -> Kernel:
        return EvenOddMaxPool2D(input_shape, images, buffers)


class EvenOddMaxPool2D(Kernel):
    """Maximum of 2x2 windows and ReLU: Y (2, H', F, W' / 2, N) to (H' / 2, F, W' / 2, N)."""

    def __init__(self, input_shape: Shape, images: int, buffers: Buffers) -> None:
        halves, rows, *row_shape = even_odd_shape(input_shape, images)
        self.output = buffers.empty((rows // 2, *row_shape))
        self._zeros = buffers.full(tuple(row_shape), 0)  # a maximum with an array takes a quarter of one with a number
        self._columns, self._row_gradients = (buffers.empty((rows, *row_shape)) for _ in range(2))
        self._won = buffers.empty((rows, *row_shape), np.bool_)
        self._input_gradient = buffers.empty((halves, rows, *row_shape))

    def __repr__(self) -> str:
        return "P2 and ReLU"

    def forward(self, inputs: Array, context: Context) -> Array:
        self._even, self._odd = inputs
        np.maximum(self._even, self._odd, out=self._columns)
        np.maximum(self._columns[0::2], self._columns[1::2], out=self.output)
        return np.maximum(self.output, self._zeros, out=self.output)

    def backward(self, gradient: Array) -> Array:
        # What won is asked only here, which spares a network that only reads the comparisons.
        upper, lower, won = self._row_gradients[0::2], self._row_gradients[1::2], self._won[: len(self.output)]
        np.multiply(gradient, np.greater(self.output, 0, out=won), out=upper)
        np.multiply(upper, np.greater(self._columns[1::2], self._columns[0::2], out=won), out=lower)
        np.subtract(upper, lower, out=upper)
        even, odd = self._input_gradient
        np.multiply(self._row_gradients, np.greater(self._odd, self._even, out=self._won), out=odd)
        np.subtract(self._row_gradients, odd, out=even)
        return self._input_gradient
