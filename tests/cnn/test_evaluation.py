"""The figures of an evaluation, against cases worked by hand."""

from dataclasses import replace

import numpy as np
import pytest

from cnn.evaluation import Evaluation, evaluate, evaluation_steps
from cnn.model import Model
from system.steps import Steps, finish


def evaluation(pairs: dict[tuple[int, int], int]) -> Evaluation:
    """An evaluation with so many images of a digit (first) read as a digit (second)."""
    matrix = np.zeros((10, 10), np.int64)
    for place, count in pairs.items():
        matrix[place] = count
    return Evaluation(np.zeros(0, int), np.zeros(0), matrix, tuple("0123456789"), 1.0)


def test_figures_of_two_digits() -> None:
    found = evaluation({(0, 0): 8, (0, 1): 2, (1, 1): 5, (1, 0): 5})
    assert (found.images, found.correct) == (20, 13)
    assert found.accuracy == 0.65
    zero, one = found.per_digit[:2]
    assert (zero.images, zero.precision, zero.recall) == (10, 8 / 13, 0.8)
    assert (one.images, one.precision, one.recall) == (10, 5 / 7, 0.5)
    assert zero.f1 == pytest.approx(2 * (8 / 13) * 0.8 / (8 / 13 + 0.8))
    assert found.precision == pytest.approx((8 / 13 + 5 / 7) / 2)
    assert found.recall == pytest.approx(0.65)
    assert found.f1 == pytest.approx((zero.f1 + one.f1) / 2)


def test_a_digit_that_is_only_predicted_counts_as_zero_and_one_that_never_occurs_does_not() -> None:
    found = evaluation({(0, 0): 1, (0, 7): 1})
    assert (found.per_digit[7].precision, found.per_digit[7].recall, found.per_digit[7].f1) == (0, 0, 0)
    assert found.precision == pytest.approx((1 + 0) / 2)


def test_one_versus_rest_counts_each_misread_image_twice_among_ten_questions() -> None:
    found = evaluation({(0, 0): 50, (1, 1): 45, (0, 1): 2, (2, 3): 3})
    matrix = found.confusion_matrix
    right = 0
    for digit in range(10):
        wrong = matrix[digit].sum() + matrix[:, digit].sum() - 2 * matrix[digit, digit]
        right += found.images - wrong
    assert found.one_vs_rest_accuracy == pytest.approx(right / (10 * found.images))


def recorded(steps: Steps[Evaluation], done: list[float]) -> Steps[Evaluation]:
    """The steps, of which each is noted."""
    result: list[Evaluation] = []

    def run() -> Steps[None]:
        result.append((yield from steps))

    for each in run():
        done.append(each)
        yield each
    return result[0]


@pytest.mark.parametrize("workers", [1, 2])
def test_evaluate_agrees_with_the_probabilities_of_the_network(workers: int, monkeypatch: pytest.MonkeyPatch) -> None:
    model = replace(Model.create("C(4,5)-P4-FC10"), temperature=1.7)
    generator = np.random.default_rng(1)
    images, labels = generator.integers(0, 256, (21, 28, 28), np.uint8), generator.integers(0, 10, 21)
    done: list[float] = []
    monkeypatch.setattr("cnn.evaluation.IMAGES_AT_ONCE", 8)
    monkeypatch.setattr("cnn.evaluation.IMAGES_WORTH_A_WORKER", 10)
    found = finish(recorded(evaluation_steps(model, (images, labels), workers), done))
    assert found.accuracy == evaluate(model, (images, labels), workers).accuracy
    probabilities = model.probabilities(images)
    assert found.predictions.tolist() == probabilities.argmax(axis=1).tolist()
    np.testing.assert_allclose(found.confidences, probabilities.max(axis=1), rtol=1e-5)
    for label, prediction in zip(labels, found.predictions, strict=True):
        found.confusion_matrix[label, prediction] -= 1
    assert not found.confusion_matrix.any()
    assert done == [8, 16, 21]
    assert 0 < found.seconds < 60
