"""The checkpoint of learning: the weights of each finished stage, and of what was asked no more than a digest."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path

import numpy as np

from cnn.checkpoint import checkpoint_path
from cnn.model import Model
from cnn.recipe import Recipe
from preprocessing.datasets import Dataset
from routines.events import Noted
from routines.fine_tune import Hand
from routines.train_files import discard_checkpoint
from system.arrays import Array
from system.npz import NpzError, NpzReader, write_npz

PARTS = ("parameters", "state")
_MAX_STATE = 1000  # characters


@dataclass
class Stages:
    """The vectors of a model after each finished stage, from the first on; in a file, where they have an output.

    asked: a digest of what decides their bits. Each stage is a training of seconds, that is done again where it was
    interrupted.
    """

    asked: str = ""
    output: Path | None = None
    finished: list[dict[str, Array]] = field(default_factory=list)

    def recall(self, number: int, parent: Model) -> Model | None:
        """Return what a parent became in a stage, from 0; None where that is still to be done."""
        if number >= len(self.finished):
            return None
        vectors = {part: vector.copy() for part, vector in self.finished[number].items()}
        return replace(parent, parameters=vectors["parameters"], state=vectors["state"], path=None)

    def keep(self, model: Model) -> Iterator[Noted]:
        """Keep what a stage made, the next after those that are finished; says where that cannot be written."""
        self.finished.append({part: getattr(model, part).copy() for part in PARTS})
        if self.output:
            vectors = {f"{part}_{n}": each[part] for n, each in enumerate(self.finished) for part in PARTS}
            try:
                write_npz(_path(self.output), vectors, learning={"asked": self.asked})
            except OSError as error:  # what is learned is worth more than its checkpoint
                yield Noted(f"{_path(self.output)}: it could not be written ({error.strerror or error}).", True)

    def discard(self) -> Iterator[Noted]:
        """Remove the file, which nobody has to go on with; says where that fails."""
        if self.output and (note := discard_checkpoint(_place(self.output))):
            yield note

    def resume(self, parent: Model) -> Iterator[Noted]:
        """Take the stages that the file has, where they are of the same as is asked now; says what becomes of it."""
        path = _path(self.output) if self.output else None
        if not path or not path.exists():
            return
        try:
            self.finished = _read(path, self.asked, parent)
        except NpzError as error:
            yield Noted(f"{error} Learning begins anew, and replaces it.")
        else:
            yield Noted(f"Learning goes on from {path}, after {len(self.finished)} finished stages.")


def digest(parent: Model, hand: Hand, data: Dataset, recipe: Recipe, workers: int) -> str:
    """Return a digest of all that decides the bits of what is learned."""
    found = sha256(json.dumps([parent.string, recipe.to_json(), workers]).encode())
    for array in (parent.parameters, parent.state, hand.images, hand.labels, hand.pictures, data.x_train, data.y_train):
        found.update(array.tobytes())
    return found.hexdigest()


def _place(output: Path) -> Path:
    """Return what training would write where the checkpoint is: another than that of a training."""
    return output.with_name(f"learning_{output.name}")


def _path(output: Path) -> Path:
    return checkpoint_path(_place(output))


def _read(path: Path, asked: str, parent: Model) -> list[dict[str, Array]]:
    """Return the finished stages of a file.

    Raises:
        NpzError: where it cannot be read, or is of something else.
    """
    finished: list[dict[str, Array]] = []
    with NpzReader(path) as reader:
        if reader.read_object("learning", _MAX_STATE).get("asked") != asked:
            raise NpzError(f"{path}: this checkpoint is of other pictures, another network or another way to learn.")
        while (names := {part: f"{part}_{len(finished)}" for part in PARTS})["parameters"] in reader:
            for part, name in names.items():
                own: Array = getattr(parent, part)
                if reader.header(name) != (own.shape, own.dtype):
                    raise NpzError(f"{path}: the array {name!r} does not fit {parent.string}.")
            finished.append({part: reader.read(name) for part, name in names.items()})
    if not all(np.isfinite(vector).all() for each in finished for vector in each.values()):
        raise NpzError(f"{path}: a checkpoint holds finite numbers, but this does not.")
    return finished
