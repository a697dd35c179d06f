"""Fine-tuning: a trained model goes on from its weights, with the digits of a hand among its training images."""

from collections.abc import Generator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from cnn.model import Model
from cnn.recipe import Recipe
from cnn.statistics import estimate_state
from cnn.training import Step, Training
from preprocessing.datasets import Dataset
from routines.events import Event, Interrupted, Progressed, Stop
from system.arrays import Array

RECIPE = Recipe(learning_rate=0.0003, epochs=1)
TRAINING_IMAGES = 30_000  # of the data, so that nothing is forgotten
SHARE = 0.05  # of the images of an epoch that are the hand's
HELD_OUT = 20_000  # training images on which forgetting is seen; a third where there are few
DISTORTED = 2  # times that each of them is distorted
STEPS = (1.0, 0.8, 0.65, 0.5, 0.4, 0.3, 0.2, 0.1)  # of the way from the parent to what learned
FORGOTTEN = 0.0004  # share of the images held out, as they are and distorted, that may be misread anew


@dataclass(frozen=True)
class Hand:
    """The digits of some pictures: images (n, 28, 28), labels (n,), and of which picture each is, (n,)."""

    images: NDArray[np.uint8]
    labels: NDArray[np.uint8]
    pictures: NDArray[np.int64]

    def where(self, chosen: NDArray[np.bool_]) -> "Hand":
        """Return some of the digits."""
        return Hand(self.images[chosen], self.labels[chosen], self.pictures[chosen])


@dataclass(frozen=True)
class Rehearsal:
    """Training images that are learned again, and others, held out, that say what is forgotten.

    The parent was trained on both, and knows those held out better than any that are new. So they are read as they are
    and distorted as in training, in a way that no model has seen.

    known: (n, 28, 28), uint8, as they are, with labels (n,). seen: these and the distorted ones, with seen_labels.
    """

    data: Dataset
    known: NDArray[np.uint8]
    labels: Array
    seen: NDArray[np.uint8]
    seen_labels: Array

    def right(self, model: Model) -> NDArray[np.bool_]:
        """Return which of the images held out, as they are and distorted, a model reads right: (m,)."""
        return np.asarray(model.logits(self.seen).argmax(axis=1) == self.seen_labels)


def rehearse(data: Dataset, generator: np.random.Generator) -> Rehearsal:
    """Draw the training images that are learned again, and those held out."""
    order = generator.permutation(len(data.x_train))
    held_out, others = np.split(order, [min(HELD_OUT, len(order) // 3)])
    chosen, known, labels = others[:TRAINING_IMAGES], data.x_train[held_out], data.y_train[held_out]
    change = data.augmentation
    seen = [known, *(change.apply(known, change.draw(generator, len(known))) for _ in range(DISTORTED))]
    learned = replace(data, x_train=data.x_train[chosen], y_train=data.y_train[chosen])
    return Rehearsal(learned, known, labels, np.concatenate(seen), np.tile(labels, 1 + DISTORTED))


def fine_tune(
    parent: Model, rehearsal: Rehearsal, hand: Hand, recipe: Recipe, workers: int, stage: str, stop: Stop
) -> Generator[Event, None, Model]:
    """Train a copy of a model on training images and a hand, whose digits are repeated to make up their share.

    Raises:
        Interrupted: when the flag is set.
    """
    model = replace(parent, parameters=parent.parameters.copy(), state=parent.state.copy(), path=None)
    training = Training(model, _mixed(rehearsal.data, hand), recipe, workers=workers)
    running, total = training.run(), training.images * recipe.epochs
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


def between(parent: Model, child: Model, step: float, rehearsal: Rehearsal) -> Model:
    """Return the model that is a step, from 0 to 1, of the way from a parent to what was trained from it.

    It keeps more of what the parent knows than a shorter training does that learns as much.

    Source: Wortsman et al., Robust fine-tuning of zero-shot models, CVPR 2022 (arXiv 2109.01903).
    """
    if step == 1:
        return child
    parameters = parent.parameters + np.float32(step) * (child.parameters - parent.parameters)
    model = replace(child, parameters=parameters, state=child.state.copy())
    estimate_state(model, rehearsal.data.x_train, np.arange(len(rehearsal.data.x_train)))
    return model


def largest_step(
    parent: Model, child: Model, rehearsal: Rehearsal, stop: Stop
) -> Generator[Event, None, tuple[float, float]]:
    """Return the largest of STEPS that forgets no more than FORGOTTEN, or 0, and how much it forgets.

    What it reads right only now is not set against what it forgets: that is other images, and luck.
    As a larger step forgets more, but for chance, not all are tried.

    Raises:
        Interrupted: when the flag is set.
    """
    readings, total = 0, 1 + len(STEPS).bit_length()
    before, lost, first, last = rehearsal.right(parent), 0.0, 0, len(STEPS)
    while first < last:
        readings += 1
        yield Progressed("Looking for what is forgotten", readings, total, "readings")
        if stop.is_set():
            raise Interrupted
        middle = (first + last) // 2
        after = rehearsal.right(between(parent, child, STEPS[middle], rehearsal))
        tried = float((before & ~after).mean())
        if tried <= FORGOTTEN:
            last, lost = middle, tried
        else:
            first = middle + 1
    return (STEPS[first], lost) if first < len(STEPS) else (0.0, 0.0)


def _mixed(data: Dataset, hand: Hand) -> Dataset:
    """Return training images, and the digits of a hand as often as makes up their share."""
    count = len(data.x_train)
    repeated = np.resize(np.arange(len(hand.labels)), round(count * SHARE / (1 - SHARE)))
    x_train = np.concatenate((data.x_train, hand.images[repeated]))
    y_train = np.concatenate((data.y_train, hand.labels[repeated]))
    return replace(data, x_train=x_train, y_train=y_train)
