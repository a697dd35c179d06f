"""Evaluation: a model against labelled images."""

from dataclasses import dataclass
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnn.inputs import require, require_whole, test_part
from cnn.model import Model
from cnn.workers import Workers
from system.steps import Steps, finish
from system.threads import single_threaded_blas

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
    """What a model read of N images; shares from 0 to 1.

    predictions: (N,), 0 to classes - 1; confidences: (N,), the probability of each.
    confusion_matrix: (classes, classes), how many images of a class (row) were read as a class (column).
    class_names: what the classes are called.
    """

    predictions: NDArray[np.integer[Any]]
    confidences: NDArray[Any]
    confusion_matrix: NDArray[np.integer[Any]]
    class_names: tuple[str, ...]
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
        """The share of right answers to 'is it this class?', asked of each image for every class.

        Each misread image answers two of them wrongly: of ten classes, 1 - 0.2 * (1 - accuracy).
        """
        return 1 - 2 / len(self.class_names) * (1 - self.accuracy)

    @property
    def per_digit(self) -> tuple[DigitScore, ...]:
        """Scores of the classes, 0 to 9 for digits."""
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
            for digit in range(len(self.class_names))
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


def evaluate(model: Model, data: Any, workers: int = 1) -> Evaluation:
    """Read test images and compare with their labels.

    data: a pair (images, labels), or a data set with x_test and y_test.
    workers: how many processes share the images, at most; few images are sooner read than processes started.

    Raises:
        InputError: for data, or anything else, that cannot be taken; WorkerError: when another process failed or is
            gone.
    """
    return finish(evaluation_steps(model, data, workers))


def evaluation_steps(model: Model, data: Any, workers: int = 1) -> Steps[Evaluation]:
    """Evaluate as `evaluate` does, and yield the number of images done from time to time."""
    require(Model, model, "A model is evaluated", "Give Model.load(path).")
    require_whole(workers, 1, "The number of workers")
    start = perf_counter()
    images, labels = test_part(data, model.classes)
    logits = np.empty((len(images), model.classes), model.parameters.dtype)
    count = max(1, min(workers, len(images) // IMAGES_WORTH_A_WORKER))
    with Workers(model.network(), images, labels, count) as team:
        for first in range(0, len(images), IMAGES_AT_ONCE):
            part = np.arange(first, min(first + IMAGES_AT_ONCE, len(images)))
            with single_threaded_blas():
                logits[part] = team.logits(part)
            yield float(part[-1] + 1)
    probabilities = model.to_probabilities(logits)
    predictions = probabilities.argmax(axis=1)
    confusion_matrix = np.zeros((model.classes, model.classes), np.int64)
    np.add.at(confusion_matrix, (labels, predictions), 1)
    confidences = probabilities.max(axis=1)
    return Evaluation(predictions, confidences, confusion_matrix, model.class_names, perf_counter() - start)


def _share(part: int, whole: int) -> float:
    return float(part / whole) if whole else 0.0
