"""The maximum over windows of one axis, and its gradient: half of a pooling layer."""

import numpy as np

from cnn.buffers import Buffers
from cnn.layers.axis_windows import AxisWindows
from cnn.layers.base import Shape
from system.arrays import Array


class AxisMaximum:
    """Maximum over windows of one axis; ties go to the first element of a window."""

    def __init__(self, shape: Shape, axis: int, pool_size: int, buffers: Buffers) -> None:
        whole = AxisWindows(shape, axis, pool_size)
        self.output = buffers.empty(whole.shape)
        self._input_gradient = buffers.empty(shape)
        self._start, self._incomplete = whole.start, whole.incomplete
        # For the elements that do not start a window: whether equal numbers count as larger, for those before the
        # start; and where they were larger.
        self._others = [
            (elements, windows, np.greater_equal if before else np.greater, buffers.empty(part, np.bool_))
            for elements, windows, part, before in whole.others
        ]

    def forward(self, inputs: Array) -> Array:
        """Return the maxima, for inputs of the shape it was built for."""
        best = inputs[self._start]
        self.output[self._incomplete] = best[self._incomplete]
        for elements, windows, compare, wins in self._others:
            compare(inputs[elements], best[windows], out=wins)
            np.maximum(inputs[elements], best[windows], out=self.output[windows])
            best = self.output
        return self.output

    def backward(self, gradient: Array) -> Array:
        """Return the gradient of the inputs of the last forward pass, for the gradient of the maxima."""
        start = self._input_gradient[self._start]
        start[self._incomplete] = gradient[self._incomplete]
        left = gradient
        for elements, windows, _, wins in reversed(self._others):
            won = self._input_gradient[elements]
            np.multiply(left[windows], wins, out=won)
            np.subtract(left[windows], won, out=start[windows])
            left = start
        return self._input_gradient
