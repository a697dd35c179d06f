"""One training of a comparison: what it is, and what came of it."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from itertools import product
from math import prod
from typing import Any

from cnn.architecture import arrays, output_shapes, parameter_counts, parse
from cnn.recipe import Recipe


@dataclass(frozen=True)
class Trial:
    """A training: a model string, its recipe, and the checksum of the images and labels that it learns from."""

    model: str
    recipe: Recipe
    data: int

    @cached_property
    def key(self) -> str:
        """What no other training has: letters and digits, for names of files."""
        text = json.dumps([self.model, self.recipe.to_json(), self.data], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    @property
    def name(self) -> str:
        """What tells it apart in a list; the model string, which may be long, is last."""
        return f"rate {self.recipe.learning_rate:g}  epochs {self.recipe.epochs}  seed {self.recipe.seed}  {self.model}"


@dataclass(frozen=True)
class Outcome:
    """What came of a training.

    losses: mean of each epoch, in nats. accuracies: share of the images held out that are read right after each epoch.
    images: how many were held out. seconds: of its epochs. problem: why it came to nothing; empty where it did not.
    weights: the weight file, where it was written on a machine that does not share the folder.
    """

    trial: Trial
    losses: tuple[float, ...] = ()
    accuracies: tuple[float, ...] = ()
    images: int = 0
    seconds: float = 0.0
    problem: str = ""
    weights: bytes | None = field(default=None, repr=False)

    @property
    def accuracy(self) -> float | None:
        """The share read right in the end; None where it came to nothing."""
        return self.accuracies[-1] if self.accuracies and not self.problem else None

    def to_json(self) -> dict[str, Any]:
        """Return what the ledger holds of it."""
        return {
            "model": self.trial.model,
            "recipe": self.trial.recipe.to_json(),
            "data": self.trial.data,
            "mean_loss": list(self.losses),
            "validation_accuracy": list(self.accuracies),
            "validation_images": self.images,
            "seconds": self.seconds,
            "problem": self.problem,
        }

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> "Outcome":
        """Return the outcome of what `to_json` returned.

        Raises:
            KeyError, TypeError, ValueError, UserError: for anything else.
        """
        trial = Trial(str(stored["model"]), Recipe.from_json(stored["recipe"]), int(stored["data"]))
        losses, accuracies = (tuple(map(float, stored[name])) for name in ("mean_loss", "validation_accuracy"))
        images, seconds = int(stored["validation_images"]), float(stored["seconds"])
        return cls(trial, losses, accuracies, images, seconds, str(stored["problem"]))


def trials_of(models: Iterable[str], rates: Iterable[float], seeds: int, recipe: Recipe, data: int) -> list[Trial]:
    """Return every combination; those of one seed together, so that all networks are there early.

    models: canonical strings. seeds: how many, from the recipe's up. data: the checksum.
    """
    every = product(range(recipe.seed, recipe.seed + seeds), dict.fromkeys(models), dict.fromkeys(rates))
    return [Trial(model, replace(recipe, learning_rate=rate, seed=seed), data) for seed, model, rate in every]


@cache
def parameters(model: str) -> int:
    """Return how many parameters the network of a model string has."""
    return sum(parameter_counts(parse(model)))


@cache
def multiply_adds(model: str) -> int:
    """Return the multiply-adds of convolutions and fully connected layers in reading one image.

    Each weight is used once for every place of its layer's output.
    """
    specs = parse(model)
    return sum(
        array.size * prod(shape[1:])
        for of_layer, shape in zip(arrays(specs), output_shapes(specs), strict=True)
        for array in of_layer
        if array.name == "weight"
    )
