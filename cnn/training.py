"""Training: a network, images and labels in, the result of each epoch out."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import isfinite
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnn.augmentation import Augmentation
from cnn.blas import single_threaded_blas
from cnn.errors import UserError
from cnn.network import IMAGES_PER_PASS, Network
from cnn.optimizer import AveragedAdam, one_cycle, rate_of_batch
from cnn.workers import Workers

LEARNING_RATE = 0.001
EPOCHS = 5
BATCH_SIZE = 128
SEED = 0

MAX_LEARNING_RATE = 1.0
MAX_EPOCHS = 1000
MAX_BATCH_SIZE = 4096  # so that Ctrl-C, which waits for the end of a step, takes less than a second


class TrainingError(UserError):
    """Training that cannot start, or go on; the message says why and what to do."""


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


# Called after each batch with the images done in this epoch and the mean loss of the last few batches.
Progress = Callable[[int, float], None]


def train(
    network: Network,
    images: NDArray[np.uint8],
    labels: NDArray[np.integer[Any]],
    generator: np.random.Generator,
    *,
    learning_rate: float = LEARNING_RATE,
    epochs: int = EPOCHS,
    batch_size: int = BATCH_SIZE,
    workers: int = 1,
    augmentation: Augmentation | None = None,
    optimizer: AveragedAdam | None = None,
    epochs_done: int = 0,
    progress: Progress = lambda images, loss: None,
) -> Iterator[EpochResult]:
    """Train a network in place, from its present parameters, and yield the result of each epoch.

    When the iterator ends, for whatever reason, the parameters become their running mean (see `AveragedAdam`).

    images: (N, 28, 28); labels: (N,), 0 to 9.
    generator: draws the order of the images, and what is done to them. The same generator, parameters, data and
        workers give the same bits.
    learning_rate: for batches of 32 (see `rate_of_batch`), the peak of a one-cycle schedule.
    workers: how many processes share each batch.
    augmentation: what is done to the images, each time anew.
    optimizer, epochs_done: as an interrupted training left them, for one that goes on from there with its generator.

    Raises:
        TrainingError: for settings out of sense, and when the loss is no longer a finite number; the mean is then that
            of the end of the last epoch.
        WorkerError: when another process failed or is gone; the mean is then that of the last step.
    """
    check_settings(learning_rate, epochs, batch_size)
    team = Workers(network, images, labels, min(workers, batch_size), augmentation)
    optimizer = optimizer or AveragedAdam(network.parameters)
    peak = rate_of_batch(learning_rate, batch_size)
    count, batches = len(images), -(-len(images) // batch_size)
    losses = np.empty(count)
    correct = np.empty(count, np.bool_)

    def run_epoch(epoch: int) -> None:
        order = generator.permutation(count)
        for batch in range(batches):
            first, last = batch * batch_size, min((batch + 1) * batch_size, count)
            draws = augmentation.draw(generator, last - first) if augmentation else None
            gradient, losses[first:last], correct[first:last] = team.gradient(order[first:last], draws)
            loss = float(losses[max(0, last - 10 * batch_size) : last].mean())
            if not isfinite(loss):
                return
            gradient /= last - first
            optimizer.step(gradient, one_cycle(epoch * batches + batch, epochs * batches, peak))
            progress(last, loss)

    def results() -> Iterator[EpochResult]:
        try:
            with team:
                for epoch in range(epochs_done, epochs):
                    yield result_of(epoch)
        finally:
            network.parameters[...] = optimizer.average

    def result_of(epoch: int) -> EpochResult:
        start = perf_counter()
        before = optimizer.average.copy()
        # Where training diverges, the check of the loss has the word.
        with single_threaded_blas(), np.errstate(over="ignore", invalid="ignore"):
            run_epoch(epoch)
        if not np.isfinite(losses).all() or not np.isfinite(network.parameters).all():
            optimizer.average[...] = before
            raise TrainingError(
                f"The loss has to stay a finite number, but it did not in epoch {epoch + 1}: the learning rate "
                f"of {learning_rate:g} is too high. Try {learning_rate / 10:g}."
            )
        seconds = perf_counter() - start
        return EpochResult(
            epoch=epoch + 1,
            epochs=epochs,
            mean_loss=float(losses.mean()),
            median_loss=float(np.median(losses)),
            accuracy=float(correct.mean()),
            seconds=seconds,
            images_per_second=count / seconds,
        )

    return results()


def check_settings(learning_rate: float = LEARNING_RATE, epochs: int = EPOCHS, batch_size: int = BATCH_SIZE) -> None:
    """Nothing, for settings that make sense.

    Raises:
        TrainingError: otherwise.
    """
    if not 0 < learning_rate <= MAX_LEARNING_RATE:
        raise TrainingError(
            f"A learning rate is above 0 and at most {MAX_LEARNING_RATE:g}: {learning_rate:g} was given. "
            f"Try {LEARNING_RATE:g}."
        )
    for name, value, largest in (
        ("of epochs", epochs, MAX_EPOCHS),
        ("of images in a batch", batch_size, MAX_BATCH_SIZE),
    ):
        if not 1 <= value <= largest:
            raise TrainingError(f"The number {name} is from 1 to {largest:,}: {value:,} was given. Choose another.")


def images_per_pass(batch_size: int, workers: int = 1) -> int:
    """How many images a network should take at once: near IMAGES_PER_PASS, in equal passes over a worker's share."""
    share = -(-batch_size // workers)
    passes = -(-share // IMAGES_PER_PASS)
    return -(-share // passes)
