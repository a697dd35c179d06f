"""Teaching a copy of a model a hand: what it learned without forgetting, and how well it reads what it has not seen."""

from collections.abc import Generator
from dataclasses import dataclass, replace

import numpy as np

from cnn.calibration import fit_temperature
from cnn.model import Model
from cnn.recipe import Recipe
from preprocessing.datasets import Dataset
from routines.events import Event, Stop
from routines.fine_tune import Hand, Rehearsal, between, fine_tune, largest_step, rehearse
from routines.improvement import Improvement, compare_readings
from routines.learn_stages import Stages
from system.arrays import Array

FOLDS = 4


@dataclass(frozen=True)
class Taught:
    """A model that was taught a hand, and how much of the way it went; the parent and 0, where any would forget.

    improvement: of the parent, and of models that have not seen the picture they read. forgotten: share of the training
    images held out, as they are and distorted, that only the parent reads right.
    """

    model: Model
    improvement: Improvement
    step: float
    forgotten: float

    @property
    def helped(self) -> bool:
        """Whether it is worth keeping."""
        return self.step > 0 and self.improvement.helped


def teach(
    parent: Model, hand: Hand, data: Dataset, recipe: Recipe, workers: int, stop: Stop, stages: Stages
) -> Generator[Event, None, Taught]:
    """Teach a copy of a model a hand, go as much of the way as forgets nothing, and compare how both read the hand.

    Each of four parts of the pictures (each picture alone, where there are fewer) is read by a model that learned the
    others, and went as much of the way.

    stages: those that are finished are not done again, the others are kept there.

    Raises:
        Interrupted: when the flag is set.
    """
    generator = np.random.default_rng(recipe.seed)
    rehearsal = rehearse(data, generator)

    def learn_stage(number: int, shown: Hand, title: str) -> Generator[Event, None, Model]:
        if model := stages.recall(number, parent):
            return model
        model = yield from fine_tune(parent, rehearsal, shown, recipe, workers, title, stop)
        yield from stages.keep(model)
        return model

    model = yield from learn_stage(0, hand, "Learning")
    step, forgotten = yield from largest_step(parent, model, rehearsal, stop)
    before = parent.logits(hand.images)
    if not step:
        same = parent.to_probabilities(before)
        return Taught(parent, compare_readings(same, same, hand.labels, hand.pictures), 0.0, forgotten)
    model = between(parent, model, step, rehearsal)
    count = int(hand.pictures.max()) + 1
    folds = min(FOLDS, count)
    fold = (generator.permutation(count) % folds)[hand.pictures]
    after = np.empty_like(before)
    for number in range(folds):
        title = f"Learning, part {number + 1}/{folds} held out"
        copy = yield from learn_stage(1 + number, hand.where(fold != number), title)
        after[fold == number] = between(parent, copy, step, rehearsal).logits(hand.images[fold == number])
    model = replace(model, temperature=_temperature(parent, model, rehearsal, after, hand))
    readings = parent.to_probabilities(before), model.to_probabilities(after)
    return Taught(model, compare_readings(*readings, hand.labels, hand.pictures), step, forgotten)


def _temperature(parent: Model, model: Model, rehearsal: Rehearsal, logits: Array, hand: Hand) -> float:
    """Return the temperature, fitted on training images held out, and on the hand as it was read when held out."""
    known = model.logits(rehearsal.known)
    fitted = fit_temperature(np.concatenate((known, logits)), np.concatenate((rehearsal.labels, hand.labels)))
    # The parent was trained on some of these images, so that alone they would make it too sure of itself.
    return max(parent.temperature, fitted)
