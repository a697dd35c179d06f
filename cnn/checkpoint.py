"""Checkpoints: all that a training needs to go on as if it had never been interrupted."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np

from cnn import Array
from cnn.architecture import Specs, parameter_counts, to_string
from cnn.network import Network
from cnn.npz import NpzError, NpzReader, write_npz
from cnn.optimizer import AveragedAdam
from cnn.training import EpochResult

_MAX_STATE = 1_000_000  # characters: 200 for each of 1,000 epochs, and some
_MAX_STEPS = 10**9
_VECTORS = ("parameters", "mean", "variance", "average")


class CheckpointError(NpzError):
    """A checkpoint that cannot be gone on from, or written."""


@dataclass(frozen=True)
class Checkpoint:
    """A training after an epoch.

    settings: what JSON holds, as `save_checkpoint` was given it. results: of the epochs done.
    """

    settings: Mapping[str, Any]
    results: Sequence[EpochResult]
    _vectors: Mapping[str, Array]
    _steps: int
    _generator: Mapping[str, Any]

    def restore(self, network: Network, optimizer: AveragedAdam, generator: np.random.Generator) -> None:
        """Put network, optimizer and generator into the state they had."""
        network.parameters[...] = self._vectors["parameters"]
        optimizer.mean[...] = self._vectors["mean"]
        optimizer.variance[...] = self._vectors["variance"]
        optimizer.average[...] = self._vectors["average"]
        optimizer.steps = self._steps
        generator.bit_generator.state = self._generator


def checkpoint_path(output: Path) -> Path:
    """Where the checkpoint of a training is whose weights go to `output`."""
    return output.with_name(f"checkpoint_{output.name}")


def save_checkpoint(
    path: Path,
    network: Network,
    optimizer: AveragedAdam,
    generator: np.random.Generator,
    settings: Mapping[str, Any],
    results: Sequence[EpochResult],
) -> None:
    """Write the state of a training after an epoch; the old checkpoint or the new one is there whole.

    Raises:
        CheckpointError: where it cannot be written.
    """
    state = {
        "model": to_string(network.specs),
        "settings": dict(settings),
        "results": [asdict(result) for result in results],
        "steps": optimizer.steps,
        "generator": dict(generator.bit_generator.state),
    }
    vectors = {"parameters": network.parameters, **{name: getattr(optimizer, name) for name in _VECTORS[1:]}}
    try:
        write_npz(path, vectors, state=state)
    except OSError as error:
        raise CheckpointError(f"{path}: the checkpoint could not be written ({error.strerror or error}).") from error


def load_checkpoint(path: Path, specs: Specs) -> Checkpoint:
    """Read the checkpoint of a model.

    Raises:
        NpzError: where there is none or it cannot be read; CheckpointError, a kind of it, for what does not fit.
    """
    expected = (sum(parameter_counts(specs)),)
    with NpzReader(path) as reader:
        state = reader.read_object("state", _MAX_STATE)
        if state.get("model") != to_string(specs):
            raise CheckpointError(
                f"{path}: a checkpoint of {to_string(specs)} is needed, but this is another model's. Delete the file."
            )
        for name in _VECTORS:
            if reader.header(name) != (expected, np.dtype(np.float32)):
                raise CheckpointError(f"{path}: the array {name!r} does not fit {to_string(specs)}. Delete the file.")
        vectors = {name: reader.read(name) for name in _VECTORS}
    if not all(np.isfinite(vector).all() for vector in vectors.values()) or vectors["variance"].min(initial=0) < 0:
        raise CheckpointError(f"{path}: a checkpoint holds finite numbers, but this does not. Delete the file.")
    try:
        generator = np.random.default_rng()
        generator.bit_generator.state = state["generator"]
        results = tuple(_result(result) for result in state["results"])
        if not results or [result.epoch for result in results] != list(range(1, len(results) + 1)):
            raise ValueError("epochs")
        steps = int(state["steps"])
        if not 0 < steps <= _MAX_STEPS:
            raise ValueError("steps")
        return Checkpoint(dict(state["settings"]), results, vectors, steps, state["generator"])
    except (KeyError, TypeError, ValueError, OverflowError, AttributeError) as error:
        raise CheckpointError(f"{path}: this checkpoint lacks a part of its state. Delete the file.") from error


def _result(stored: Mapping[str, Any]) -> EpochResult:
    numbers = {field.name: float(stored[field.name]) for field in fields(EpochResult)}
    if not all(np.isfinite(number) and number >= 0 for number in numbers.values()):
        raise ValueError(numbers)
    counts = {name: int(stored[name]) for name in ("epoch", "epochs")}
    return EpochResult(**numbers | counts)  # type: ignore[arg-type]
