"""The temperature."""

import numpy as np
import pytest

from cnn.calibration import MAX_TEMPERATURE, fit_temperature
from cnn.loss import cross_entropy, softmax


@pytest.mark.parametrize("temperature", [0.3, 1.0, 2.5])
def test_the_temperature_is_found_with_which_labels_were_drawn(temperature: float) -> None:
    generator = np.random.default_rng(0)
    logits = generator.normal(0, 3, (20_000, 10))
    chances = softmax(logits.T / temperature).cumsum(axis=0)
    labels = (generator.random(len(logits)) > chances).sum(axis=0)
    assert fit_temperature(logits, labels) == pytest.approx(temperature, rel=0.03)


def test_no_other_temperature_has_a_lower_loss() -> None:
    generator = np.random.default_rng(1)
    logits, labels = generator.normal(0, 4, (300, 10)).astype(np.float32), generator.integers(0, 10, 300)
    logits[np.arange(250), labels[:250]] += 6
    found = fit_temperature(logits, labels)

    def loss(temperature: float) -> float:
        return float(cross_entropy(logits.T.astype(float) / temperature, labels)[0].mean())

    assert loss(found) < min(loss(0.99 * found), loss(1.01 * found))


def test_logits_that_are_always_right_or_say_nothing_stay_in_the_range() -> None:
    assert fit_temperature(np.eye(10), np.arange(10)) == pytest.approx(1 / MAX_TEMPERATURE)
    assert 1 / MAX_TEMPERATURE <= fit_temperature(np.zeros((10, 10)), np.arange(10)) <= MAX_TEMPERATURE
    assert fit_temperature(np.eye(10), np.arange(10)[::-1]) == pytest.approx(MAX_TEMPERATURE)
