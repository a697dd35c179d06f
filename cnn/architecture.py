"""The model string, such as C(8,5)-P2-FC10, to a tuple of layer specs and back."""

import re
from dataclasses import dataclass
from math import prod
from typing import TypeAlias

from cnn.errors import UserError, quote

IMAGE_SHAPE = (1, 28, 28)
DIGITS = 10
EXAMPLE = "C(8,5)-P2-C(16,3)-P2-FC128-FC10"

# The string is part of the weight file's name, and file systems end at 255 bytes.
MAX_LENGTH = 200
MAX_POOL_SIZE = IMAGE_SHAPE[1]

Shape: TypeAlias = tuple[int, ...]


class ModelStringError(UserError):
    """A model string that breaks a rule; the message says which, where, and what to do."""


@dataclass(frozen=True)
class Convolution:
    """`C(filters,kernel_size)`: stride 1, no padding, then ReLU."""

    filters: int
    kernel_size: int

    def __str__(self) -> str:
        return f"C({self.filters},{self.kernel_size})"

    def output_shape(self, input_shape: Shape) -> Shape:
        """(C, H, W) to (filters, H - kernel_size + 1, W - kernel_size + 1)."""
        _, height, width = input_shape
        return self.filters, height - self.kernel_size + 1, width - self.kernel_size + 1

    def parameter_shapes(self, input_shape: Shape) -> tuple[Shape, Shape]:
        """Shapes of weight and bias."""
        return (self.filters, input_shape[0], self.kernel_size, self.kernel_size), (self.filters,)


