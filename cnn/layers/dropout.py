"""Dropout: `D(share)`."""

import re
from dataclasses import dataclass
from math import prod
from typing import ClassVar

import numpy as np

from cnn.buffers import Buffers
from cnn.layers.base import Context, Kernel, LayerSpec, ModelStringError, Shape, Window, in_memory
from system.arrays import Array

_RANGE = 2**16  # of a random number


@dataclass(frozen=True)
class Dropout(LayerSpec):
    """`D(share)`: in training, each number becomes 0 with a probability of `share`, above 0 and below 1.

    The others grow by 1 / (1 - share), so that sums are as large as where none is left out, which is always but in
    training.

    Source: Srivastava et al., JMLR 15 (2014).
    """

    token = re.compile(r"D\((?P<share>[0-9]+|[0-9]*\.[0-9]+)\)")
    form: ClassVar[str] = "D(share)"
    example: ClassVar[str] = "D(0.5)"
    zeros: ClassVar[frozenset[str]] = frozenset({"share"})
    kind: ClassVar[str] = "dropout"
    relu_after: ClassVar[bool] = True
    random: ClassVar[bool] = True

    share: float

    @classmethod
    def read(cls, token: str) -> "Dropout | None":
        match = cls.token.fullmatch(token)
        return cls(float(match["share"])) if match else None

    def __str__(self) -> str:
        return f"D({np.format_float_positional(self.share, trim='-')})"

    def check(self, input_shape: Shape, place: str, before: LayerSpec | None = None) -> None:
        if not 0 < self.share < 1:
            raise ModelStringError(
                f"{place}: dropout leaves out a share that is above 0 and below 1, but this is {self.share:.8g}. "
                "Use another, such as D(0.5), or leave the token out."
            )

    def output_shape(self, input_shape: Shape) -> Shape:
        """The same."""
        return input_shape

    def window(self, input_shape: Shape) -> Window:
        return Window(1, 1, 0)

    def buffer_size(self, input_shape: Shape, images: int) -> int:
        return 3 * prod(input_shape) * images

    def build(self, input_shape: Shape, images: int, buffers: Buffers) -> Kernel:
        return DropoutKernel(self, input_shape, images, buffers)


class DropoutKernel(Kernel):
    """Dropout, for any shape."""

    def __init__(self, spec: Dropout, input_shape: Shape, images: int, buffers: Buffers) -> None:
        shape = in_memory(input_shape, images)
        self._spec = spec
        self.output, self._input_gradient = buffers.empty(shape), buffers.empty(shape)
        self._factors = buffers.full(shape, 1)
        self._lowest = round(spec.share * _RANGE)  # of the random numbers that keep what they are drawn for
        self._active = False

    def __repr__(self) -> str:
        return str(self._spec)

    def forward(self, inputs: Array, context: Context) -> Array:
        self._active = context.random is not None
        if context.random is None:
            np.copyto(self.output, inputs)
            return self.output
        factors = self._factors.reshape(-1, self._factors.shape[-1])  # numbers of an image, N
        kept = context.random.draw(len(factors)) >= self._lowest
        factors = factors[:, : len(kept)]
        factors[...] = kept.T
        factors *= _RANGE / (_RANGE - self._lowest)
        return np.multiply(inputs, self._factors, out=self.output)

    def backward(self, gradient: Array) -> Array:
        if self._active:
            return np.multiply(gradient, self._factors, out=self._input_gradient)
        np.copyto(self._input_gradient, gradient)
        return self._input_gradient
