"""The arithmetic of reliability."""

import numpy as np
import pytest

from benchmarks.calibration import EDGES, reliability


def test_confidences_that_are_the_share_of_right_answers_have_no_error() -> None:
    confidences = np.repeat(np.arange(1, 11) / 20 + 0.5, 20)  # 0.55 to 1, 20 answers each
    probabilities = np.zeros((len(confidences), 10))
    probabilities[:, 3], probabilities[:, 4] = confidences, 1 - confidences
    right = np.concatenate([np.arange(20) < count for count in range(11, 21)])
    found = reliability(probabilities, np.where(right, 3, 4))
    assert found.error == pytest.approx(0)
    assert found.accuracy == pytest.approx(found.confidence) == pytest.approx(right.mean())
    np.testing.assert_allclose(found.bins[:, 0], found.bins[:, 1])
    assert len(found.bins) == len(EDGES) - 1 and found.bins[:, 2].sum() == 200
    assert found.loss == pytest.approx(-np.log(np.where(right, confidences, 1 - confidences).clip(1e-12)).mean())
    assert found.surest_mistake == pytest.approx(0.95)


def test_an_answer_that_is_too_sure_has_that_error() -> None:
    probabilities = np.zeros((50, 10))
    probabilities[:, 7], probabilities[:, 0] = 0.9, 0.1
    labels = np.repeat([7, 1, 7], [20, 20, 10])
    found = reliability(probabilities, labels)
    assert found.confidence == pytest.approx(0.9) and found.accuracy == pytest.approx(0.6)
    assert found.error == pytest.approx(0.3)


def test_errors_of_bins_do_not_cancel() -> None:
    probabilities = np.zeros((20, 10))
    probabilities[:10, 0], probabilities[:10, 1] = 0.7, 0.3  # all right
    probabilities[10:, 0], probabilities[10:, 1] = 0.96, 0.04  # half of them
    found = reliability(probabilities, np.repeat([0, 0, 1], [10, 5, 5]))
    assert found.error == pytest.approx((10 * 0.3 + 10 * 0.46) / 20)