@dataclass(frozen=True)
class Pooling:
    """`Ppool_size`: maximum of each window, stride equal to the window.

    Windows that do not fit are smaller, as with Keras' padding 'same': what they lack is cut off both edges, the larger
    half at the end.
    """

    pool_size: int

    def __str__(self) -> str:
        return f"P{self.pool_size}"

    def output_shape(self, input_shape: Shape) -> Shape:
        """(C, H, W) to (C, ceil(H / pool_size), ceil(W / pool_size))."""
        channels, height, width = input_shape
        return channels, -(-height // self.pool_size), -(-width // self.pool_size)

    def parameter_shapes(self, input_shape: Shape) -> tuple[()]:
        """Nothing: pooling has no parameters."""
        return ()


@dataclass(frozen=True)
class FullyConnected:
    """`FCunits`: every unit sees every input; ReLU, except on the last, whose outputs are logits."""

    units: int

    def __str__(self) -> str:
        return f"FC{self.units}"

    def output_shape(self, input_shape: Shape) -> Shape:
        """Any shape to (units,)."""
        return (self.units,)

    def parameter_shapes(self, input_shape: Shape) -> tuple[Shape, Shape]:
        """Shapes of weight and bias."""
        return (self.units, prod(input_shape)), (self.units,)


LayerSpec: TypeAlias = Convolution | Pooling | FullyConnected
Specs: TypeAlias = tuple[LayerSpec, ...]

_TOKEN = re.compile(r"C\((?P<filters>[0-9]+),(?P<kernel_size>[0-9]+)\)|P(?P<pool_size>[0-9]+)|FC(?P<units>[0-9]+)")


def parse(model: str) -> Specs:
    """Specs of the layers that a model string names; spaces and lower case are forgiven.

    Raises:
        ModelStringError: for a string over MAX_LENGTH characters, an empty or unknown token, a size of zero, a
            pooling window over 28, C or P after FC, a filter larger than its input, or a last token other than FC10.
    """
    compact = "".join(model.split()).upper()
    if len(compact) > MAX_LENGTH:
        raise ModelStringError(
            f"A model string has at most {MAX_LENGTH} characters: this one has {len(compact):,}. Use fewer layers."
        )
    if not compact:
        raise ModelStringError(f"A model string names at least one layer: nothing was given. Try {EXAMPLE}.")
    tokens = compact.split("-")
    specs = tuple(_parse_token(token, position, model) for position, token in enumerate(tokens, 1))
    shape: Shape = IMAGE_SHAPE
    for position, spec in enumerate(specs, 1):
        _check_fits(spec, shape, _place(spec, position, model))
        shape = spec.output_shape(shape)
    if specs[-1] != FullyConnected(DIGITS):
        raise ModelStringError(
            f"{_place(specs[-1], len(specs), model)}: FC{DIGITS} must be the last token, one unit for each digit. "
            f"Add -FC{DIGITS}."
        )
    return specs


def to_string(specs: Specs) -> str:
    """The canonical model string of some specs."""
    return "-".join(map(str, specs))


def output_shapes(specs: Specs) -> tuple[Shape, ...]:
    """Shape of each layer's output for one image: (C, H, W), or (units,) once flattened."""
    shapes: list[Shape] = [IMAGE_SHAPE]
    for spec in specs:
        shapes.append(spec.output_shape(shapes[-1]))
    return tuple(shapes[1:])


def parameter_shapes(specs: Specs) -> dict[int, tuple[Shape, Shape]]:
    """Shapes of weight and bias of every layer that has them, by layer number (from 1, as in the model string)."""
    inputs = (IMAGE_SHAPE, *output_shapes(specs))
    shapes = {
        number: spec.parameter_shapes(shape) for number, (spec, shape) in enumerate(zip(specs, inputs, strict=False), 1)
    }
    return {number: pair for number, pair in shapes.items() if pair}


def parameter_counts(specs: Specs) -> tuple[int, ...]:
    """Number of parameters of each layer."""
    shapes = parameter_shapes(specs)
    return tuple(sum(map(prod, shapes.get(number, ()))) for number in range(1, len(specs) + 1))


def _place(token: object, position: int, model: str) -> str:
    return f"Token {position}, {quote(str(token))}, of {quote(model)}"


def _parse_token(token: str, position: int, model: str) -> LayerSpec:
    place = _place(token, position, model)
    if not token:
        raise ModelStringError(
            f"{place}: a token stands before and after every '-', but this one is empty. Remove a '-'."
        )
    match = _TOKEN.fullmatch(token)
    if match is None:
        raise ModelStringError(
            f"{place}: a token is C(filters,size), P and a window, or FC and a number of units. "
            "Write it like C(16,3), P2 or FC128."
        )
    sizes = {name: int(digits) for name, digits in match.groupdict().items() if digits is not None}
    if 0 in sizes.values():
        raise ModelStringError(f"{place}: every size is at least 1, but this token has a 0. Give a positive number.")
    if "units" in sizes:
        return FullyConnected(sizes["units"])
    if "pool_size" in sizes:
        return Pooling(sizes["pool_size"])
    return Convolution(sizes["filters"], sizes["kernel_size"])


def _check_fits(spec: LayerSpec, input_shape: Shape, place: str) -> None:
    if isinstance(spec, FullyConnected):
        return
    if len(input_shape) == 1:
        raise ModelStringError(
            f"{place}: C and P need rows and columns, which are gone after FC. Move it before the first FC."
        )
    _, height, width = input_shape
    if isinstance(spec, Convolution) and spec.kernel_size > min(height, width):
        raise ModelStringError(
            f"{place}: a filter fits into its input, but {spec.kernel_size}x{spec.kernel_size} is larger than "
            f"{height}x{width}. Use a smaller filter, or less pooling before it."
        )
    if isinstance(spec, Pooling) and spec.pool_size > MAX_POOL_SIZE:
        raise ModelStringError(
            f"{place}: a pooling window is at most {MAX_POOL_SIZE}, the size of the image, but this is "
            f"{_shorten(spec.pool_size)}. Use a smaller one, such as P2."
        )


def _shorten(number: int) -> str:
    digits = f"{number:,}"
    return digits if len(digits) <= 20 else f"a number of {len(str(number))} digits"
