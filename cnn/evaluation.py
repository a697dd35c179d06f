"""Evaluation: a network against labelled images."""

from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnn.architecture import DIGITS
from cnn.blas import single_threaded_blas
from cnn.network import Network
from cnn.workers import Workers

IMAGES_AT_ONCE = 1000
IMAGES_WORTH_A_WORKER = 10_000  # a process takes 0.2 s to start, and as long to read 5,000 to 15,000 of them


@dataclass(frozen=True)
class DigitScore:
    """How well one digit is read, in shares from 0 to 1; 0 where there is nothing to divide by.

    precision: of the images read as this digit, those that are; recall: of the images of this digit, those read as it;
    f1: their harmonic mean.
    """

    digit: int
    images: int
    precision: float
    recall: float
    f1: float


@dataclass(frozen=True)
class Evaluation:
    """What a network read of N images; shares from 0 to 1.

    predictions: (N,), 0 to 9; confidences: (N,), the probability of each.
    confusion_matrix: (10, 10), how many images of a digit (row) were read as a digit (column).
    """

    predictions: NDArray[np.integer[Any]]
    confidences: NDArray[Any]
    confusion_matrix: NDArray[np.integer[Any]]
    seconds: float

    @property
    def images(self) -> int:
        """How many images there were."""
        return int(self.confusion_matrix.sum())

    @property
    def correct(self) -> int:
        """How many were read right."""
        return int(self.confusion_matrix.trace())

    @property
    def accuracy(self) -> float:
        """Top-1: the share read right."""
        return self.correct / self.images

    @property
    def one_vs_rest_accuracy(self) -> float:
        """The share of right answers to 'is it this digit?', over ten such questions for each image.

        Each misread image answers two of the ten wrongly: 1 - 0.2 * (1 - accuracy).
        """
        return 1 - 2 / DIGITS * (1 - self.accuracy)

    @property
    def per_digit(self) -> tuple[DigitScore, ...]:
        """Scores of the digits 0 to 9."""
        right = self.confusion_matrix.diagonal()
        actual, predicted = self.confusion_matrix.sum(axis=1), self.confusion_matrix.sum(axis=0)
        return tuple(
            DigitScore(
                digit=digit,
                images=int(actual[digit]),
                precision=_share(right[digit], predicted[digit]),
                recall=_share(right[digit], actual[digit]),
                f1=_share(2 * right[digit], actual[digit] + predicted[digit]),
            )
            for digit in range(DIGITS)
        )

    @property
    def precision(self) -> float:
        """Mean of the digits' precisions (macro average), as recall and f1 over digits that occur or were predicted."""
        return self._macro([score.precision for score in self.per_digit])

    @property
    def recall(self) -> float:
        """Mean of the digits' recalls."""
        return self._macro([score.recall for score in self.per_digit])

    @property
    def f1(self) -> float:
        """Mean of the digits' F1."""
        return self._macro([score.f1 for score in self.per_digit])

    def _macro(self, scores: list[float]) -> float:
        occurs = (self.confusion_matrix.sum(axis=0) + self.confusion_matrix.sum(axis=1)) > 0
        return float(np.mean(np.array(scores)[occurs]))


def evaluate(
    network: Network,
    images: NDArray[np.uint8],
    labels: NDArray[np.integer[Any]],
    workers: int = 1,
    progress: Callable[[int], None] = lambda images: None,
) -> Evaluation:
    """Read N >= 1 images (N, 28, 28) and compare with their labels (N,), 0 to 9.

    workers: how many processes share the images, at most; few images are sooner read than processes started.
    progress: called with the number of images done, from time to time.

    Raises:
        WorkerError: when another process failed or is gone.
    """
    start = perf_counter()
    logits = np.empty((len(images), DIGITS), network.parameters.dtype)
    count = max(1, min(workers, len(images) // IMAGES_WORTH_A_WORKER))
    with single_threaded_blas(), Workers(network, images, labels, count) as team:
        for first in range(0, len(images), IMAGES_AT_ONCE):
            part = np.arange(first, min(first + IMAGES_AT_ONCE, len(images)))
            logits[part] = team.logits(part)
            progress(int(part[-1]) + 1)
    probabilities = network.to_probabilities(logits)
    predictions = probabilities.argmax(axis=1)
    confusion_matrix = np.zeros((DIGITS, DIGITS), np.int64)
    np.add.at(confusion_matrix, (labels, predictions), 1)
    return Evaluation(predictions, probabilities.max(axis=1), confusion_matrix, perf_counter() - start)


def _share(part: int, whole: int) -> float:
    return float(part / whole) if whole else 0.0
