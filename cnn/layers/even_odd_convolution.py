"""The convolution of `cnn.layers.even_odd`, which says why: even and odd columns of its output apart."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.lib.stride_tricks import as_strided

from cnn.buffers import Buffers
from cnn.layers.base import Context, Shape
from cnn.layers.convolution_kernel import ConvolutionKernel, meeting, padded
from system.arrays import Array

if TYPE_CHECKING:
    from cnn.layers.convolution import Convolution

# Multiply-adds up to which OpenBLAS computes a product of matrices without packing them first.
UNPACKED_PRODUCT = 10**6


def even_odd_shape(shape: Shape, images: int) -> Shape:
    """Return the shape of Y, for the shape (filters, H', W') of one image: rows and columns rounded up to windows."""
    filters, rows, columns = shape
    return 2, -(-rows // 2) * 2, filters, -(-columns // 2), images


class EvenOddConv2D(ConvolutionKernel):
    """Convolution of stride 1: (H, C, W, N) to Y, (2, H', F, W' / 2, N)."""

    def __init__(self, spec: "Convolution", input_shape: Shape, images: int, buffers: Buffers) -> None:
        super().__init__(spec, input_shape, images, buffers)
        size, (filters, rows, columns) = self.kernel_size, spec.output_shape(input_shape)
        self._kernel_gradients = buffers.full((2, rows, size * (size * self.channels + 1), filters), 0)
        # What the kernel's first column meets of the input is written in `backward`, the rest is added to 0.
        self._first = meeting(-spec.padding, 1, columns, input_shape[2])[0].stop
        self._seen: Array | None = None
        self.output = buffers.full(even_odd_shape((filters, rows, columns), images), -np.inf)
        self._halves = [
            _Half(parity, (columns + 1 - parity) // 2, self.output[parity, :rows], input_shape, spec, buffers)
            for parity in range(min(2, columns))
        ]

    def forward(self, inputs: Array, context: Context) -> Array:
        kernel = self._load_kernel()
        for half in self._halves:
            half.unroll(inputs)
            np.matmul(kernel, half.patches_in_parts, out=half.output_in_parts)
            half.beyond[...] = -np.inf
        return self.output

    def backward_parameters(self, gradient: Array) -> None:
        self._see(gradient)
        for half, of_rows in zip(self._halves, self._kernel_gradients, strict=False):
            np.matmul(half.patches, half.gradient.transpose(0, 2, 1), out=of_rows)
        self._store_gradient(self._kernel_gradients)

    def _see(self, gradient: Array) -> None:
        if gradient is not self._seen:  # it is the same buffer in each pass, and views of it take 10 us each
            self._seen = gradient
            for half, of_half in zip(self._halves, gradient, strict=False):
                half.see(of_half)

    def backward(self, gradient: Array) -> Array:
        kernel = self._load_transposed_kernel()
        self._input_gradient[:, :, self._first :] = 0
        self._see(gradient)
        for half in self._halves:
            half.unroll_gradient(kernel)
            half.roll(self._input_gradient, range(1))
        for half in self._halves:
            half.roll(self._input_gradient, range(1, self.kernel_size))
        return self._input_gradient


class _Half:
    """The even or the odd columns of a convolution's output: what they see of the input, unrolled, and its gradient."""

    def __init__(
        self, parity: int, columns: int, output: Array, input_shape: Shape, spec: "Convolution", buffers: Buffers
    ) -> None:
        (channels, height, _), kernel_size = padded(input_shape, spec.padding), spec.kernel_size
        rows, filters, _, images = output.shape
        self._size, self._channels, self._columns = kernel_size, channels, columns
        self._inner = slice(spec.padding, spec.padding + input_shape[1])  # rows that are no padding
        # By the kernel's column: which columns of the input it meets, and in which of the half.
        self._met = [meeting(parity + shift - spec.padding, 2, columns, input_shape[2]) for shift in range(kernel_size)]
        self.beyond = output[:, :, columns:]  # one column, where the other half has one more
        pixels, inner = output.shape[2] * images, kernel_size * (kernel_size * channels + 1)
        self._blocks = buffers.full((height, kernel_size * channels + 1, output.shape[2], images), 0)
        self._blocks[:, -1] = 1
        self._block_gradients = buffers.empty((height, kernel_size, channels, columns, images))
        by_row, by_factor, _, by_pixel = self._blocks.strides
        self.patches = as_strided(self._blocks, (rows, inner, columns * images), (by_row, by_factor, by_pixel))
        # A product of fewer columns is not packed: 205 -> 162 us for 16 to 32 filters on 13x13. Products of both halves
        # have one shape, the elements of a window one place in it: equal patches give equal numbers, to the last bit.
        part = _divisor(pixels, UNPACKED_PRODUCT // (filters * inner))
        shape, step = (rows, pixels // part), part * by_pixel
        self.patches_in_parts = as_strided(self._blocks, (*shape, inner, part), (by_row, step, by_factor, by_pixel))
        by_row, by_filter = output.strides[:2]
        self.output_in_parts = as_strided(output, (*shape, filters, part), (by_row, step, by_filter, by_pixel))

    def unroll(self, inputs: Array) -> None:
        """Fill the patches from inputs (H, C, W, N)."""
        blocks = self._blocks[self._inner]
        for shift, (inputs_met, outputs) in enumerate(self._met):
            blocks[:, shift * self._channels : (shift + 1) * self._channels, outputs] = inputs[:, :, inputs_met]

    def see(self, gradient: Array) -> None:
        """Take a half of Y's gradient, (rows, F, columns, N) or more of them, to work on views of it."""
        (rows, _, pixels), (_, filters, *_), size = self.patches.shape, gradient.shape, self._size
        by_row, by_filter, _, by_pixel = gradient.strides
        self.gradient = as_strided(gradient, (rows, filters, pixels), (by_row, by_filter, by_pixel))
        height, channels = len(self._block_gradients), size * self._channels
        # Input row y meets output rows y - kernel_size + 1 to y: those that meet as many are one batch.
        self._products = []
        whole = range(size - 1, rows)
        if whole:
            part = _divisor(pixels, UNPACKED_PRODUCT // (size * filters * channels))
            shape, step = (len(whole), pixels // part, size * filters, part), part * by_pixel
            of_rows = as_strided(gradient, shape, (by_row, step, by_filter, by_pixel))
            blocks = self._block_gradients[size - 1 : rows].reshape(len(whole), channels, -1, part).swapaxes(1, 2)
            self._products.append((slice(0, size), of_rows, blocks))
        by_row_and_filter = as_strided(gradient, (rows * filters, pixels), (by_filter, by_pixel))
        for row in [row for row in range(height) if row not in whole]:
            first, last = max(row - size + 1, 0), min(row + 1, rows)
            self._products.append(
                (
                    slice(first - row + size - 1, last - row + size - 1),
                    by_row_and_filter[first * filters : last * filters],
                    self._block_gradients[row].reshape(channels, -1),
                )
            )

    def unroll_gradient(self, kernel: Array) -> None:
        """Fill the gradient of the patches from Y's, by the transposed kernel (size * C, rows backwards, F)."""
        for kernel_rows, met, block in self._products:
            np.matmul(kernel[:, kernel_rows].reshape(len(kernel), -1), met, out=block)

    def roll(self, input_gradient: Array, shifts: range) -> None:
        """Add the gradient of the patches to that of the inputs (H, C, W, N): col2im, along the columns only.

        What the kernel's first column meets is written, before others are added.
        """
        blocks = self._block_gradients[self._inner]
        for shift in shifts:
            inputs_met, outputs = self._met[shift]
            part = input_gradient[:, :, inputs_met]
            if shift:
                part += blocks[:, shift, :, outputs]
            else:
                part[...] = blocks[:, 0, :, outputs]


def _divisor(number: int, highest: int) -> int:
    """Return the largest divisor of a number that is at most `highest`; itself where that is under a sixth of it."""
    return next((part for part in range(min(number, highest), highest // 6, -1) if number % part == 0), number)
