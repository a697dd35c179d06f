"""The layers: forward and backward, nothing else.

An activation is (row, channel, column, image), C-contiguous, written (H, C, W, N); after flattening it is (inputs, N).
With the images last, every copy and sum moves runs of `columns x N` numbers, and a fully connected layer is one
product without a transposition. With the rows first, the columns of all output rows overlap in memory (see Conv2D).

A layer is built once, for an input shape (channels, height, width) and a number N of images. It allocates there and
nowhere else: what forward and backward return is its own buffer, which the next call overwrites. `backward` takes the
gradient of the output and returns the gradient of the input; `backward_parameters` takes the same and fills the
layer's gradients. Both speak of the last forward pass.
"""

import numpy as np
from numpy.lib.stride_tricks import as_strided
from numpy.typing import DTypeLike

from cnn import Array
from cnn.architecture import Shape
from cnn.axis_maximum import AxisMaximum


class Layer:
    """What a network asks of a layer; by itself, a layer without parameters."""

    output: Array

    def parameters(self) -> tuple[Array, ...]:
        """Weight (in the shape of the weight file) and bias, where there are any: views, to be written into."""
        return ()

    def bind(self, parameters: Array, gradient: Array) -> None:
        """Take the layer's part of the network's flat parameter vector, and of its gradient, both (parameters,)."""

    def forward(self, inputs: Array) -> Array:
        """The output for some inputs."""
        raise NotImplementedError

    def backward(self, gradient: Array) -> Array:
        """The gradient of the input, for the gradient of the output."""
        raise NotImplementedError

    def backward_parameters(self, gradient: Array) -> None:
        """Fill the gradients of weight and bias, for the gradient of the output."""


class Conv2D(Layer):
    """Convolution, stride 1, no padding: (H, C, W, N) to (H', filters, W', N), with H' = H - kernel_size + 1.

    Source: im2col after Ren & Xu, AAAI 2015 (arXiv 1501.07338), unrolled along the columns only. Block y holds input
    row y, shifted to each of the kernel's columns, and a row of ones for the bias. The patches of output row y are
    then blocks y to y + kernel_size - 1, which lie behind one another: every output row is one product with a *view*,
    and unrolling copies kernel_size times less. Measured, 16 to 32 filters of 3x3 on 13x13, N=32, one thread:
    copy 89 -> 22 us, product 384 -> 314, filter gradient 550 -> 353, input gradient 696 -> 447, against columns
    unrolled in both directions.
    """

    def __init__(
        self, filters: int, kernel_size: int, input_shape: Shape, images: int, dtype: DTypeLike = np.float32
    ) -> None:
        channels, height, width = input_shape
        size, rows, columns = kernel_size, height - kernel_size + 1, width - kernel_size + 1
        self.filters, self.kernel_size, self.channels = filters, size, channels
        block = size * channels + 1
        pixels = columns * images

        self._blocks = np.ones((height, block, columns, images), dtype)
        self._patches = as_strided(
            self._blocks, (rows, size * block, pixels), (self._blocks.strides[0], *self._blocks.strides[1::2])
        )
        # The ones occur once in each of the kernel's rows; the bias is a factor of the first only.
        self._kernel = np.zeros((filters, size, block), dtype)
        self.output = np.empty((rows, filters, columns, images), dtype)

        self._kernel_gradients = np.empty((rows, size * block, filters), dtype)
        self._kernel_gradient = np.empty((size, block, filters), dtype)

        # The kernel's rows run backwards here: input row y meets output rows y - kernel_size + 1 to y.
        self._kernel_transposed = np.empty((size * channels, size, filters), dtype)
        self._block_gradients = np.empty((height, size, channels, columns, images), dtype)
        self._input_gradient = np.empty((height, channels, width, images), dtype)

    def __repr__(self) -> str:
        return f"C({self.filters},{self.kernel_size})"

    def bind(self, parameters: Array, gradient: Array) -> None:
        shape = (self.filters, self.kernel_size, self.kernel_size * self.channels)  # F, kernel row, (column, channel)
        self._weight, self.bias = parameters[: -self.filters].reshape(shape), parameters[-self.filters :]
        self._weight_gradient, self._bias_gradient = gradient[: -self.filters].reshape(shape), gradient[-self.filters :]
        by_axis = self._weight.reshape(self.filters, self.kernel_size, self.kernel_size, self.channels)
        self.weight = by_axis.transpose(0, 3, 1, 2)  # F, C, kernel row, kernel column

    def parameters(self) -> tuple[Array, ...]:
        return self.weight, self.bias

    def forward(self, inputs: Array) -> Array:
        columns = self._blocks.shape[2]
        for shift in range(self.kernel_size):
            first = shift * self.channels
            self._blocks[:, first : first + self.channels] = inputs[:, :, shift : shift + columns]
        self._kernel[:, :, :-1] = self._weight
        self._kernel[:, 0, -1] = self.bias
        rows, filters = self.output.shape[:2]
        np.matmul(self._kernel.reshape(filters, -1), self._patches, out=self.output.reshape(rows, filters, -1))
        return self.output

    def backward_parameters(self, gradient: Array) -> None:
        # The patches on the left, although the result must then be transposed: 353 us against 499 for 16 to 32 filters.
        rows, filters = self.output.shape[:2]
        by_row = gradient.reshape(rows, filters, -1).transpose(0, 2, 1)  # H', (W', N), F
        np.matmul(self._patches, by_row, out=self._kernel_gradients)
        np.add.reduce(self._kernel_gradients, axis=0, out=self._kernel_gradient.reshape(-1, filters))
        self._weight_gradient[...] = self._kernel_gradient[:, :-1].transpose(2, 0, 1)
        self._bias_gradient[...] = self._kernel_gradient[0, -1]

    def backward(self, gradient: Array) -> Array:
        size, (rows, filters, columns, _) = self.kernel_size, self.output.shape
        self._kernel_transposed[...] = self._weight[:, ::-1].transpose(2, 1, 0)
        for row, block in enumerate(self._block_gradients):
            first, last = max(row - size + 1, 0), min(row + 1, rows)
            kernel_rows = self._kernel_transposed[:, first - row + size - 1 : last - row + size - 1]
            np.matmul(
                kernel_rows.reshape(size * self.channels, -1),
                gradient[first:last].reshape((last - first) * filters, -1),
                out=block.reshape(size * self.channels, -1),
            )
        # col2im, along the columns only
        self._input_gradient[:, :, :columns] = self._block_gradients[:, 0]
        self._input_gradient[:, :, columns:] = 0
        for shift in range(1, size):
            self._input_gradient[:, :, shift : shift + columns] += self._block_gradients[:, shift]
        return self._input_gradient


