"""The maximum over windows of one axis, and its gradient: half of a pooling layer."""

import numpy as np

from cnn.buffers import Buffers
from cnn.layers.base import Shape
from system.arrays import Array


class AxisMaximum:
    """Maximum over windows of one axis, stride equal to the window; ties go to the first element of a window.

    What the last window lacks is cut off both ends, the larger half off the last window. The element at 0 is then in
    the first window, and every pool_size-th from there in the next, which makes them the ones to start from.
    """

    def __init__(self, shape: Shape, axis: int, pool_size: int, buffers: Buffers) -> None:
        def along_axis(part: slice | list[int]) -> tuple[slice | list[int], ...]:
            return (*[slice(None)] * axis, part)

        def with_length(length: int) -> Shape:
            return (*shape[:axis], length, *shape[axis + 1 :])

        length = shape[axis]
        windows = -(-length // pool_size)
        missing = windows * pool_size - length
        cut = missing // 2
        self.output = buffers.empty(with_length(windows))
        self._input_gradient = buffers.empty(shape)
        self._start = along_axis(slice(0, None, pool_size))
        # The other elements, nearest first: where they are, their windows, whether equal numbers count as larger (for
        # those before the start), and where they were larger.
        self._others = [
            (
                along_axis(slice(first, None, pool_size)),
                along_axis(slice(window, window + count)),
                np.greater_equal if window else np.greater,
                buffers.empty(with_length(count), np.bool_),
            )
            for first, window in [(pool_size - back, 1) for back in range(1, cut + 1)]
            + [(ahead, 0) for ahead in range(1, pool_size - cut)]
            if (count := len(range(first, length, pool_size)))
        ]
        incomplete = [0] * (cut > 0) + [windows - 1] * (missing > cut)
        self._incomplete = along_axis(incomplete if self._others else slice(None))

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
