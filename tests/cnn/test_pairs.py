"""Which two digits an image shows."""

import numpy as np
import pytest

from cnn.model import Model
from cnn.pairs import pairs
from preprocessing.mnist import load_mnist
from preprocessing.pairs import NO_PAIR, make_pairs
from system.arrays import Array


@pytest.fixture(scope="module")
def made() -> tuple[Array, Array]:
    """Images of pairs of test digits, and their labels."""
    data = load_mnist()
    images, labels = make_pairs(data.x_test, data.y_test, np.random.default_rng(3), 400)
    return images[labels != NO_PAIR], labels[labels != NO_PAIR]


def test_two_digits_are_read_at_once(made: tuple[Array, Array]) -> None:
    found = pairs(made[0])
    assert found.shape == (len(made[0]), 10, 10) and (found.sum(axis=(1, 2)) <= 1.001).all()
    assert (found.reshape(-1, 100).argmax(axis=1) == made[1]).mean() > 0.8


def test_a_digit_of_a_hand_is_in_a_pair_what_it_looks_like(made: tuple[Array, Array]) -> None:
    plain, taught = pairs(made[0]), pairs(made[0], {"2": "7"})
    np.testing.assert_allclose(taught[:, 2, 3], plain[:, 2, 3] + plain[:, 7, 3])
    np.testing.assert_allclose(taught[:, 3, 2], plain[:, 3, 2] + plain[:, 3, 7])
    both = plain[:, 2, 2] + plain[:, 2, 7] + plain[:, 7, 2] + plain[:, 7, 7]
    np.testing.assert_allclose(taught[:, 2, 2], both, rtol=1e-5)
    assert np.array_equal(taught[:, 3:, 3:], plain[:, 3:, 3:])


def test_a_model_of_other_classes_knows_no_pairs(made: tuple[Array, Array]) -> None:
    assert Model.create("C(4,5)-P4-FC3").pairs(made[0]) is None
    of_a_hand = Model.create("C(4,5)-P4-FC10")
    of_a_hand = Model(of_a_hand.specs, of_a_hand.parameters, metadata={"alike": {"2": "7"}})
    found = of_a_hand.pairs(made[0])
    assert found is not None and np.array_equal(found, pairs(made[0], {"2": "7"}))
