"""What is whole, and what of a hand is taken for something else."""

import numpy as np
import pytest

from cnn.model import Model
from cnn.wholeness import alike_of, look_alikes, wholeness
from preprocessing.mnist import load_mnist
from system.arrays import Array


@pytest.fixture(scope="module")
def sevens() -> Array:
    data = load_mnist()
    return np.asarray(data.x_test[data.y_test == 7][:10])


def whole(images: Array, alike: object) -> Array:
    """Return what a model makes of images that says so of its hand."""
    model = Model.create("C(4,5)-P4-FC10")
    found = Model(model.specs, model.parameters, metadata={"alike": alike}).wholeness(images)
    assert found is not None
    return found


def test_a_digit_of_a_hand_is_as_whole_as_what_it_looks_like(sevens: Array) -> None:
    plain, taught = wholeness(sevens), wholeness(sevens, {"2": "7"})
    assert plain[:, 2].mean() < 0.1 and plain[:, 7].mean() > 0.9
    assert np.allclose(taught[:, 2], plain[:, 2] + plain[:, 7])
    assert np.array_equal(np.delete(taught, 2, axis=1), np.delete(plain, 2, axis=1))


def test_what_looks_like_no_digit_is_little_of_one() -> None:
    nothing = np.zeros((1, 28, 28), np.uint8)
    nothing[:, 4:24:4] = 255
    plain = wholeness(nothing)
    assert plain.sum() < 0.02
    assert 0.05 < wholeness(nothing, {"0": "-"})[0, 0] < 0.08


def test_a_hand_says_what_its_digits_look_like(sevens: Array) -> None:
    twos = np.full(len(sevens), 2, np.uint8)
    assert look_alikes(sevens, twos, {}) == {"2": "7"}
    assert look_alikes(sevens, twos + 5, {"2": "5"}) == {"2": "5"}
    assert look_alikes(sevens, twos, {"2": "5", "3": "-"}) == {"2": "57", "3": "-"}


def test_one_that_looks_like_no_digit_is_chance() -> None:
    nothing = np.zeros((2, 28, 28), np.uint8)
    nothing[:, 4:24:4] = 255
    assert look_alikes(nothing[:1], np.zeros(1, np.uint8), {}) == {}
    assert look_alikes(nothing, np.zeros(2, np.uint8), {}) == {"0": "-"}


@pytest.mark.parametrize("said", [None, 7, [1], {"x": "1"}, {"2": 5}, {"2": "x"}])
def test_what_makes_no_sense_in_a_file_is_left_out(said: object, sevens: Array) -> None:
    assert alike_of({"alike": said}) == {}
    assert np.array_equal(whole(sevens, said), wholeness(sevens))


def test_a_model_says_how_whole_its_hand_is(sevens: Array) -> None:
    assert np.array_equal(whole(sevens, {"2": "7"}), wholeness(sevens, {"2": "7"}))
