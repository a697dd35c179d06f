"""What every kind of layer gives: a spec, which knows shapes and rules, and a kernel, which computes.

A kind is one file here and one line in `cnn.layers.KINDS`. A spec is a frozen dataclass, whose text is its token in the
model string; from the shape of its input it tells everything that can be known without a network. A kernel is built
once, for an input shape (channels, height, width) and a number N of images. It allocates there and nowhere else: what
forward and backward return is its own buffer, which the next call overwrites.

An activation is (row, channel, column, image), C-contiguous, written (H, C, W, N); after flattening it is (inputs, N).
With the images last, every copy and sum moves runs of `columns x N` numbers, and a fully connected layer is one product
without a transposition. With the rows first, the columns of all output rows overlap in memory (see Conv2D).
"""

import re
from abc import ABC, abstractmethod
from dataclasses import dataclass
from math import prod
from typing import ClassVar, TypeAlias

import numpy as np

from cnn.buffers import Buffers
from cnn.random_numbers import RandomNumbers
from system.arrays import Array
from system.errors import UserError

Shape: TypeAlias = tuple[int, ...]


class ModelStringError(UserError):
    """A model string that breaks a rule; the message says which, where, and what to do."""


@dataclass(frozen=True)
class Context:
    """What a pass is for: a layer that behaves otherwise in training asks here.

    training: whether the parameters learn from it.
    bounds: in training, where the groups of images begin that are computed together, and where the last one ends; all
        images of a pass are one group where the pass is not told otherwise.
    random: the random numbers of the images; None where nothing is to be random.
    """

    training: bool = False
    bounds: tuple[int, ...] = ()
    random: RandomNumbers | None = None


@dataclass(frozen=True)
class Window:
    """Which part of its input one output of a layer sees, along rows and columns alike.

    Output i sees the inputs i * stride - offset to i * stride - offset + size - 1, as far as there are such.
    """

    size: int
    stride: int
    offset: int


@dataclass(frozen=True)
class ParameterArray:
    """An array of numbers that a model has learned.

    name: in the weight file, before the layer's number.
    shape: in the weight file. order: of its axes in memory; those of the file, where it is empty.
    inputs: of one unit, whose weights start as a normal variable of variance 2 / inputs; 0 for what starts at `value`.
    kept: whether it is no trained parameter, but a statistic of images that is kept (see `cnn.statistics`).
    lowest: the least that its numbers may be.
    """

    name: str
    shape: Shape
    order: tuple[int, ...] = ()
    inputs: int = 0
    value: float = 0
    kept: bool = False
    lowest: float = -np.inf

    @property
    def size(self) -> int:
        """How many numbers it has."""
        return prod(self.shape)

    def view(self, flat: Array) -> Array:
        """Return the array, in the shape of the file, as a view of its part (size,) of a flat vector."""
        if not self.order:
            return flat.reshape(self.shape)
        in_memory = flat.reshape([self.shape[axis] for axis in self.order])
        view: Array = in_memory.transpose(np.argsort(self.order))
        return view

    def start(self, flat: Array, generator: np.random.Generator) -> None:
        """Write the first values into its part of a flat vector.

        Source: He et al., ICCV 2015 (arXiv 1502.01852): a standard deviation of sqrt(2 / inputs of a unit) keeps the
        variance from layer to layer under ReLU.
        """
        view = self.view(flat)
        drawn = generator.standard_normal(self.shape) * np.sqrt(2 / self.inputs) if self.inputs else self.value
        view[...] = drawn


