"""The settings of a training: what is trained, how, and where the weights go; checked before it starts."""

from dataclasses import dataclass, replace
from itertools import chain, count
from pathlib import Path
from tempfile import TemporaryFile, mkdtemp
from typing import Any

from cnn.architecture import Specs, to_string
from cnn.checkpoint import Checkpoint, CheckpointError, checkpoint_path, load_checkpoint
from cnn.npz import NpzError
from cnn.training import check_settings
from cnn.weights import WeightFileError, load, model_of_name
from menu import catalog
from menu.prompts import whole_number, workers

# What a checkpoint keeps of the settings.
KEPT_SETTINGS: dict[str, Any] = {
    "learning_rate": float,
    "epochs": int,
    "batch_size": int,
    "seed": int,
    "workers": int,
    "augment": bool,
}


@dataclass(frozen=True)
class TrainingSettings:
    """What is trained, how, on what (None is MNIST), and where the weights go."""

    specs: Specs
    learning_rate: float
    epochs: int
    batch_size: int
    seed: int
    workers: int
    augment: bool
    data: Path | None
    output: Path

    @property
    def model(self) -> str:
        """The canonical model string."""
        return to_string(self.specs)


def unfinished_output(output: Path) -> Path:
    """Where a network goes whose training ended early: in the place of no finished one, nor of another such."""
    names = chain(["unfinished_"], (f"unfinished_{number}_" for number in count(2)))
    return next(path for path in (output.with_name(name + output.name) for name in names) if not path.exists())


def refuge(output: Path) -> Path:
    """Where weights go that cannot be written to `output`: a new folder for temporary files, under the same name."""
    return Path(mkdtemp(prefix="weights_")) / output.name


def find_checkpoint(settings: TrainingSettings) -> Checkpoint | None:
    """The checkpoint of a training that was interrupted, if there is one.

    Raises:
        NpzError: where there is one that cannot be used.
    """
    path = checkpoint_path(settings.output)
    return load_checkpoint(path, settings.specs) if path.exists() else None


def settings_of(settings: TrainingSettings, checkpoint: Checkpoint) -> TrainingSettings:
    """The settings with those replaced that a checkpoint was trained with.

    Raises:
        CheckpointError: where they make no sense.
    """
    try:
        numbers = {name: kind(checkpoint.settings[name]) for name, kind in KEPT_SETTINGS.items()}
        check_settings(numbers["learning_rate"], numbers["epochs"], numbers["batch_size"])
        workers(str(numbers["workers"]))
        whole_number(str(numbers["seed"]))
        if len(checkpoint.results) > numbers["epochs"]:
            raise ValueError(numbers)
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        path = checkpoint_path(settings.output)
        raise CheckpointError(f"{path}: the settings of this checkpoint make no sense. Delete the file.") from error
    return replace(settings, **numbers)


def check_output(output: Path, specs: Specs) -> None:
    """Nothing, where weights can be written: hours of training should not end at a folder that is not there.

    Raises:
        WeightFileError: otherwise, and where a file would be replaced that holds no weights.
    """
    if output.parent == catalog.WEIGHT_FOLDER:
        output.parent.mkdir(exist_ok=True)
    if output.suffix != ".npz" or output.is_dir() or not output.parent.is_dir():
        raise WeightFileError(
            f"{output}: weights go into an .npz file in a folder that is there. Choose another place."
        )
    if (named := model_of_name(output)) and named != specs:
        raise WeightFileError(
            f"{output}: a name that holds a model string holds the one that is trained, but this is "
            f"{to_string(specs)}. Choose another name."
        )
    if output.exists():
        try:
            load(output)
        except NpzError as error:
            raise WeightFileError(
                f"{output}: only weights are replaced by weights, but this file holds none that can be read. "
                "Delete it, or choose another name."
            ) from error
    try:
        with TemporaryFile(dir=output.parent):
            pass
    except OSError as error:
        raise WeightFileError(
            f"{output}: nothing can be written there ({error.strerror}). Choose another place."
        ) from error
