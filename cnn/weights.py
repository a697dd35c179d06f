"""Weight files: .npz of arrays named `weight_i`, `bias_i` and so on, i the layer's number, and `metadata`, JSON."""

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnn.architecture import Specs, arrays, parse, to_string
from cnn.calibration import MAX_TEMPERATURE
from cnn.layers.base import ModelStringError, ParameterArray
from cnn.memory import require_memory
from system.errors import quote
from system.npz import NpzError, NpzReader, write_npz

_NAME = re.compile(r"weight_details(.+)\.npz")
_NAMED = re.compile(r"(\S+) (\w.*)")  # a model string, and the name that somebody gave the model
_FIRST = re.compile(r"weight_\d+")
MAX_METADATA = 150_000  # characters

# By layer number and name.
Arrays = Mapping[int, Mapping[str, NDArray[Any]]]


class WeightFileError(NpzError):
    """A weight file that does not hold what its model string asks for, or cannot be written."""


def file_name(specs: Specs, name: str = "") -> str:
    """Return the name under which a model's weights are kept, by its model string and the name it was given."""
    return f"weight_details{to_string(specs)}{name and ' '}{name}.npz"


def given_name(path: Path) -> str:
    """Return the name that a model was given, as its file's name has it behind the model string; empty without one."""
    match = _NAME.fullmatch(path.name)
    return _split(match[1])[1] if match else ""


def model_of_name(path: Path) -> Specs | None:
    """Return the model that a file's name gives, or None for another kind of name.

    Raises:
        WeightFileError: where the name holds a model string that breaks a rule.
    """
    match = _NAME.fullmatch(path.name)
    return _parse(_split(match[1])[0], path) if match else None


def read(path: Path) -> tuple[Specs, Arrays, dict[str, Any]]:
    """Return specs, arrays (float32) and metadata of a weight file; its arrays may be of any float dtype.

    The model string is in the metadata, else in the name. Metadata are empty where the file has none.

    Raises:
        NpzError: for what cannot be read; WeightFileError, a kind of it, for what does not fit.
    """
    with NpzReader(path) as reader:
        metadata = _read_metadata(reader) if "metadata" in reader else {}
        named = model_of_name(path)
        stored = _parse(metadata["model"], path) if "model" in metadata else None
        specs = stored or named
        if specs is None:
            raise WeightFileError(f"{path}: {_no_model(reader.names)}")
        if named and named != specs:
            raise WeightFileError(
                f"{path}: name and metadata give the same model, but here they give {to_string(named)} and "
                f"{to_string(specs)}. Rename the file to {file_name(specs)}."
            )
        _require_memory(specs, path)
        read = {
            number: {array.name: _read_array(reader, f"{array.name}_{number}", array, specs) for array in of_layer}
            for number, of_layer in enumerate(arrays(specs), 1)
        }
    return specs, read, metadata


def write(path: Path, by_layer: Arrays, metadata: Mapping[str, Any]) -> None:
    """Write arrays, and metadata (anything JSON holds), among them `model`, the model string.

    Raises:
        WeightFileError: where the file cannot be written; the old one is then as it was.
    """
    named = {f"{name}_{number}": array for number, layer in by_layer.items() for name, array in layer.items()}
    try:
        write_npz(path, named, metadata=metadata)
    except OSError as error:
        raise WeightFileError(
            f"{path}: the weights could not be written ({error.strerror or error}). Choose another place."
        ) from error


def temperature_of(metadata: Mapping[str, Any]) -> float:
    """Return what the metadata say that logits are divided by; 1 where they say nothing usable."""
    stored = metadata.get("temperature")
    return stored if isinstance(stored, float) and 1 / MAX_TEMPERATURE <= stored <= MAX_TEMPERATURE else 1.0


def class_names_of(metadata: Mapping[str, Any], classes: int) -> tuple[str, ...]:
    """Return the names that the metadata have for so many classes; empty where they have none that are usable."""
    stored = metadata.get("class_names")
    if isinstance(stored, list) and len(stored) == classes and all(isinstance(name, str) for name in stored):
        return tuple(stored)
    return ()


def _split(text: str) -> tuple[str, str]:
    """Return the model string of a file's name and the name behind it; spaces within a model string are none."""
    match = _NAMED.fullmatch(text)
    if match:
        with suppress(ModelStringError):
            parse(match[1])
            return match[1], match[2]
    return text, ""


def _no_model(names: Sequence[str]) -> str:
    """Return what is said of a file without a model string, by the names of its arrays."""
    if any(map(_FIRST.fullmatch, names)):
        return (
            "the model string is in the metadata or in the name, but this file has neither. "
            "Name it weight_details, the model string, and .npz."
        )
    found = ", ".join(quote(name) for name in names[:3]) or "none at all"
    return (
        f"a weight file has arrays called weight_1, bias_1 and so on, but this one, of another program, has {found}. "
        "Take it in with main.py import and --model, its model string."
    )


def _parse(model: object, path: Path) -> Specs:
    if not isinstance(model, str):
        raise WeightFileError(f"{path}: the model string in the metadata is text, but this is {type(model).__name__}.")
    try:
        return parse(model)
    except ModelStringError as error:
        raise WeightFileError(f"{path}: {error}") from error


def _require_memory(specs: Specs, path: Path) -> None:
    try:
        require_memory(specs, 1)
    except ModelStringError as error:
        raise WeightFileError(f"{path}: {error}") from error


def _read_metadata(reader: NpzReader) -> dict[str, Any]:
    try:
        return reader.read_object("metadata", MAX_METADATA)
    except NpzError as error:
        raise WeightFileError(str(error)) from error


def _read_array(reader: NpzReader, name: str, expected: ParameterArray, specs: Specs) -> NDArray[np.float32]:
    def refuse(rule: str, found: object) -> WeightFileError:
        return WeightFileError(f"{reader.path}: for {to_string(specs)} the array {name!r} {rule}, but it has {found}.")

    shape, dtype = reader.header(name)
    if shape != expected.shape:
        raise refuse(f"has the shape {expected.shape}", shape)
    if dtype.kind != "f" or dtype.itemsize > 8:  # of 128 bits, four times the memory is needed
        raise refuse("holds floating-point numbers", f"the type {dtype}")
    with np.errstate(over="ignore", invalid="ignore"):  # infinities and signalling NaN are refused below
        array = reader.read(name).astype(np.float32, copy=False)
    if not np.isfinite(array).all():
        raise refuse("holds finite numbers", f"{expected.size - np.count_nonzero(np.isfinite(array))} that are not")
    if array.min() < expected.lowest:
        raise refuse(f"holds numbers from {expected.lowest:g} up", f"{array.min():g}")
    return array
