"""Convolution: `C(filters,kernel_size)`, with zero padding `p1` and stride `s2` where they are given."""

import re
from dataclasses import dataclass
from math import prod
from typing import ClassVar

from cnn.buffers import Buffers
from cnn.layers.base import (
    Kernel,
    LayerSpec,
    ModelStringError,
    ParameterArray,
    Shape,
    Window,
    require_rows,
    shorten,
)
from cnn.layers.convolution_kernel import Conv2D, padded


@dataclass(frozen=True)
class Convolution(LayerSpec):
    """`C(filters,kernel_size,ppadding,sstride)`, then ReLU: filters of kernel_size x kernel_size, laid on every place.

    padding: rows and columns of zeros at each of the four sides. stride: from one place to the next.
    """

    token = re.compile(
        r"C\((?P<filters>[0-9]+),(?P<kernel_size>[0-9]+)(?:,[Pp](?P<padding>[0-9]+))?(?:,[Ss](?P<stride>[0-9]+))?\)"
    )
    form: ClassVar[str] = "C(filters,size) or C(filters,size,p1,s2) with padding and stride"
    example: ClassVar[str] = "C(16,3)"
    kind: ClassVar[str] = "convolution"
    zeros: ClassVar[frozenset[str]] = frozenset({"padding"})
    relu: ClassVar[bool] = True

    filters: int
    kernel_size: int
    padding: int = 0
    stride: int = 1

    def __str__(self) -> str:
        padding = f",p{self.padding}" if self.padding else ""
        stride = f",s{self.stride}" if self.stride > 1 else ""
        return f"C({self.filters},{self.kernel_size}{padding}{stride})"

    def check(self, input_shape: Shape, place: str, before: LayerSpec | None = None) -> None:
        require_rows(input_shape, place)
        _, height, width = padded(input_shape, self.padding)
        size = f"{shorten(self.kernel_size)}x{shorten(self.kernel_size)}"
        input_size = f"{shorten(height)}x{shorten(width)}{' with its padding' if self.padding else ''}"
        if self.padding >= self.kernel_size:
            raise ModelStringError(
                f"{place}: padding is narrower than the filter, which would see nothing else at the edges, but "
                f"{shorten(self.padding)} is not below {shorten(self.kernel_size)}. Use at most half of the filter: "
                f"p{shorten(self.kernel_size // 2)}."
            )
        if self.kernel_size > min(height, width):
            raise ModelStringError(
                f"{place}: a filter fits into its input, but {size} is larger than {input_size}. "
                "Use a smaller filter, or less pooling before it."
            )
        if self.stride > 1 and self.stride >= min(height, width):
            raise ModelStringError(
                f"{place}: a stride stays within its input, but after a step of {shorten(self.stride)} nothing is left "
                f"of {input_size}. Use a smaller stride, such as s2."
            )

    def output_shape(self, input_shape: Shape) -> Shape:
        """(C, H, W) to (filters, H', W'), with H' = (H + 2 * padding - kernel_size) // stride + 1."""
        _, height, width = padded(input_shape, self.padding)
        rows, columns = ((length - self.kernel_size) // self.stride + 1 for length in (height, width))
        return self.filters, rows, columns

    def window(self, input_shape: Shape) -> Window:
        return Window(self.kernel_size, self.stride, self.padding)

    def arrays(self, input_shape: Shape) -> tuple[ParameterArray, ...]:
        """Weight (filters, C, kernel rows, kernel columns), in memory with C last, as unrolled patches are; bias."""
        shape = (self.filters, input_shape[0], self.kernel_size, self.kernel_size)
        weight = ParameterArray("weight", shape, order=(0, 2, 3, 1), inputs=prod(shape[1:]))
        return weight, ParameterArray("bias", (self.filters,))

    def buffer_size(self, input_shape: Shape, images: int) -> int:
        channels, height, _ = padded(input_shape, self.padding)
        filters, rows, columns = output_shape = self.output_shape(input_shape)
        column = self.kernel_size * channels
        unrolled = height * columns * (2 * column + 1)
        kernels = filters * self.kernel_size * ((rows + 2) * (column + 1) + column)
        return (unrolled + prod(input_shape) + prod(output_shape)) * images + kernels

    def build(self, input_shape: Shape, images: int, buffers: Buffers) -> Kernel:
        return Conv2D(self, input_shape, images, buffers)