class MaxPool2D(Layer):
    """Maximum of each window, stride equal to the window: (H, C, W, N) to (ceil(H / size), C, ceil(W / size), N).

    Windows at a ragged edge are smaller. One axis at a time, each keeping its comparison, so that `backward` is a
    multiply and a subtract per axis. Columns before rows: equal maxima then give the gradient to the first of them in
    reading order, as other libraries do. Rows first would take a quarter less time (long contiguous runs halve the
    work before the short ones), 3 to 6% of a training step, but sends the gradient of a tie elsewhere.
    """

    def __init__(self, pool_size: int, input_shape: Shape, images: int, dtype: DTypeLike = np.float32) -> None:
        channels, height, width = input_shape
        self.pool_size = pool_size
        self._columns = AxisMaximum((height, channels, width, images), 2, pool_size, dtype)
        self._rows = AxisMaximum(self._columns.output.shape, 0, pool_size, dtype)
        self.output = self._rows.output

    def __repr__(self) -> str:
        return f"P{self.pool_size}"

    def forward(self, inputs: Array) -> Array:
        return self._rows.forward(self._columns.forward(inputs))

    def backward(self, gradient: Array) -> Array:
        return self._columns.backward(self._rows.backward(gradient))


class ReLU(Layer):
    """The positive part of each number, for any shape; the gradient at 0 is 0."""

    def __init__(self, shape: Shape, dtype: DTypeLike = np.float32) -> None:
        self.output = np.empty(shape, dtype)
        self._positive = np.empty(shape, np.bool_)
        self._input_gradient = np.empty(shape, dtype)

    def __repr__(self) -> str:
        return "ReLU"

    def forward(self, inputs: Array) -> Array:
        return np.maximum(inputs, 0, out=self.output)

    def backward(self, gradient: Array) -> Array:
        np.greater(self.output, 0, out=self._positive)
        return np.multiply(gradient, self._positive, out=self._input_gradient)


class Flatten(Layer):
    """(H, C, W, N) to (C * H * W, N): channel-major, the order of inputs in the weight file."""

    def __init__(self, input_shape: Shape, images: int, dtype: DTypeLike = np.float32) -> None:
        channels, height, width = input_shape
        self._by_channel = np.empty((channels, height, width, images), dtype)
        self._input_gradient = np.empty((height, channels, width, images), dtype)
        self.output = self._by_channel.reshape(-1, images)

    def __repr__(self) -> str:
        return "Flatten"

    def forward(self, inputs: Array) -> Array:
        self._by_channel[...] = inputs.transpose(1, 0, 2, 3)
        return self.output

    def backward(self, gradient: Array) -> Array:
        self._input_gradient[...] = gradient.reshape(self._by_channel.shape).transpose(1, 0, 2, 3)
        return self._input_gradient


class Dense(Layer):
    """Fully connected: (inputs, N) to (units, N)."""

    def __init__(self, units: int, inputs: int, images: int, dtype: DTypeLike = np.float32) -> None:
        self.units, self._inputs_count = units, inputs
        self.output = np.empty((units, images), dtype)
        self._input_gradient = np.empty((inputs, images), dtype)

    def __repr__(self) -> str:
        return f"FC{self.units}"

    def bind(self, parameters: Array, gradient: Array) -> None:
        shape = self.units, self._inputs_count
        self.weight, self.bias = parameters[: -self.units].reshape(shape), parameters[-self.units :]
        self._weight_gradient, self._bias_gradient = gradient[: -self.units].reshape(shape), gradient[-self.units :]

    def parameters(self) -> tuple[Array, ...]:
        return self.weight, self.bias

    def forward(self, inputs: Array) -> Array:
        self._inputs = inputs
        np.matmul(self.weight, inputs, out=self.output)
        self.output += self.bias[:, np.newaxis]
        return self.output

    def backward_parameters(self, gradient: Array) -> None:
        np.matmul(gradient, self._inputs.T, out=self._weight_gradient)
        np.add.reduce(gradient, axis=1, out=self._bias_gradient)

    def backward(self, gradient: Array) -> Array:
        return np.matmul(self.weight.T, gradient, out=self._input_gradient)
