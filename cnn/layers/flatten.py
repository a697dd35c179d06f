"""Flattening, which the plan puts before the first fully connected layer; no token of its own."""

from cnn.buffers import Buffers
from cnn.layers.base import Context, Kernel, Shape
from system.arrays import Array


class Flatten(Kernel):
    """(H, C, W, N) to (C * H * W, N): channel-major, the order of inputs in the weight file."""

    def __init__(self, input_shape: Shape, images: int, buffers: Buffers) -> None:
        channels, height, width = input_shape
        self._by_channel = buffers.empty((channels, height, width, images))
        self._input_gradient = buffers.empty((height, channels, width, images))
        self.output = self._by_channel.reshape(-1, images)

    def __repr__(self) -> str:
        return "Flatten"

    def forward(self, inputs: Array, context: Context) -> Array:
        self._by_channel[...] = inputs.transpose(1, 0, 2, 3)
        return self.output

    def backward(self, gradient: Array) -> Array:
        self._input_gradient[...] = gradient.reshape(self._by_channel.shape).transpose(1, 0, 2, 3)
        return self._input_gradient
