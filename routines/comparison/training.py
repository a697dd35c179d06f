"""One training of a comparison where it runs: in a process, or on a machine, of its own."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import mkdtemp

import numpy as np

from cnn.architecture import parse
from cnn.validation import hold_out
from preprocessing.datasets import Dataset
from routines.answers import Constant
from routines.comparison.trials import Outcome, Trial
from routines.events import EpochDone, Interrupted, Progressed, Stop, Stopped, Trained, TrainingStarted
from routines.places import Places
from routines.train import TrainRequest, train

TRAININGS, MARK = "trainings", ".mark"  # the folder of weights and checkpoints, and a file in it that names it


@dataclass(frozen=True)
class Job:
    """A training, and where its files go.

    folder: of weights and checkpoints. mark: what the file MARK in it says, by which another machine knows that it is
    the same folder.
    """

    trial: Trial
    folder: Path
    mark: str


# How much of a training is done, a share from 0 to 1, and what else there is to say of it.
Tell = Callable[[float, str], None]


def weights_of(folder: Path, trial: Trial) -> Path:
    """Return where the weights of a training are, in the folder of trainings."""
    return folder / f"{trial.key}.npz"


def run_trial(job: Job, data: Dataset, tell: Tell, stop: Stop) -> Outcome | None:
    """Train as the command `train` does with one process; None where the flag was set before the end.

    It goes on from its last checkpoint, where there is one. Of the test images it sees none: in their place are those
    that are held out, as the accuracy of the weight file then is.

    data: the training images; no others are looked at.

    Raises:
        UserError: where it cannot begin, or its weights cannot be written.
    """
    shared = _reads(job.folder / MARK) == job.mark
    folder = job.folder if shared else Path(mkdtemp(prefix="training_"))
    try:
        outcome = _train(job.trial, folder, data, tell, stop)
        if outcome and not shared and not outcome.problem:
            return replace(outcome, weights=weights_of(folder, job.trial).read_bytes())
        return outcome
    finally:
        if not shared:
            shutil.rmtree(folder, ignore_errors=True)


def _reads(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, ValueError):
        return ""


def _train(trial: Trial, folder: Path, data: Dataset, tell: Tell, stop: Stop) -> Outcome | None:
    _, held_out = hold_out(np.asarray(data.y_train, np.int64), trial.recipe.validation, trial.recipe.seed)
    judged = replace(data, x_test=data.x_train[held_out], y_test=data.y_train[held_out])
    more = {"data": data.name, "test_images": 0, "accuracy_of": "validation images"}
    output = weights_of(folder, trial)
    request = TrainRequest(parse(trial.model), output, trial.recipe, workers=1, resume=None, more=more)
    outcome = Outcome(trial, images=len(held_out))
    try:
        for event in train(request, Places.of(folder), Constant(resume=True, keep=False), stop, judged):
            match event:
                case Progressed(stage) if stage.startswith("Epoch"):
                    tell(event.done / event.total, event.note)
                case TrainingStarted(results=results):
                    outcome = replace(
                        outcome,
                        losses=tuple(each.mean_loss for each in results),
                        accuracies=tuple(each.validation_accuracy or 0 for each in results),
                    )
                case EpochDone(result):
                    outcome = replace(
                        outcome,
                        losses=(*outcome.losses, result.mean_loss),
                        accuracies=(*outcome.accuracies, result.validation_accuracy or 0),
                    )
                case Stopped():
                    return None if event.interrupted else replace(outcome, problem=event.reason)
                case Trained():
                    outcome = replace(outcome, seconds=event.seconds)
    except Interrupted:
        return None
    return outcome
