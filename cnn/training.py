"""Training: a model, labelled images and a recipe in, the result of each epoch out."""

from collections.abc import Generator, Iterator
from dataclasses import dataclass
from math import isfinite
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnn.architecture import images_together
from cnn.augmentation import Augmentation
from cnn.inputs import require, require_whole, training_part
from cnn.model import Model
from cnn.network import IMAGES_PER_PASS
from cnn.optimizer import AveragedAdam, one_cycle, scale_learning_rate
from cnn.recipe import Recipe
from cnn.statistics import estimate_state
from cnn.workers import Workers
from system.arrays import Array
from system.errors import UserError
from system.threads import single_threaded_blas


class TrainingError(UserError):
    """Training that cannot go on; the message says why and what to do."""


@dataclass(frozen=True)
class EpochResult:
    """One epoch over all training images; losses in nats, accuracy from 0 to 1, each image as it was trained on."""

    epoch: int
    epochs: int
    mean_loss: float
    median_loss: float
    accuracy: float
    seconds: float
    images_per_second: float


@dataclass(frozen=True)
class Step:
    """After a batch: how many images of the epoch are done, and the mean loss of the last few batches, in nats."""

    images: int
    loss: float


class Training:
    """A training as it stands: after any epoch it can be kept, and gone on with by another process.

    model: trained in place. data: a pair (images, labels), or a data set with x_train and y_train, and perhaps its
        `augmentation`.
    generator: draws the order of the images, and what is done to them; else one of the recipe's seed. The same
        generator, parameters, data and workers give the same bits.
    workers: how many processes share each batch.
    augmentation: what is done to the images, in place of the data's own; none without `recipe.augment`.

    Raises:
        InputError: for data, or anything else, that cannot be taken.
    """

    def __init__(
        self,
        model: Model,
        data: Any,
        recipe: Recipe,
        *,
        workers: int = 1,
        generator: np.random.Generator | None = None,
        augmentation: Augmentation | None = None,
    ) -> None:
        require(Model, model, "A model is trained", "Give Model.create(string).")
        require(Recipe, recipe, "Settings of a training are a recipe", "Give Recipe(epochs=5).")
        require_whole(workers, 1, "The number of workers")
        self.model, self.recipe, self.workers = model, recipe, workers
        self.generator = generator or np.random.default_rng([recipe.seed, 1])  # not what drew the weights
        self.optimizer = AveragedAdam(model.parameters, recipe.weight_decay, recipe.averaging)
        self.results: list[EpochResult] = []
        self._images, self._labels = training_part(data, model.classes)
        self._together = images_together(model.specs)
        self._random = any(spec.random for spec in model.specs)
        self._augmentation = (augmentation or getattr(data, "augmentation", None)) if recipe.augment else None

    @property
    def images(self) -> int:
        """How many images an epoch has."""
        return len(self._images)

    def run(self) -> Generator[Step | EpochResult, None, None]:
        """Train from where it stands to the end, and yield each batch and each epoch.

        When the iterator ends, for whatever reason, the parameters become their running mean (see `AveragedAdam`), and
        what layers keep is estimated anew for them (see `cnn.statistics`); after an epoch, for those of the last step.

        Raises:
            TrainingError: when the loss is no longer a finite number; the mean is then that of the end of the last
                epoch.
            WorkerError: when another process failed or is gone; the mean is then that of the last step.
        """
        batch_size, together = self.recipe.batch_size, self._together
        network = self.model.network(images_per_pass(batch_size, self.workers, together))
        count = min(self.workers, -(-batch_size // together))
        try:
            with Workers(network, self._images, self._labels, count, self._augmentation, self.optimizer) as team:
                for _ in range(len(self.results), self.recipe.epochs):
                    yield from self._run_epoch(team)
        finally:
            self.model.parameters[...] = self.optimizer.average
            estimate_state(self.model, self._images)

    def _run_epoch(self, team: Workers) -> Iterator[Step | EpochResult]:
        start, total = perf_counter(), len(self._images)
        before = self.optimizer.average.copy()
        losses, correct = np.empty(total), np.empty(total, np.bool_)
        order = self.generator.permutation(total)
        for first in range(0, total, self.recipe.batch_size):
            last = min(first + self.recipe.batch_size, total)
            # Where training diverges, the check of the loss has the word.
            with single_threaded_blas(), np.errstate(over="ignore", invalid="ignore"):
                losses[first:last], correct[first:last] = self._step(team, order, slice(first, last))
                loss = float(losses[max(0, last - 10 * self.recipe.batch_size) : last].mean())
            if not isfinite(loss):
                break
            yield Step(last, loss)
        if not isfinite(loss) or not np.isfinite(self.model.parameters).all():
            self.optimizer.average[...] = before
            rate = self.recipe.learning_rate
            raise TrainingError(
                f"The loss has to stay a finite number, but it did not in epoch {len(self.results) + 1}: the learning "
                f"rate of {rate:g} is too high. Try {rate / 10:g}."
            )
        estimate_state(self.model, self._images)
        self.results.append(self._result(losses, correct, perf_counter() - start))
        yield self.results[-1]

    def _step(self, team: Workers, order: NDArray[np.int64], batch: slice) -> tuple[Array, NDArray[np.bool_]]:
        """Do one step, and return losses and which were read right, (n,), of the batch."""
        recipe, count, total = self.recipe, batch.stop - batch.start, len(order)
        draws = self._augmentation.draw(self.generator, count) if self._augmentation else None
        seed = int(self.generator.integers(2**62)) if self._random else 0
        losses, correct = team.gradient(order[batch], draws, seed)
        if np.isfinite(losses).all():
            batches = -(-total // recipe.batch_size)
            step = len(self.results) * batches + batch.start // recipe.batch_size
            peak = scale_learning_rate(recipe.learning_rate, recipe.batch_size)
            rate = one_cycle(step, recipe.epochs * batches, peak, recipe.warm_up, recipe.cool_down)
            team.step(rate)
        return losses, correct

    def _result(self, losses: Array, correct: NDArray[np.bool_], seconds: float) -> EpochResult:
        return EpochResult(
            epoch=len(self.results) + 1,
            epochs=self.recipe.epochs,
            mean_loss=float(losses.mean()),
            median_loss=float(np.median(losses)),
            accuracy=float(correct.mean()),
            seconds=seconds,
            images_per_second=len(losses) / seconds,
        )


def epochs(model: Model, data: Any, recipe: Recipe | None = None, *, workers: int = 1) -> Iterator[EpochResult]:
    """Train a model in place, and yield the result of each epoch; data, recipe and workers are those of `Training`.

    Between epochs the model has the parameters of the last step; when the iterator ends, their running mean.

    Raises:
        InputError: for data that cannot be taken; TrainingError: when the loss is no longer a finite number.
    """
    training = Training(model, data, Recipe() if recipe is None else recipe, workers=workers)
    return (each for each in training.run() if isinstance(each, EpochResult))


def train(model: Model, data: Any, recipe: Recipe | None = None, *, workers: int = 1) -> tuple[EpochResult, ...]:
    """Train a model in place to the end, and return the results of all epochs, as `epochs` yields them."""
    return tuple(epochs(model, data, recipe, workers=workers))


def images_per_pass(batch_size: int, workers: int = 1, together: int = 1) -> int:
    """Return how many images a network should take at once: near IMAGES_PER_PASS, in equal passes over a share.

    together: how many of a batch, at most, are computed together; a pass has room for whole groups of them.
    """
    groups = -(-batch_size // together)
    group, share = -(-batch_size // groups), -(-groups // workers)
    passes = -(-share * group // IMAGES_PER_PASS)
    return max(-(-share // passes) * group, min(together, batch_size))
