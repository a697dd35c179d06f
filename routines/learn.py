"""Learning a person's handwriting: a copy of a model is taught it, and kept where that helped."""

from collections.abc import Generator, Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timezone
from pathlib import Path
from time import perf_counter

import numpy as np

from cnn.architecture import DIGITS
from cnn.evaluation import Evaluation, evaluation_steps
from cnn.model import Model
from cnn.recipe import Recipe
from cnn.weights import WeightFileError, file_name
from cnn.wholeness import alike_of, look_alikes
from preprocessing.datasets import Dataset
from preprocessing.picture import PictureError
from routines.data import load_data, require_as_many_classes
from routines.events import Busy, Event, Interrupted, Learned, Noted, Progressed, Stop, staged
from routines.fine_tune import RECIPE, Hand
from routines.learn_pictures import LabelError, Labelled, problem_of, read_digits
from routines.learn_stages import Stages, digest
from routines.models import check_name, model_file
from routines.places import Places
from routines.teach import teach
from routines.train_files import check_output
from system.processes import available_cores

NAME = "My hand"  # of a model that nobody named


@dataclass(frozen=True)
class LearnRequest:
    """A model, pictures with their labels, and the file of the new model.

    workers: how many processes share each batch.
    """

    model: Model
    pictures: tuple[Labelled, ...]
    output: Path
    recipe: Recipe = RECIPE
    workers: int = field(default_factory=available_cores)


def named_output(places: Places, model: Model, name: str) -> Path:
    """Return where a model goes that is called so.

    Raises:
        UserError: for what is no name; WeightFileError: for one that is taken.
    """
    return check_free(places.weights / file_name(model.specs, check_name(name)))


def check_free(path: Path) -> Path:
    """Return the path of a file that is not there.

    Raises:
        WeightFileError: where it is: neither the parent nor another model is replaced.
    """
    if path.exists():
        raise WeightFileError(f"{path}: a name is given once, but this file is there. Choose another name.")
    return path


def learn(request: LearnRequest, places: Places, stop: Stop) -> Iterator[Event]:
    """Teach a copy of a model some digits, measure it on pictures it has not seen, and save it where that helped.

    Raises:
        UserError: where there are no digits to learn, or the model cannot be written; Interrupted: when the flag is
            set: then only a checkpoint is written, from which the same request goes on.
    """
    start, parent = perf_counter(), request.model
    if parent.class_names != DIGITS:
        raise LabelError("Handwriting is taught to a model that reads digits: this one reads others. Choose another.")
    check_output(places, check_free(request.output), parent.specs)
    hand = yield from _read(parent, request.pictures, stop)
    yield Busy("Loading the data")
    data = load_data(places, None)
    require_as_many_classes(parent, data)
    asked = digest(parent, hand, data, request.recipe, request.workers)
    stages = Stages(asked, request.output)
    yield from stages.resume(parent)
    try:
        taught = yield from teach(parent, hand, data, request.recipe, request.workers, stop, stages)
        before = yield from _evaluate("Evaluating before", parent, data, stop)
        after = (yield from _evaluate("Evaluating after", taught.model, data, stop)) if taught.step else before
    except Interrupted:
        if stages.finished:
            yield Noted(
                "What was finished is kept: begun again with the same pictures and name, it goes on from there."
            )
        raise
    learned = Learned(parent, taught.improvement, before, after, taught.step, taught.forgotten)
    if taught.helped:
        _save(taught.model, learned, hand, request.output)
        learned = replace(learned, output=request.output)
    yield from stages.discard()
    yield replace(learned, seconds=perf_counter() - start)


def _read(model: Model, pictures: Sequence[Labelled], stop: Stop) -> Generator[Event, None, Hand]:
    """Read pictures, and return the digits of those that can have their labels; the others are named."""
    found, labels = [], []
    yield Progressed("Reading", 0, len(pictures), "pictures")
    for done, picture in enumerate(pictures, 1):
        try:
            digits = read_digits(model, picture)
        except PictureError as error:
            yield Noted(str(error), True)
        else:
            if problem := problem_of(picture, digits):
                yield Noted(problem, True)
            else:
                found.append(digits.images)
                labels.append([int(digit) for digit in picture.label])
        yield Progressed("Reading", done, len(pictures), "pictures")
        if stop.is_set():
            raise Interrupted
    if len(found) < 2:
        raise LabelError(
            f"A handwriting is learned from two pictures or more, so that one can be held out: of {len(pictures)}, "
            f"{len(found)} can be used. Give more."
        )
    of = np.repeat(np.arange(len(found)), [len(images) for images in found])
    return Hand(np.concatenate(found), np.concatenate(labels).astype(np.uint8), of)


def _evaluate(stage: str, model: Model, data: Dataset, stop: Stop) -> Generator[Event, None, Evaluation]:
    steps = evaluation_steps(model, data)
    return (yield from staged(stage, len(data.x_test), "images", steps, stop))


def _save(taught: Model, learned: Learned, hand: Hand, output: Path) -> None:
    """Save a model with where it comes from; of the pictures, how many they were, and which digits look alike."""
    said = {key: value for key, value in learned.parent.metadata.items() if key != "note"}
    improvement = learned.improvement
    said |= {
        "date": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        "accuracy": learned.test_after.accuracy,
        "precision": learned.test_after.precision,
        "parent": model_file(learned.parent).name,
        "alike": look_alikes(hand.images, hand.labels, alike_of(learned.parent.metadata)),
        "learned": {
            **asdict(improvement),
            "step": learned.step,
            "accuracy_before": learned.test_before.accuracy,
            "accuracy_after": learned.test_after.accuracy,
        },
    }
    taught.save(output, said)
