"""Softmax and cross-entropy."""

import numpy as np
import pytest

from cnn.loss import cross_entropy, softmax


def test_probabilities_of_each_image_sum_to_one() -> None:
    probabilities = softmax(np.random.default_rng(0).normal(0, 10, (10, 50)))
    np.testing.assert_allclose(probabilities.sum(axis=0), 1)


def test_loss_of_equal_logits_is_the_logarithm_of_their_number() -> None:
    losses, gradient = cross_entropy(np.zeros((4, 1)), np.array([2]))
    assert losses.tolist() == [pytest.approx(np.log(4))]
    assert gradient.ravel().tolist() == [0.25, 0.25, -0.75, 0.25]


def test_huge_logits_neither_overflow_nor_give_an_infinite_loss() -> None:
    logits = np.array([[1e4, -1e4], [0, 0]], np.float32)
    assert softmax(logits).tolist() == [[1, 0], [0, 1]]
    losses, gradient = cross_entropy(logits, np.array([1, 0]))
    assert losses.tolist() == [1e4, 1e4]
    assert gradient.tolist() == [[1, -1], [-1, 1]]


def test_the_gradient_is_that_of_the_loss() -> None:
    generator = np.random.default_rng(1)
    logits, labels = generator.normal(0, 2, (10, 6)), generator.integers(0, 10, 6)
    _, gradient = cross_entropy(logits, labels)
    for place in np.ndindex(logits.shape):
        step = np.zeros_like(logits)
        step[place] = 1e-6
        slope = (cross_entropy(logits + step, labels)[0] - cross_entropy(logits - step, labels)[0]).sum() / 2e-6
        assert gradient[place] == pytest.approx(slope, abs=1e-8)
