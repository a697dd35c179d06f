"""Weight files: .npz of `weight_i` and `bias_i`, i the layer's number, and `metadata`, a JSON string."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnn.architecture import ModelStringError, Specs, parameter_counts, parameter_shapes, parse, to_string
from cnn.calibration import MAX_TEMPERATURE
from cnn.memory import require_memory
from cnn.network import IMAGES_PER_PASS, Network
from cnn.npz import NpzError, NpzReader, write_npz

_NAME = re.compile(r"weight_details(.+)\.npz")
_MAX_METADATA = 100_000  # characters


class WeightFileError(NpzError):
    """A weight file that does not hold what its model string asks for, or cannot be written."""


@dataclass(frozen=True)
class WeightFile:
    """What was read of one file.

    arrays: weight and bias of each layer that has them, by layer number, float32.
    metadata: whatever the file says of itself; empty where it says nothing.
    """

    path: Path
    specs: Specs
    arrays: Mapping[int, tuple[NDArray[np.float32], NDArray[np.float32]]]
    metadata: Mapping[str, Any]

    @property
    def model(self) -> str:
        """The canonical model string."""
        return to_string(self.specs)

    @property
    def parameters(self) -> int:
        """How many parameters the network has."""
        return sum(parameter_counts(self.specs))

    @property
    def temperature(self) -> float:
        """What the metadata say that logits are divided by (see cnn.calibration); 1 where they say nothing usable."""
        stored = self.metadata.get("temperature")
        return stored if isinstance(stored, float) and 1 / MAX_TEMPERATURE <= stored <= MAX_TEMPERATURE else 1.0

    def network(self, images: int = IMAGES_PER_PASS) -> Network:
        """A network with these weights, for up to `images` images a pass."""
        network = Network(self.specs, images)
        network.temperature = self.temperature
        for number, views in network.layer_parameters().items():
            for view, array in zip(views, self.arrays[number], strict=True):
                view[...] = array
        return network


def file_name(specs: Specs) -> str:
    """The name under which a model's weights are kept."""
    return f"weight_details{to_string(specs)}.npz"


def model_of_name(path: Path) -> Specs | None:
    """The model that a file's name gives, or None for another kind of name.

    Raises:
        WeightFileError: where the name holds a model string that breaks a rule.
    """
    match = _NAME.fullmatch(path.name)
    return _parse(match[1], path) if match else None


def load(path: Path) -> WeightFile:
    """Read a weight file; the model string is in its metadata, else in its name. Arrays may be of any float dtype.

    Raises:
        NpzError: for what cannot be read; WeightFileError, a kind of it, for what does not fit.
    """
    with NpzReader(path) as reader:
        metadata = _read_metadata(reader) if "metadata" in reader else {}
        named = model_of_name(path)
        stored = _parse(metadata["model"], path) if "model" in metadata else None
        specs = stored or named
        if specs is None:
            raise WeightFileError(
                f"{path}: the model string is in the metadata or in the name, but this file has neither. "
                "Name it weight_details, the model string, and .npz."
            )
        if named and named != specs:
            raise WeightFileError(
                f"{path}: name and metadata give the same model, but here they give {to_string(named)} and "
                f"{to_string(specs)}. Rename the file to {file_name(specs)}."
            )
        _require_memory(specs, path)
        arrays = {
            number: (
                _read_array(reader, f"weight_{number}", weight_shape, specs),
                _read_array(reader, f"bias_{number}", bias_shape, specs),
            )
            for number, (weight_shape, bias_shape) in parameter_shapes(specs).items()
        }
    return WeightFile(path, specs, arrays, metadata)


def save(path: Path, network: Network, metadata: Mapping[str, Any]) -> None:
    """Write a network's weights and metadata (anything JSON holds; `model` is added).

    Raises:
        WeightFileError: where the file cannot be written; the old one is then as it was.
    """
    arrays: dict[str, Any] = {
        f"{name}_{number}": array
        for number, pair in network.layer_parameters().items()
        for name, array in zip(("weight", "bias"), pair, strict=True)
    }
    try:
        write_npz(path, arrays, metadata={"model": to_string(network.specs), **metadata})
    except OSError as error:
        raise WeightFileError(
            f"{path}: the weights could not be written ({error.strerror or error}). Choose another place."
        ) from error


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
        return reader.read_object("metadata", _MAX_METADATA)
    except NpzError as error:
        raise WeightFileError(str(error)) from error


def _read_array(reader: NpzReader, name: str, expected: tuple[int, ...], specs: Specs) -> NDArray[np.float32]:
    def refuse(rule: str, found: object) -> WeightFileError:
        return WeightFileError(f"{reader.path}: for {to_string(specs)} the array {name!r} {rule}, but it has {found}.")

    shape, dtype = reader.header(name)
    if shape != expected:
        raise refuse(f"has the shape {expected}", shape)
    if dtype.kind != "f" or dtype.itemsize > 8:  # of 128 bits, four times the memory is needed
        raise refuse("holds floating-point numbers", f"the type {dtype}")
    with np.errstate(over="ignore", invalid="ignore"):  # infinities and signalling NaN are refused below
        array = reader.read(name).astype(np.float32, copy=False)
    if not np.isfinite(array).all():
        raise refuse("holds finite numbers", f"{prod(expected) - np.count_nonzero(np.isfinite(array))} that are not")
    return array
