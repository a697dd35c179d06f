"""What routines yield while they work, for whoever shows it: a terminal, a log, another process."""

from collections.abc import Generator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, TypeVar

from cnn.evaluation import Evaluation
from cnn.model import Model
from cnn.recipe import Recipe
from cnn.training import EpochResult
from preprocessing.prediction import Prediction
from routines.improvement import Improvement
from system.steps import Steps

T = TypeVar("T")


class Stop(Protocol):
    """A flag that the caller sets, such as `threading.Event`."""

    def is_set(self) -> bool:
        """Return whether the routine is to stop."""


class Interrupted(Exception):  # noqa: N818 - it is no error
    """The flag was set, and there is nothing to keep but what was written already."""


class Event:
    """Whatever a routine yields."""


@dataclass(frozen=True)
class Progressed(Event):
    """How much of a stage is done, of how many things, such as images.

    note: what else there is to say of it. value: a number, such as the loss, whose curve may be shown; not each time.
    """

    stage: str
    done: float
    total: float
    things: str
    note: str = ""
    value: float | None = None


@dataclass(frozen=True)
class Alongside(Event):
    """What runs at the same time, each with its own progress; in place of what the last such event said."""

    running: tuple[Progressed, ...]


@dataclass(frozen=True)
class Busy(Event):
    """Something that takes a moment, and cannot say how much of it is done."""

    stage: str


@dataclass(frozen=True)
class Noted(Event):
    """A sentence for the user; urgent: something is not as it should be."""

    text: str
    urgent: bool = False


@dataclass(frozen=True)
class TrainingStarted(Event):
    """A training that begins, or goes on after some epochs."""

    model: Model
    recipe: Recipe
    results: tuple[EpochResult, ...]


@dataclass(frozen=True)
class EpochDone(Event):
    """An epoch of a training."""

    result: EpochResult


@dataclass(frozen=True)
class Checkpointed(Event):
    """A training can now go on from here."""

    path: Path


@dataclass(frozen=True)
class Stopped(Event):
    """A training that ended early, and why.

    interrupted: by the flag, not by a failure. epochs_kept: after how many there is a checkpoint to go on from; or 0.
    """

    reason: str
    interrupted: bool
    epochs_kept: int


@dataclass(frozen=True)
class Unsaved(Event):
    """Weights that could not be written where they should, and why; they go to another place."""

    problem: str


@dataclass(frozen=True)
class Evaluated(Event):
    """A model read the test images."""

    model: Model
    evaluation: Evaluation


@dataclass(frozen=True)
class Trained(Event):
    """A model that was trained, evaluated and saved; loss: of the last epoch, where there was one."""

    model: Model
    results: tuple[EpochResult, ...]
    evaluation: Evaluation
    seconds: float
    output: Path


@dataclass(frozen=True)
class Predicted(Event):
    """A picture that was read, of so many."""

    prediction: Prediction
    total: int = 1


@dataclass(frozen=True)
class PicturesDone(Event):
    """All pictures were looked at: how many were read, and how many could not be."""

    read: int
    refused: int
    seconds: float


@dataclass(frozen=True)
class PicturesKept(Event):
    """What the network saw of pictures is in a folder, with contact sheets; others: how many other files are there."""

    folder: Path
    sheets: tuple[Path, ...]
    others: int


@dataclass(frozen=True)
class Written(Event):
    """A picture that was written.

    channel: None where it shows several; layer: None where it shows all.
    activation: of the channel: what a given image reaches where there is one, else what the picture itself does.
    details: whatever else belongs to it, as JSON has it.
    """

    file: Path
    title: str
    layer: int | None
    channel: int | None = None
    activation: float | None = None
    details: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Exported(Event):
    """A model that was written for another program, in `size` bytes, and read again.

    images: how many it was compared on; greatest_difference: of all their probabilities; same_answers: for how many the
    most probable class is the same.
    """

    model: Model
    file: Path
    format: str
    size: int
    images: int
    greatest_difference: float
    same_answers: int


@dataclass(frozen=True)
class Learned(Event):
    """What came of teaching a copy of a model, `parent`, the digits of some pictures.

    improvement: of the parent, and of copies that have not seen the picture they read. test_before, test_after: of the
    parent and the copy. step: how much of the way it went from the parent to what learned, from 0 to 1; 0 where even a
    little forgets too much. forgotten: share of the training images held out, as they are and distorted, that only the
    parent reads right.
    output: the file; None where it did not help, and nothing was written.
    """

    parent: Model
    improvement: Improvement
    test_before: Evaluation
    test_after: Evaluation
    step: float
    forgotten: float
    output: Path | None = None
    seconds: float = 0.0


@dataclass(frozen=True)
class Imported(Event):
    """A model that was taken from a file of another program, and where its weights are now.

    layout: in which its arrays were taken to lie; empty where the file says so itself.
    """

    model: Model
    source: Path
    output: Path
    layout: str


@dataclass(frozen=True)
class Figure(Event):
    """A figure that goes with a result: its title, and its file, or why there is none."""

    title: str
    file: Path | None
    problem: str = ""


def staged(stage: str, total: float, things: str, steps: Steps[T], stop: Stop) -> Generator[Event, None, T]:
    """Do some steps as a stage of a routine: yields its progress, and returns the result of the steps.

    Raises:
        Interrupted: when the flag is set.
    """
    yield Progressed(stage, 0, total, things)
    while True:
        try:
            done = next(steps)
        except StopIteration as end:
            result: T = end.value
            return result
        yield Progressed(stage, done, total, things)
        if stop.is_set():
            raise Interrupted
