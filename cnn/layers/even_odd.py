"""Convolution and pooling by 2 for speed: even and odd columns apart, so that pooling works on whole arrays.

Derivation. A convolution writes Y (H', F, W', N); pooling by 2 needs, for each window, its four elements

    a b        a = Y[2i, :, 2j]      b = Y[2i, :, 2j + 1]
    c d        c = Y[2i + 1, :, 2j]  d = Y[2i + 1, :, 2j + 1]

In Y, a and b alternate every N numbers, so each operation on them is a loop over short runs, at a third of the speed of
one over a whole array. A column of Y is a column of the product of kernel and patches, though, and columns can be in
any order. Here the patches of even and of odd columns are two arrays, and so are their products:

    patches[p]  (H', size * (size * C + 1), W'_p, N)      p = 0: even columns, 1: odd ones; a view, as in Conv2D
    Y[p]        (H', F, W'_p, N) = kernel @ patches[p]    p = 0 holds a and c, 1 holds b and d

    forward     columns = max(Y[0], Y[1])                 one operation on arrays without gaps
                right   = Y[1] > Y[0]                     strictly: equal maxima give the gradient to the first
                output  = max(columns[0::2], columns[1::2], 0)          the ReLU joins the pooling
                lower   = columns[1::2] > columns[0::2]
    backward    g       = gradient * (output > 0)
                dc      = g * lower            da = g - dc              of the rows' winners
                dY[1]   = [da, dc] * right     dY[0] = [da, dc] - dY[1]

Where H' or W' is odd, the windows at the end lack their second row or column: Y has room for them, and holds the lowest
number there, which never wins.

The numbers are those of Conv2D, MaxPool2D and ReLU, bit for bit forward; sums over images are in another order.
Measured, 16 filters of 3x3 on 28x28, 64 images, us for 32 of them, one thread of an AMD EPYC (Zen 5) with AVX-512:
pooling and ReLU 276 -> 153. (Lavin & Gray's tiles, CVPR 2016, arXiv 1509.09308, were tried for the products: their
transforms take what they save; see benchmarks/README.md.)
"""

from itertools import pairwise
from math import prod
from typing import ClassVar

import numpy as np

from cnn.buffers import Buffers
from cnn.layers.base import Context, Kernel, LayerSpec, Shape
from cnn.layers.convolution import Convolution
from cnn.layers.even_odd_convolution import EvenOddConv2D, even_odd_shape
from cnn.layers.pooling import Pooling
from system.arrays import Array


def with_even_odd(specs: tuple[LayerSpec, ...]) -> tuple[LayerSpec, ...]:
    """Return specs in which each convolution that pooling by 2 follows, and that pooling, are those of this file."""
    changed = list(specs)
    for place, (first, second) in enumerate(pairwise(specs)):
        if type(first) is Convolution and type(second) is Pooling and second.pool_size == 2:
            changed[place] = EvenOddConvolution(first.filters, first.kernel_size)
            changed[place + 1] = EvenOddPooling(2)
    return tuple(changed)


class EvenOddConvolution(Convolution):
    """A convolution that writes even and odd columns apart."""

    def buffer_size(self, input_shape: Shape, images: int) -> int:
        channels, height, _ = input_shape
        filters, rows, columns = output_shape = self.output_shape(input_shape)
        column = self.kernel_size * channels
        unrolled = height * columns * (2 * column + 1)
        kernels = filters * self.kernel_size * ((2 * rows + 2) * (column + 1) + column)
        return (unrolled + prod(input_shape)) * images + prod(even_odd_shape(output_shape, images)) + kernels

    def build(self, input_shape: Shape, images: int, buffers: Buffers) -> Kernel:
        return EvenOddConv2D(self.filters, self.kernel_size, input_shape, images, buffers)


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
