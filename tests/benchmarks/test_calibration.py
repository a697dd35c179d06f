"""The arithmetic of reliability."""

import numpy as np
import pytest

from benchmarks.calibration import BINS, reliability


def test_confidences_that_are_the_share_of_right_answers_have_no_error() -> None:
    confidences = np.repeat(np.arange(1, BINS + 1) / 20 + 0.5, 20)  # 0.55 to 1, 20 answers each
    probabilities = np.zeros((len(confidences), 10))
    probabilities[:, 3], probabilities[:, 4] = confidences, 1 - confidences
    right = np.concatenate([np.arange(20) < count for count in range(11, 21)])
    found = reliability(probabilities, np.where(right, 3, 4))
    assert found.error == pytest.approx(0)
    assert found.accuracy == pytest.approx(found.confidence) == pytest.approx(right.mean())
    np.testing.assert_allclose(found.bins[:, 0], found.bins[:, 1])
    assert found.loss == pytest.approx(-np.log(np.where(right, confidences, 1 - confidences).clip(1e-12)).mean())
    assert found.surest_mistake == pytest.approx(0.95)


def test_an_answer_that_is_too_sure_or_not_sure_enough_has_that_error() -> None:
    probabilities = np.zeros((50, 10))
    probabilities[:, 7], probabilities[:, 0] = 0.9, 0.1
    labels = np.repeat([7, 1, 7], [20, 20, 10])
    found = reliability(probabilities, labels)
    assert found.confidence == pytest.approx(0.9) and found.accuracy == pytest.approx(0.6)
    # Of equal confidences the order is that of the answers: six tenths are all right, four all wrong.
    assert found.error == pytest.approx((30 * 0.1 + 20 * 0.9) / 50)
