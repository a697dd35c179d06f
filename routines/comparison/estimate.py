"""About how long some trainings take, by a short one of each network."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from cnn.model import Model
from cnn.training import epochs
from preprocessing.datasets import Dataset
from routines.comparison.trials import Trial

IMAGES = 512  # of the short training
START = 1.0  # seconds that a process takes to start


def estimate(trials: Sequence[Trial], data: Dataset, at_once: int) -> float:
    """Return seconds, for so many trainings at once.

    The first epoch of the short training, in which memory is taken, does not count.
    """
    of_model: dict[str, float] = {}
    chosen = np.arange(min(IMAGES, len(data.x_train)))
    few = replace(data, x_train=data.x_train[chosen], y_train=data.y_train[chosen])
    for trial in trials:
        if trial.model not in of_model:
            recipe = replace(trial.recipe, epochs=2, validation=0.0, learning_rate=1e-6)
            model = Model.create(trial.model, 0, data.class_names)
            of_model[trial.model] = [result.seconds for result in epochs(model, few, recipe)][-1] / len(chosen)
    images = len(data.x_train)
    every = [of_model[trial.model] * images * trial.recipe.epochs for trial in trials]
    return START + max(sum(every) / at_once, max(every)) if every else 0.0
