"""Weights of other programs in an .npz file, matched to a model string by shape and order, whatever their names.

Convolutions lie as (filters, channels, rows, columns), as in PyTorch, or as (rows, columns, channels, filters), as in
Keras; fully connected layers as (units, inputs) or (inputs, units). What no shape says is the order in which
the inputs of the first fully connected layer were flattened: it goes with the layout of the convolutions.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnn.architecture import Specs, arrays, input_shapes, to_string
from cnn.exchange import ExchangeError
from cnn.layers.base import ModelStringError, ParameterArray, Shape
from cnn.memory import require_memory
from cnn.model import Model
from system.errors import quote
from system.npz import NpzReader

CHANNELS_FIRST, CHANNELS_LAST = "channels first", "channels last"
MAX_ARRAYS = 1000

# Returns one of the two, for a sentence that says what is to be decided.
AskLayout = Callable[[str], str]


@dataclass(frozen=True)
class _Place:
    """Where an array goes: the layer's number, the array, and the shape of the layer's input."""

    number: int
    array: ParameterArray
    input_shape: Shape

    @property
    def name(self) -> str:
        return f"{self.array.name}_{self.number}"

    def fits(self, shape: Shape, layout: str) -> bool:
        """Return whether an array of a file may be this one, by its shape and the layout of the file."""
        own = self.array.shape
        if len(own) == 4:
            return shape == (own if layout == CHANNELS_FIRST else (own[2], own[3], own[1], own[0]))
        if len(own) == 2:
            return shape in (own, own[::-1])
        return shape in (own, (*own, 1), (1, *own))


def read_npz(path: Path, specs: Specs, ask_layout: AskLayout) -> tuple[Model, str]:
    """Return a model with the arrays of a file, of floating-point numbers, and the layout that they were taken to have.

    ask_layout: decides where shapes alone do not.

    Raises:
        NpzError: for what cannot be read; ExchangeError: for what cannot be matched.
    """
    with NpzReader(path) as reader:
        try:
            require_memory(specs, 1)
        except ModelStringError as error:
            raise ExchangeError(f"{path}: {error}") from error
        found = _floating(reader)
        places = [
            _Place(number, array, shape)
            for number, (of_layer, shape) in enumerate(zip(arrays(specs), input_shapes(specs), strict=True), 1)
            for array in of_layer
        ]
        layout = _layout(path, places, list(found.values()), ask_layout)
        names = _match(path, specs, places, found, layout)
        read = {place.name: _read(reader, names[place.name], place) for place in places}
        turned = _turned(path, places, read, layout)
        model = Model.create(specs)
        own = model.arrays()
        for place in places:
            own[place.number][place.array.name][...] = _laid_out(read[place.name], place, layout, turned)
    return model, layout


def _floating(reader: NpzReader) -> dict[str, Shape]:
    """Return the names and shapes of the arrays that may be weights: those of more than nothing, but no counters."""
    if len(reader.names) > MAX_ARRAYS:
        raise ExchangeError(f"{reader.path}: weights are at most {MAX_ARRAYS:,} arrays, but this file has more.")
    headers = {name: reader.header(name) for name in reader.names}
    return {name: shape for name, (shape, dtype) in headers.items() if dtype.kind == "f" and shape}


def _layout(path: Path, places: list[_Place], shapes: list[Shape], ask_layout: AskLayout) -> str:
    """Return the layout that the shapes have, or that somebody says where they fit both."""
    convolutions = [place for place in places if len(place.array.shape) == 4]
    flattened = [place for place in places if len(place.array.shape) == 2 and len(place.input_shape) == 3]
    fitting = [
        layout
        for layout in (CHANNELS_FIRST, CHANNELS_LAST)
        if all(any(place.fits(shape, layout) for shape in shapes) for place in convolutions)
    ]
    if len(fitting) == 1:
        return fitting[0]
    matters = convolutions or any(shape[0] > 1 and prod(shape[1:]) > 1 for shape in (p.input_shape for p in flattened))
    if not fitting or not matters:
        return CHANNELS_FIRST  # what is missing is said by name; one channel lies the same in both
    which = quote(convolutions[0].name) if convolutions else "the inputs of the first fully connected layer"
    return ask_layout(
        f"{path}: {which} may lie with the channels before rows and columns, as PyTorch's, or behind, as Keras'"
    )


def _match(path: Path, specs: Specs, places: list[_Place], found: dict[str, Shape], layout: str) -> dict[str, str]:
    """Return the name in the file of each array of the model."""
    left, names = _in_order(found), {}
    for place in places:
        name = next((name for name in left if place.fits(found[name], layout)), None)
        if name is None:
            have = ", ".join(f"{each} {found[each]}" for each in left[:6]) or "none"
            more = f", and {len(left) - 6} more" if len(left) > 6 else ""
            raise ExchangeError(
                f"{path}: the array {place.name} of {to_string(specs)} has the shape {place.array.shape}, but of those "
                f"that are left none fits: {_printable(have)}{more}."
            )
        left.remove(name)
        names[place.name] = name
    if left:
        raise ExchangeError(
            f"{path}: every array belongs to a layer, but {quote(left[0])}, {found[left[0]]}, is one more than "
            f"{to_string(specs)} has. Check the model string, or leave the array out."
        )
    return names


def _in_order(found: dict[str, Shape]) -> list[str]:
    """Return names in the order of the file; those that differ in numbers alone, in the order of these: 2 before 10."""
    pattern: dict[str, list[str]] = {}
    for name in found:
        pattern.setdefault(re.sub("[0-9]+", "#", name), []).append(name)
    ordered = {each: iter(sorted(names, key=_numbers)) for each, names in pattern.items()}
    return [next(ordered[re.sub("[0-9]+", "#", name)]) for name in found]


def _numbers(name: str) -> list[int]:
    return [int(digits[:18]) for digits in re.findall("[0-9]+", name)]


def _read(reader: NpzReader, name: str, place: _Place) -> NDArray[Any]:
    def refuse(rule: str) -> ExchangeError:
        return ExchangeError(f"{reader.path}: the array {quote(name)}, which would be {place.name}, {rule}.")

    _, dtype = reader.header(name)
    if dtype.itemsize > 8:
        raise refuse(f"is of at most 64 bits a number here, but this is {dtype}")
    with np.errstate(over="ignore", invalid="ignore"):
        array = reader.read(name).astype(np.float32)
    if not np.isfinite(array).all():
        raise refuse("holds numbers that are not finite")
    if array.size and array.min() < place.array.lowest:
        raise refuse(f"holds numbers from {place.array.lowest:g} up, but this has {array.min():g}")
    return array


def _turned(path: Path, places: list[_Place], read: dict[str, NDArray[Any]], layout: str) -> bool:
    """Return whether square matrices are (inputs, units): as the others are; else as the layout has it."""
    matrices = [place for place in places if len(place.array.shape) == 2]
    others = [place for place in matrices if place.array.shape[0] != place.array.shape[1]]
    turned = {read[place.name].shape != place.array.shape for place in others}
    return turned.pop() if len(turned) == 1 else layout == CHANNELS_LAST


def _laid_out(array: NDArray[Any], place: _Place, layout: str, turned: bool) -> NDArray[Any]:
    """Return an array as it lies in the weight file."""
    own, (channels, *_) = place.array.shape, place.input_shape
    if len(own) == 4:
        return array if layout == CHANNELS_FIRST else array.transpose(3, 2, 0, 1)
    if len(own) == 1:
        return array.reshape(own)
    if array.shape != own or (own[0] == own[1] and turned):
        array = array.T
    if layout == CHANNELS_LAST and len(place.input_shape) == 3:
        _, rows, columns = place.input_shape
        array = array.reshape(own[0], rows, columns, channels).transpose(0, 3, 1, 2).reshape(own)
    return array


def _printable(text: str) -> str:
    return "".join(letter if letter.isprintable() else "?" for letter in text)
