"""Learning a person's handwriting: a trained model goes on from its weights, with that person's digits among others."""

from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timezone
from pathlib import Path
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from cnn.architecture import DIGITS
from cnn.calibration import fit_temperature
from cnn.evaluation import Evaluation, evaluation_steps
from cnn.model import Model
from cnn.recipe import Recipe
from cnn.training import Step, Training
from cnn.weights import WeightFileError, file_name
from preprocessing.datasets import Dataset
from preprocessing.picture import PictureError
from routines.data import load_data, require_as_many_classes
from routines.events import Busy, Event, Interrupted, Learned, Noted, Progressed, Stop, staged
from routines.learn_pictures import LabelError, Labelled, problem_of, read_digits
from routines.models import check_name, model_file
from routines.places import Places
from routines.train_files import check_output
from system.arrays import Array
from system.processes import available_cores

NAME = "My hand"  # of a model that nobody named
RECIPE = Recipe(learning_rate=0.0001, epochs=1)
TRAINING_IMAGES = 50_000  # of the data, so that nothing is forgotten
SHARE = 0.05  # of the images of an epoch that are the person's
FOLDS = 5
HELD_OUT = 5000  # training images on which forgetting is seen, and the temperature fitted; a sixth where there are few
FORGOTTEN = (
    0.001  # share of them, above which a model is not kept; as the parent knows them, it overstates what is lost
)


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


@dataclass(frozen=True)
class _Shown:
    """The digits of some pictures: images (n, 28, 28), labels (n,), and of which picture each is, (n,)."""

    images: NDArray[np.uint8]
    labels: NDArray[np.uint8]
    pictures: NDArray[np.int64]

    def where(self, chosen: NDArray[np.bool_]) -> "_Shown":
        return _Shown(self.images[chosen], self.labels[chosen], self.pictures[chosen])


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

    Each of five parts of the pictures is read by a model that learned the others (each picture alone, where there are
    fewer); the model that is saved learned all.

    Raises:
        UserError: where there are no digits to learn, or the model cannot be written; Interrupted: when the flag is
            set: nothing is written then.
    """
    start, parent = perf_counter(), request.model
    if parent.class_names != DIGITS:
        raise LabelError("Handwriting is taught to a model that reads digits: this one reads others. Choose another.")
    check_output(places, check_free(request.output), parent.specs)
    shown = yield from _read(parent, request.pictures, stop)
    yield Busy("Loading the data")
    data = load_data(places, None)
    require_as_many_classes(parent, data)
    generator = np.random.default_rng(request.recipe.seed)
    order = generator.permutation(len(data.x_train))
    held_out, others = np.split(order, [min(HELD_OUT, len(order) // 6)])
    logits, taught = yield from _teach(request, data, others[:TRAINING_IMAGES], shown, generator, stop)
    before = parent.logits(shown.images).argmax(axis=1) == shown.labels
    after = logits.argmax(axis=1) == shown.labels
    known, known_labels = data.x_train[held_out], data.y_train[held_out]
    old, new = parent.logits(known), taught.logits(known)
    forgotten = float((old.argmax(axis=1) == known_labels).mean() - (new.argmax(axis=1) == known_labels).mean())
    fitted = fit_temperature(np.concatenate((new, logits)), np.concatenate((known_labels, shown.labels)))
    # The parent was trained on some of these images, so that alone they would make it too sure of itself.
    taught = replace(taught, temperature=max(parent.temperature, fitted))
    old_test = yield from _evaluate("Evaluating before", parent, data, stop)
    new_test = yield from _evaluate("Evaluating after", taught, data, stop)
    pictures = len(np.unique(shown.pictures))
    learned = Learned(
        parent, pictures, len(shown.labels), int(before.sum()), int(after.sum()), old_test, new_test, forgotten
    )
    if learned.right_after > learned.right_before and forgotten <= FORGOTTEN:
        _save(taught, learned, request.output)
        learned = replace(learned, output=request.output)
    yield replace(learned, seconds=perf_counter() - start)


def _read(model: Model, pictures: Sequence[Labelled], stop: Stop) -> Generator[Event, None, _Shown]:
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
    return _Shown(np.concatenate(found), np.concatenate(labels).astype(np.uint8), of)


def _teach(
    request: LearnRequest,
    data: Dataset,
    chosen: NDArray[np.int64],
    shown: _Shown,
    generator: np.random.Generator,
    stop: Stop,
) -> Generator[Event, None, tuple[Array, Model]]:
    """Return the logits of each digit, of a model that has not seen its picture, and the model that has seen all."""
    count = int(shown.pictures.max()) + 1
    folds = min(FOLDS, count)
    fold = (generator.permutation(count) % folds)[shown.pictures]
    logits = np.empty((len(shown.labels), request.model.classes), np.float32)
    for number in range(folds):
        stage = f"Learning, part {number + 1}/{folds} held out"
        images = _mixed(data, chosen, shown.where(fold != number))
        model = yield from _train(request, images, stage, stop)
        logits[fold == number] = model.logits(shown.images[fold == number])
    taught = yield from _train(request, _mixed(data, chosen, shown), "Learning from all", stop)
    return logits, taught


def _mixed(data: Dataset, chosen: NDArray[np.int64], shown: _Shown) -> Dataset:
    """Return some training images, and a person's digits as often as makes up their share."""
    repeated = np.resize(np.arange(len(shown.labels)), round(len(chosen) * SHARE / (1 - SHARE)))
    x_train = np.concatenate((data.x_train[chosen], shown.images[repeated]))
    y_train = np.concatenate((data.y_train[chosen], shown.labels[repeated]))
    return replace(data, x_train=x_train, y_train=y_train)


def _train(request: LearnRequest, data: Dataset, stage: str, stop: Stop) -> Generator[Event, None, Model]:
    """Train a copy of the model, and return it."""
    parent = request.model
    model = replace(parent, parameters=parent.parameters.copy(), state=parent.state.copy(), path=None)
    training = Training(model, data, request.recipe, workers=request.workers)
    running, total = training.run(), training.images * request.recipe.epochs
    try:
        yield Progressed(stage, 0, total, "images")
        for each in running:
            if isinstance(each, Step):
                done = len(training.results) * training.images + each.images
                yield Progressed(stage, done, total, "images", f"loss {each.loss:.4f}")
            if stop.is_set():
                raise Interrupted
    finally:
        running.close()
    return model


def _evaluate(stage: str, model: Model, data: Dataset, stop: Stop) -> Generator[Event, None, Evaluation]:
    steps = evaluation_steps(model, data)
    return (yield from staged(stage, len(data.x_test), "images", steps, stop))


def _save(taught: Model, learned: Learned, output: Path) -> None:
    """Save a model with where it comes from; nothing of the pictures but how many they were."""
    said = {key: value for key, value in learned.parent.metadata.items() if key != "note"}
    figures = ("pictures", "digits", "right_before", "right_after")
    said |= {
        "date": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        "accuracy": learned.test_after.accuracy,
        "precision": learned.test_after.precision,
        "parent": model_file(learned.parent).name,
        "learned": {
            **{name: getattr(learned, name) for name in figures},
            "accuracy_before": learned.test_before.accuracy,
            "accuracy_after": learned.test_after.accuracy,
        },
    }
    taught.save(output, said)
