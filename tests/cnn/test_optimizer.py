"""Adam and the learning rate."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnn.optimizer import Adam, AveragedAdam, one_cycle, scale_learning_rate


def test_steps_are_those_of_the_paper() -> None:
    """Algorithm 1 of Kingma & Ba, written as it stands there."""
    generator = np.random.default_rng(0)
    theta = generator.standard_normal(5)
    optimizer = Adam(theta.copy())
    m = v = np.zeros(5)
    for t in range(1, 8):
        gradient = generator.standard_normal(5) * 10.0 ** generator.integers(-9, 3)
        m, v = 0.9 * m + 0.1 * gradient, 0.999 * v + 0.001 * gradient**2
        theta = theta - 0.01 * (m / (1 - 0.9**t)) / (np.sqrt(v / (1 - 0.999**t)) + 1e-8)
        optimizer.step(gradient, 0.01)
        np.testing.assert_allclose(optimizer.parameters, theta, rtol=1e-10)


def test_the_first_step_is_the_learning_rate_and_leaves_the_gradient() -> None:
    optimizer = Adam(np.zeros(2))
    gradient = np.array([5.0, -7.0])
    optimizer.step(gradient, 0.1)
    np.testing.assert_allclose(optimizer.parameters, [-0.1, 0.1], rtol=1e-6)
    assert gradient.tolist() == [5, -7]


def test_parameters_shrink_by_the_learning_rate_whatever_their_gradients() -> None:
    optimizer, plain = AveragedAdam(np.array([2.0, -3.0]), 0.3, 9), Adam(np.array([2.0, -3.0]))
    for gradient in (np.array([1.0, 5.0]), np.array([-2.0, 5.0])):
        plain.parameters *= 1 - 0.1 * 0.3
        plain.step(gradient, 0.1)
        optimizer.step(gradient, 0.1)
        np.testing.assert_allclose(optimizer.parameters, plain.parameters, rtol=1e-12)


def test_the_average_follows_the_last_tenth_of_the_steps() -> None:
    optimizer = AveragedAdam(np.zeros(3), 0.1, 9)
    path = []
    for _ in range(200):
        optimizer.step(np.array([1.0, -1.0, 0.0]), 0.0001)
        path.append(optimizer.parameters.copy())
    # What is left of step t after all later ones: (t + 8)! / (t - 1)!, a polynomial of t with t^9 before the rest.
    weights = np.array([np.prod(np.arange(step, step + 9) / 100.0) for step in range(1, 201)])
    np.testing.assert_allclose(optimizer.average, weights @ np.array(path) / weights.sum(), rtol=1e-10)
    assert optimizer.average[0] == pytest.approx(-0.0001 * 200 * 10 / 11, rel=0.01)


def test_the_first_average_is_the_first_step() -> None:
    optimizer = AveragedAdam(np.ones(2), 0.1, 9)
    assert optimizer.average.tolist() == [1, 1]
    optimizer.step(np.ones(2), 0.5)
    np.testing.assert_allclose(optimizer.average, optimizer.parameters)


def test_the_rate_goes_with_the_square_root_of_the_batch() -> None:
    assert [scale_learning_rate(0.001, size) for size in (8, 32, 128)] == [0.0005, 0.001, 0.002]


def test_the_cycle_goes_up_stays_and_goes_down() -> None:
    rates = [one_cycle(step, 1000, 0.5, 0.05, 0.05) for step in range(1000)]
    assert rates[0] == pytest.approx(0.5 / 51)
    assert rates[50:950] == [0.5] * 900
    assert rates[-1] == pytest.approx(0.5 / 50)
    assert rates[:51] == sorted(rates[:51]) and rates[950:] == sorted(rates[950:], reverse=True)


@given(st.integers(1, 5000), st.floats(1e-6, 1))
def test_the_rate_is_above_zero_and_at_most_the_peak(steps: int, peak: float) -> None:
    rates = [one_cycle(step, steps, peak, 0.05, 0.05) for step in {0, steps // 2, steps - 1}]
    assert all(0 < rate <= peak for rate in rates)


def test_without_warm_up_and_cool_down_the_rate_is_level() -> None:
    assert [one_cycle(step, 10, 0.5, 0, 0) for step in range(10)] == [0.5] * 10