class Kernel:
    """Forward and backward of a layer; by itself, of one without parameters. Both speak of the last forward pass."""

    output: Array

    def bind(self, parameters: Array, gradient: Array) -> None:
        """Take the layer's part of the model's flat parameter vector, and of its gradient, both (parameters,)."""

    def bind_state(self, state: Array) -> None:
        """Take the layer's part of the model's kept state, (numbers,)."""

    def observe(self, state: Array) -> None:
        """Write what that state would be for the images of the last pass, which was in training, alone."""

    def forward(self, inputs: Array, context: Context) -> Array:
        """Return the output for some inputs."""
        raise NotImplementedError

    def backward(self, gradient: Array) -> Array:
        """Return the gradient of the input, for the gradient of the output."""
        raise NotImplementedError

    def backward_parameters(self, gradient: Array) -> None:
        """Fill the gradients of the parameters, for the gradient of the output."""


class LayerSpec(ABC):
    """What a token of the model string says.

    token: the token, with a named group for each size; those that are not there are left at their default.
    form, example: how an error shows it. zeros: the sizes that may be 0. kind: what a table calls it.
    relu: whether a ReLU follows, unless it is the last layer. relu_after: whether a ReLU that is due before it runs
    after it; as both commute, or, where it has a ReLU too, as that is the only one. with_relu: whether its kernel
    computes that ReLU too.
    flat: whether it works on (inputs, N), and not on rows and columns.
    random: whether it asks for random numbers. images_together: how many images of a batch, at most, it computes
    together in training, so that none is read by itself alone.
    """

    token: ClassVar[re.Pattern[str]]
    form: ClassVar[str]
    example: ClassVar[str]
    kind: ClassVar[str]
    zeros: ClassVar[frozenset[str]] = frozenset()
    relu: ClassVar[bool] = False
    relu_after: ClassVar[bool] = False
    with_relu: ClassVar[bool] = False
    flat: ClassVar[bool] = False
    random: ClassVar[bool] = False
    images_together: ClassVar[int] = 1

    @classmethod
    def read(cls, token: str) -> "LayerSpec | None":
        """Return the spec of a token, or None where it is another kind's."""
        match = cls.token.fullmatch(token)
        sizes = match.groupdict() if match else {}
        return cls(**{name: int(digits) for name, digits in sizes.items() if digits}) if match else None

    def check(self, input_shape: Shape, place: str, before: "LayerSpec | None" = None) -> None:
        """Check that the layer fits behind what precedes it.

        place: names the token, at the beginning of the error's sentence. before: the layer before; None for the first.

        Raises:
            ModelStringError: where it does not.
        """
        return  # a kind that fits anywhere says nothing

    @abstractmethod
    def output_shape(self, input_shape: Shape) -> Shape:
        """Return the shape for one image, (C, H, W) or (units,)."""

    @abstractmethod
    def window(self, input_shape: Shape) -> Window | None:
        """Return what one output sees of the input; None for all of it."""

    def arrays(self, input_shape: Shape) -> tuple[ParameterArray, ...]:
        """Return its arrays, in the order in which they lie in the model's vectors; none by default."""
        return ()

    @abstractmethod
    def buffer_size(self, input_shape: Shape, images: int) -> int:
        """Return how many numbers its kernel allocates, within a tenth."""

    @abstractmethod
    def build(self, input_shape: Shape, images: int, buffers: Buffers) -> Kernel:
        """Return a kernel for an input shape and a number of images."""


def in_memory(shape: Shape, images: int) -> Shape:
    """Return the shape of an activation in memory: (H, C, W, N) for (C, H, W), and (units, N) for (units,)."""
    if len(shape) == 1:
        return *shape, images
    channels, height, width = shape
    return height, channels, width, images


def require_rows(input_shape: Shape, place: str) -> None:
    """Check that an input still has rows and columns.

    Raises:
        ModelStringError: where it is flat.
    """
    if len(input_shape) == 1:
        raise ModelStringError(
            f"{place}: this layer needs rows and columns, which are gone after FC. Move it before the first FC."
        )


def shorten(number: int) -> str:
    """Return a number as an error shows it, however many digits it has."""
    digits = f"{number:,}"
    return digits if len(digits) <= 20 else f"a number of {len(str(number))} digits"
