"""Batch normalisation: `BN`."""

import re
from dataclasses import dataclass
from itertools import pairwise
from math import prod
from typing import ClassVar

import numpy as np

from cnn.buffers import Buffers
from cnn.layers.base import Context, Kernel, LayerSpec, ModelStringError, ParameterArray, Shape, Window, in_memory
from system.arrays import Array

EPSILON = 1e-5  # added to a variance, which may be 0


@dataclass(frozen=True)
class BatchNormalisation(LayerSpec):
    """`BN`: each channel, or unit, less its mean, divided by its standard deviation, times gamma, plus beta.

    It stands between a convolution, or a fully connected layer, and its ReLU. Mean and variance are those of the
    images that it computes together in training, and kept ones otherwise (see `cnn.statistics`).

    images_together: docs/layer-kinds.md has the measurements. Sources: Ioffe & Szegedy, ICML 2015 (arXiv 1502.03167);
    statistics of fewer images than a batch has after Hoffer et al., NeurIPS 2017 (arXiv 1705.08741).
    """

    token = re.compile("BN")
    form: ClassVar[str] = "BN"
    example: ClassVar[str] = "BN"
    kind: ClassVar[str] = "batch normalisation"
    relu: ClassVar[bool] = True
    relu_after: ClassVar[bool] = True
    images_together: ClassVar[int] = 32

    def __str__(self) -> str:
        return "BN"

    def check(self, input_shape: Shape, place: str, before: LayerSpec | None = None) -> None:
        if before is None or not before.relu or isinstance(before, BatchNormalisation):
            behind = f"{before} stands before it" if before else "nothing stands before it"
            raise ModelStringError(
                f"{place}: batch normalisation comes right behind C or FC, before its ReLU, but {behind}. "
                "Move it, or leave it out."
            )

    def output_shape(self, input_shape: Shape) -> Shape:
        """The same."""
        return input_shape

    def window(self, input_shape: Shape) -> Window:
        return Window(1, 1, 0)

    def arrays(self, input_shape: Shape) -> tuple[ParameterArray, ...]:
        """Gamma and beta, trained; mean and variance, kept; each (channels,) or (units,)."""
        shape = input_shape[:1]
        return (
            ParameterArray("gamma", shape, value=1),
            ParameterArray("beta", shape),
            ParameterArray("mean", shape, kept=True),
            ParameterArray("variance", shape, value=1, kept=True, lowest=0),
        )

    def buffer_size(self, input_shape: Shape, images: int) -> int:
        height = input_shape[1] if len(input_shape) > 1 else 1
        return (4 * prod(input_shape) + 2 * prod(input_shape) // height) * images

    def build(self, input_shape: Shape, images: int, buffers: Buffers) -> Kernel:
        return BatchNorm(input_shape, images, buffers)


class BatchNorm(Kernel):
    """Batch normalisation of (H, C, W, N), or of (units, N), which is taken for (1, units, 1, N).

    With c the inputs less their mean, v the variance, r = 1 / sqrt(v + epsilon), and <> the mean over what shares a
    mean and a variance:

        forward     output = c * gamma * r + beta
        backward    gradient of gamma: sum of g * c * r;  of beta: sum of g;
                    of the inputs: gamma * r * (g - <g> - c * r^2 * <g * c>), and gamma * r * g where v is a kept one

    Sums run over rows first, then columns, in long runs; what is left, (C, N), becomes means of groups of images by a
    product with a small matrix, whatever the groups are.
    """

    def __init__(self, input_shape: Shape, images: int, buffers: Buffers) -> None:
        shape = in_memory(input_shape, images)
        self.output, self._input_gradient = buffers.empty(shape), buffers.empty(shape)
        self._shape = shape if len(shape) > 2 else (1, shape[0], 1, images)
        self._centred, self._scratch = buffers.empty(self._shape), buffers.empty(self._shape)
        self._rows = [buffers.empty(self._shape[1:]) for _ in range(2)]
        self._bounds: tuple[int, ...] = ()
        self._averaging = np.empty((images, images), buffers.dtype)
        self._training = False
        self._summed: tuple[Array, Array] | None = None  # of the gradient that `backward` is about to get

    def __repr__(self) -> str:
        return "BN"

    def bind(self, parameters: Array, gradient: Array) -> None:
        self._gamma, self._beta = parameters.reshape(2, -1, 1)
        self._gamma_gradient, self._beta_gradient = gradient.reshape(2, -1)

    def bind_state(self, state: Array) -> None:
        self._mean, self._variance = state.reshape(2, -1, 1)

    def forward(self, inputs: Array, context: Context) -> Array:
        inputs, output = inputs.reshape(self._shape), self.output.reshape(self._shape)
        self._training, self._summed = context.training, None
        if context.training:
            self._load_groups(context.bounds)
        self._means = self._average(self._sum(inputs)) if context.training else self._mean  # C, N; or C, 1
        np.subtract(inputs, self._in_a_row(0, self._means), out=self._centred)
        if context.training:
            np.multiply(self._centred, self._centred, out=output)
        self._variances = self._average(self._sum(output)) if context.training else self._variance
        self._rates = 1 / np.sqrt(self._variances + self._variances.dtype.type(EPSILON))
        np.multiply(self._centred, self._in_a_row(0, self._gamma * self._rates), out=output)
        output += self._in_a_row(1, self._beta)
        return self.output

    def backward_parameters(self, gradient: Array) -> None:
        sums, products = self._summed = self._sums(gradient)
        np.add.reduce(products * self._rates, axis=1, out=self._gamma_gradient)
        np.add.reduce(sums, axis=1, out=self._beta_gradient)

    def backward(self, gradient: Array) -> Array:
        scales, whole = self._gamma * self._rates, self._input_gradient.reshape(self._shape)
        np.multiply(gradient.reshape(self._shape), self._in_a_row(0, scales), out=whole)
        if self._training:
            sums, products = self._summed or self._sums(gradient)
            slopes = scales * self._rates**2 * self._average(products)
            np.multiply(self._centred, self._in_a_row(0, slopes), out=self._scratch)
            whole -= self._scratch
            whole -= self._in_a_row(1, scales * self._average(sums))
        self._summed = None
        return self._input_gradient

    def observe(self, state: Array) -> None:
        """Write the mean of the groups' means, and of their variances without bias, each weighted by its images."""
        count = self._bounds[-1]
        sizes = np.repeat(np.diff(self._bounds), np.diff(self._bounds)) * self._shape[0] * self._shape[2]
        mean, variance = state.reshape(2, -1)
        mean[...] = self._means[:, :count].mean(axis=1)
        variance[...] = (self._variances[:, :count] * (sizes / np.maximum(sizes - 1, 1))).mean(axis=1)

    def _load_groups(self, bounds: tuple[int, ...]) -> None:
        """Make the matrix (N, N) that gives each image the mean of its group: those behind the last are one, too."""
        if bounds != self._bounds:
            self._bounds = bounds
            self._averaging[...] = 0
            for first, last in pairwise((*bounds, len(self._averaging))):
                if first < last:
                    self._averaging[first:last, first:last] = 1 / ((last - first) * self._shape[0] * self._shape[2])

    def _average(self, sums: Array) -> Array:
        """Return the mean of each image's group (C, N), for sums over each channel of an image (C, N)."""
        return sums @ self._averaging

    def _sum(self, values: Array) -> Array:
        """Return the sum over each channel of an image, (C, N)."""
        sums: Array = np.add.reduce(np.add.reduce(values, axis=0), axis=1)
        return sums

    def _sums(self, gradient: Array) -> tuple[Array, Array]:
        """Return the sums (C, N) of the gradient, and of its product with what was centred."""
        gradient = gradient.reshape(self._shape)
        return self._sum(gradient), self._sum(np.multiply(gradient, self._centred, out=self._scratch))

    def _in_a_row(self, place: int, values: Array) -> Array:
        """Return numbers (C, N) or (C, 1) for each column, (C, W, N): operations with them take long runs."""
        self._rows[place][...] = values[:, np.newaxis]
        return self._rows[place]
