"""How the shipped models are made: each is trained twice with the default settings, for many epochs.

First without some of the training images, which then say how good the recipe is and what temperature its confidences
need, and then with all of them. The test images are read once, at the end.
"""

from collections.abc import Callable, Generator, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from cnn import pairs, wholeness
from cnn.architecture import parse
from cnn.calibration import fit_temperature
from cnn.model import Model
from cnn.recipe import Recipe
from cnn.training import epochs
from cnn.weights import file_name
from preprocessing.datasets import Dataset
from preprocessing.no_digits import make_images
from preprocessing.pairs import NO_PAIR, make_pairs
from preprocessing.touching import NONE
from routines.answers import Constant
from routines.data import load_data
from routines.events import EpochDone, Event, Interrupted, Noted, Stop, Stopped, Trained
from routines.places import Places
from routines.train import TrainRequest, train
from routines.train_files import check_output, discard_checkpoint
from system.errors import UserError
from system.processes import SPAWN, available_cores
from system.text import percent

EPOCHS = 60
HELD_OUT = 10_000  # images
SPLIT_SEED = 1000
PART = 10_000  # images that one process makes at a time

Made: TypeAlias = tuple[NDArray[np.uint8], NDArray[np.uint8]]  # images (n, 28, 28) and their labels (n,)


@dataclass(frozen=True)
class HeldOut:
    """What the held-out images say: accuracy from 0 to 1, and the temperature."""

    accuracy: float
    temperature: float


def split(data: Dataset, held_out: int = HELD_OUT) -> Dataset:
    """Return the training images, some of them in the place of the test images; the same ones each time."""
    order = np.random.default_rng(SPLIT_SEED).permutation(len(data.x_train))
    last, used = order[:held_out], order[held_out:]
    return replace(
        data,
        x_train=data.x_train[used],
        y_train=data.y_train[used],
        x_test=data.x_train[last],
        y_test=data.y_train[last],
    )


def read_held_out(model: Model, part: Dataset) -> HeldOut:
    """Return what a model makes of the held-out images of `split`."""
    logits = model.logits(part.x_test)
    return HeldOut(float((logits.argmax(axis=1) == part.y_test).mean()), fit_temperature(logits, part.y_test))


@dataclass(frozen=True)
class MakeRequest:
    """A model string, the folder that its weights go to, the recipe, and how many images are held out at first."""

    model: str
    folder: Path
    recipe: Recipe = field(default_factory=partial(Recipe, epochs=EPOCHS))
    held_out: int = HELD_OUT


def make_model(request: MakeRequest, places: Places, stop: Stop) -> Iterator[Event]:
    """Make one model and write it, with what was held out in its metadata.

    Raises:
        UserError: where a training ended early; Interrupted: where that was by the flag.
    """
    data, specs = load_data(places, None), parse(request.model)
    final = TrainRequest(specs, request.folder / file_name(specs), request.recipe)
    check_output(places, final.output, specs)
    with TemporaryDirectory() as elsewhere:
        part, first = split(data, request.held_out), replace(final, output=Path(elsewhere) / final.output.name)
        trained = yield from _train(first, places, stop, part)
    held_out = read_held_out(trained.model, part)
    yield Noted(
        f"Of {request.held_out:,} held-out images {percent(held_out.accuracy)} are read right; temperature "
        f"{held_out.temperature:.2f}."
    )
    kept = {"held_out_accuracy": held_out.accuracy, "temperature": held_out.temperature}
    yield (yield from _train(replace(final, temperature=held_out.temperature, more=kept), places, stop, data))


@dataclass(frozen=True)
class Kind:
    """A network that judges pieces of pictures: its specs, what makes its images, and the class of what is none."""

    specs: str
    make: Callable[[NDArray[np.uint8], NDArray[np.integer], np.random.Generator, int], Made]
    none: int


WHOLE = Kind(wholeness.SPECS, make_images, NONE)
PAIRS = Kind(pairs.SPECS, make_pairs, NO_PAIR)


@dataclass(frozen=True)
class PiecesRequest:
    """The kind of network, the file it goes to, the recipe, and how many images are made, and to check it; the seed.

    held_out: how many digits of the training images only those to check it are made of.
    """

    kind: Kind
    output: Path
    recipe: Recipe = field(default_factory=partial(Recipe, epochs=12, augment=False))
    images: int = 800_000
    check_images: int = 10_000
    held_out: int = HELD_OUT
    seed: int = 0


WHOLE_DIGITS = PiecesRequest(WHOLE, wholeness.WHOLE_DIGITS)
DIGIT_PAIRS = PiecesRequest(PAIRS, pairs.DIGIT_PAIRS, Recipe(epochs=6, augment=False), images=1_000_000)


def make_network_of_pieces(request: PiecesRequest, places: Places, stop: Stop) -> Iterator[Event]:
    """Train a network that tells digits, or pairs of them, from parts and anything else, and write it.

    Of the digits that `split` holds out, none is trained on: images made of them check it.

    Raises:
        Interrupted: when the flag is set.
    """
    kind, part = request.kind, split(load_data(places, None), request.held_out)
    images, labels = _make_images(part.x_train, part.y_train, request, stop)
    yield Noted(f"{request.images:,} images were made, {(labels == kind.none).mean():.0%} of them of none.")
    model = Model.create(kind.specs, seed=request.seed)
    recipe = replace(request.recipe, seed=request.seed)
    for result in epochs(model, (images, labels), recipe, workers=available_cores()):
        yield EpochDone(result)
        if stop.is_set():
            raise Interrupted
    generator = np.random.default_rng([request.seed, 1])
    images, labels = kind.make(part.x_test, part.y_test, generator, request.check_images)
    held_out = float((model.logits(images).argmax(axis=1) == labels).mean())
    yield Noted(f"Of {request.check_images:,} images made of held-out digits {percent(held_out)} are told right.")
    kept = {"images": request.images, "seed": request.seed, "epochs": recipe.epochs, "held_out_accuracy": held_out}
    model.save(request.output, kept)


def _make_images(digits: NDArray[np.uint8], labels: NDArray[np.integer], request: PiecesRequest, stop: Stop) -> Made:
    """Make the images to train on, part by part, each of a seed of its own: the same on any number of cores."""
    counts = [min(PART, request.images - first) for first in range(0, request.images, PART)]
    with ProcessPoolExecutor(min(available_cores(), len(counts)), SPAWN) as pool:
        parts = [
            pool.submit(request.kind.make, digits, labels, np.random.default_rng([request.seed, 0, number]), count)
            for number, count in enumerate(counts)
        ]
        made = []
        for part in parts:
            made.append(part.result())
            if stop.is_set():
                pool.shutdown(cancel_futures=True)
                raise Interrupted
    return np.concatenate([images for images, _ in made]), np.concatenate([classes for _, classes in made])


def _train(request: TrainRequest, places: Places, stop: Stop, data: Dataset) -> Generator[Event, None, Trained]:
    """Train to the end, and return what came of it, which alone of the events is not passed on."""
    trained: Trained | None = None
    for event in train(request, places, Constant(), stop, data):
        match event:
            case Trained():
                trained = event
            case Stopped():
                # Without the held-out images, nobody should go on from there.
                if note := discard_checkpoint(request.output):
                    yield note
                raise Interrupted if event.interrupted else UserError(event.reason)
            case _:
                yield event
    if not trained:
        raise UserError("A training has to end with a model, but this did not. Try again.")
    return trained
