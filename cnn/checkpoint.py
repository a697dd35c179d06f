"""Checkpoints: all that a training needs to go on as if it had never been interrupted."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any

import numpy as np

from cnn.architecture import DIGITS, Specs, parameter_counts, to_string
from cnn.model import Model
from cnn.optimizer import AveragedAdam
from cnn.recipe import Recipe, RecipeError
from cnn.training import EpochResult, Training
from cnn.workers import MAX_WORKERS
from system.arrays import Array
from system.npz import NpzError, NpzReader, write_npz

_MAX_STATE = 1_000_000  # characters: 200 for each of 1,000 epochs, and some
_MAX_STEPS = 10**9
_MAX_CHECKSUM = 2**32 - 1


class CheckpointError(NpzError):
    """A checkpoint that cannot be gone on from, or written."""


@dataclass(frozen=True)
class Checkpoint:
    """A training after an epoch.

    data_checksum: of the data it was begun with, from 0 to 2^32 - 1. results: of the epochs done.
    """

    specs: Specs
    recipe: Recipe
    workers: int
    data_checksum: int
    class_names: tuple[str, ...]
    results: tuple[EpochResult, ...]
    _vectors: Mapping[str, Array]
    _steps: int
    _generator: Mapping[str, Any]

    def resume(self, data: Any) -> Training:
        """Return the training, which goes on with the same data as it was begun with."""
        created = Model.create(self.specs, class_names=self.class_names)  # what layers keep, training does not go by
        model = replace(created, parameters=self._vectors["parameters"].copy())
        generator = np.random.default_rng()
        generator.bit_generator.state = self._generator
        training = Training(model, data, self.recipe, workers=self.workers, generator=generator)
        training.results.extend(self.results)
        optimizer = training.optimizer
        for name in AveragedAdam.VECTORS[1:]:
            getattr(optimizer, name)[...] = self._vectors[name]
        optimizer.steps = self._steps
        return training


def checkpoint_path(output: Path) -> Path:
    """Return where the checkpoint of a training is whose weights go to `output`."""
    return output.with_name(f"checkpoint_{output.name}")


def save_checkpoint(path: Path, training: Training, data_checksum: int) -> None:
    """Write the state of a training after an epoch; the old checkpoint or the new one is there whole.

    Raises:
        CheckpointError: where it cannot be written.
    """
    optimizer = training.optimizer
    state = {
        "model": training.model.string,
        "settings": {**training.recipe.to_json(), "workers": training.workers, "data": data_checksum},
        "class_names": list(training.model.class_names),
        "results": [asdict(result) for result in training.results],
        "steps": optimizer.steps,
        "generator": dict(training.generator.bit_generator.state),
    }
    vectors = {
        "parameters": training.model.parameters,
        **{name: getattr(optimizer, name) for name in AveragedAdam.VECTORS[1:]},
    }
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
        for name in AveragedAdam.VECTORS:
            if reader.header(name) != (expected, np.dtype(np.float32)):
                raise CheckpointError(f"{path}: the array {name!r} does not fit {to_string(specs)}. Delete the file.")
        vectors = {name: reader.read(name) for name in AveragedAdam.VECTORS}
    if not all(np.isfinite(vector).all() for vector in vectors.values()) or vectors["variance"].min(initial=0) < 0:
        raise CheckpointError(f"{path}: a checkpoint holds finite numbers, but this does not. Delete the file.")
    return _checkpoint(path, specs, state, vectors)


def _checkpoint(path: Path, specs: Specs, state: Mapping[str, Any], vectors: Mapping[str, Array]) -> Checkpoint:
    try:
        settings = dict(state["settings"])
        recipe = Recipe.from_json(settings)
        workers = _whole(settings["workers"], 1, MAX_WORKERS)
        checksum = _whole(settings["data"], 0, _MAX_CHECKSUM)
    except (KeyError, TypeError, ValueError, RecipeError) as error:
        raise CheckpointError(f"{path}: the settings of this checkpoint make no sense. Delete the file.") from error
    try:
        generator = np.random.default_rng()
        generator.bit_generator.state = state["generator"]
        results = tuple(map(_result, state["results"]))
        if not 0 < len(results) <= recipe.epochs:
            raise ValueError("epochs")
        if [result.epoch for result in results] != list(range(1, len(results) + 1)):
            raise ValueError("epochs")
        names = tuple(map(str, state.get("class_names", DIGITS)))
        if len(names) != specs[-1].output_shape(())[0]:
            raise ValueError("class_names")
        steps = _whole(state["steps"], 1, _MAX_STEPS)
        return Checkpoint(specs, recipe, workers, checksum, names, results, vectors, steps, dict(state["generator"]))
    except (KeyError, TypeError, ValueError, OverflowError, AttributeError) as error:
        raise CheckpointError(f"{path}: this checkpoint lacks a part of its state. Delete the file.") from error


def _whole(value: Any, lowest: int, highest: int) -> int:
    if not isinstance(value, int) or not lowest <= value <= highest:
        raise ValueError(value)
    return value


def _result(stored: Mapping[str, Any]) -> EpochResult:
    numbers = {field.name: float(stored[field.name]) for field in fields(EpochResult)}
    if not all(np.isfinite(number) and number >= 0 for number in numbers.values()):
        raise ValueError(numbers)
    counts = {name: int(stored[name]) for name in ("epoch", "epochs")}
    return EpochResult(**numbers | counts)  # type: ignore[arg-type]
