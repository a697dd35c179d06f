"""Layers in lower degrees of vectorization, in place of those of `cnn.layers`.

Activations and parameters lie as there: (H, C, W, N). The plain loops are those that the tests compare with.
"""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from cnn.buffers import Buffers
from cnn.layers.base import Context, Shape
from cnn.layers.convolution import Convolution
from cnn.layers.convolution_kernel import Conv2D
from cnn.layers.fully_connected import Dense
from cnn.layers.pooling import MaxPool2D
from system.arrays import Array
from tests import loops


class LoopConvolution(Conv2D):
    """Convolution by plain loops, one number at a time."""

    def bind(self, parameters: Array, gradient: Array) -> None:
        super().bind(parameters, gradient)
        weight, _ = self._spec.arrays((self.channels, 0, 0))
        self.weight = weight.view(parameters[: weight.size])

    def __init__(self, filters: int, kernel_size: int, input_shape: Shape, images: int, buffers: Buffers) -> None:
        channels, height, width = input_shape
        self._spec, self.channels = Convolution(filters, kernel_size), channels
        self.filters, self.kernel_size = filters, kernel_size
        self.output = buffers.empty((height - kernel_size + 1, filters, width - kernel_size + 1, images))
        self._input_gradient = buffers.empty((height, channels, width, images))

    def forward(self, inputs: Array, context: Context) -> Array:
        self._images = _images_first(inputs)
        self.output[...] = _rows_first(loops.convolve(self._images, self.weight, self.bias))
        return self.output

    def backward_parameters(self, gradient: Array) -> None:
        found = loops.convolve_backward_parameters(self._images, self.weight, _images_first(gradient))
        weight_gradient, self._bias_gradient[...] = found
        by_column = weight_gradient.transpose(0, 2, 3, 1)  # F, kernel row, kernel column, C
        self._weight_gradient[...] = by_column.reshape(self._weight_gradient.shape)

    def backward(self, gradient: Array) -> Array:
        found = loops.convolve_backward(self._images, self.weight, _images_first(gradient))
        self._input_gradient[...] = _rows_first(found)
        return self._input_gradient


class MapConvolution(LoopConvolution):
    """Convolution of one image, one feature map after another: each unrolls its input (im2col) for one product.

    Backwards, each map's columns are accumulated back into the image (col2im).
    """

    def __init__(self, filters: int, kernel_size: int, input_shape: Shape, images: int, buffers: Buffers) -> None:
        super().__init__(filters, kernel_size, input_shape, images, buffers)
        rows, _, columns, _ = self.output.shape
        self._columns = buffers.empty((kernel_size, kernel_size, self.channels, rows, columns))
        self._column_matrix = self._columns.reshape(-1, rows * columns)  # (kernel row, kernel column, C), (H', W')

    def forward(self, inputs: Array, context: Context) -> Array:
        windows, kernel = self._windows(inputs), self._weight.reshape(self.filters, -1)
        for number in range(self.filters):
            self._columns[...] = windows
            feature_map = kernel[number] @ self._column_matrix + self.bias[number]
            self.output[:, number, :, 0] = feature_map.reshape(self.output.shape[::2])
        return self.output

    def backward_parameters(self, gradient: Array) -> None:
        by_map, kernel_gradient = self._by_map(gradient), self._weight_gradient.reshape(self.filters, -1)
        for number in range(self.filters):
            kernel_gradient[number] = self._column_matrix @ by_map[number]
            self._bias_gradient[number] = by_map[number].sum()

    def backward(self, gradient: Array) -> Array:
        by_map, kernel = self._by_map(gradient), self._weight.reshape(self.filters, -1)
        self._input_gradient[...] = 0
        for number in range(self.filters):
            self._accumulate(np.multiply.outer(kernel[number], by_map[number]))
        return self._input_gradient

    def _windows(self, inputs: Array) -> Array:
        """What is to be copied into the columns, as a view: (kernel row, kernel column, C, H', W')."""
        windows = sliding_window_view(inputs[..., 0], self.output.shape[:3:2], (0, 2))  # kernel row, C, column, H', W'
        by_kernel: Array = windows.transpose(0, 2, 1, 3, 4)
        return by_kernel

    def _by_map(self, gradient: Array) -> Array:
        by_map: Array = gradient.transpose(1, 0, 2, 3).reshape(self.filters, -1)  # F, (H', W')
        return by_map

    def _accumulate(self, columns: Array) -> None:
        rows, _, width, _ = self.output.shape
        by_axis = columns.reshape(self._columns.shape).transpose(0, 1, 3, 2, 4)  # kernel row, column, H', C, W'
        for row, column in np.ndindex(self._columns.shape[:2]):
            self._input_gradient[row : row + rows, :, column : column + width, 0] += by_axis[row, column]


class UnrolledConvolution(MapConvolution):
    """Convolution of one image, all feature maps in one unrolling and one product."""

    def forward(self, inputs: Array, context: Context) -> Array:
        self._columns[...] = self._windows(inputs)
        product = self._weight.reshape(self.filters, -1) @ self._column_matrix + self.bias[:, np.newaxis]
        rows, _, columns, _ = self.output.shape
        self.output[...] = product.reshape(self.filters, rows, columns, 1).transpose(1, 0, 2, 3)
        return self.output

    def backward_parameters(self, gradient: Array) -> None:
        by_map = self._by_map(gradient)
        np.matmul(by_map, self._column_matrix.T, out=self._weight_gradient.reshape(self.filters, -1))
        np.add.reduce(by_map, axis=1, out=self._bias_gradient)

    def backward(self, gradient: Array) -> Array:
        self._input_gradient[...] = 0
        self._accumulate(self._weight.reshape(self.filters, -1).T @ self._by_map(gradient))
        return self._input_gradient


class LoopPooling(MaxPool2D):
    """Maximum of each window by plain loops; `forward` keeps where it was found."""

    def __init__(self, pool_size: int, input_shape: Shape, images: int, buffers: Buffers) -> None:
        channels, height, width = input_shape
        self.pool_size = pool_size
        self.output = buffers.empty((-(-height // pool_size), channels, -(-width // pool_size), images))
        self._input_gradient = buffers.empty((height, channels, width, images))

    def forward(self, inputs: Array, context: Context) -> Array:
        self._images = _images_first(inputs)
        output, self._places = loops.max_pool(self._images, self.pool_size)
        self.output[...] = _rows_first(output)
        return self.output

    def backward(self, gradient: Array) -> Array:
        found = loops.max_pool_backward(self._images, self._places, _images_first(gradient))
        self._input_gradient[...] = _rows_first(found)
        return self._input_gradient


class ImageDense(Dense):
    """Fully connected, for one image, whose product of a column and a row np.matmul leaves to a loop of its own.

    Measured, 800 inputs and 500 units: 546 us with np.matmul, 104 with np.dot, which asks BLAS.
    """

    def backward_parameters(self, gradient: Array) -> None:
        np.dot(gradient, self._inputs.T, out=self._weight_gradient)
        self._bias_gradient[...] = gradient[:, 0]


def _images_first(activation: Array) -> Array:
    by_image: Array = activation.transpose(3, 1, 0, 2)  # H, C, W, N to N, C, H, W
    return by_image


def _rows_first(images: Array) -> Array:
    by_row: Array = images.transpose(2, 1, 3, 0)  # N, C, H, W to H, C, W, N
    return by_row
