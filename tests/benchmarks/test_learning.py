"""What is shown and read when learning is measured."""

import numpy as np
import pytest

from benchmarks.learning import LEAST, STYLES, hand_of, of_style, of_writer
from preprocessing.datasets import Dataset
from preprocessing.mnist import load_mnist
from routines.fine_tune import Hand


@pytest.fixture(scope="module")
def data() -> Dataset:
    return load_mnist()


@pytest.mark.parametrize("style", STYLES)
def test_a_style_changes_its_digit_alone(data: Dataset, style: str) -> None:
    learned, read = of_style(data, style, 20, seed=0)
    digit = STYLES[style][1]
    assert len(learned.labels) == 20 and learned.images.shape == (20, 28, 28)
    assert digit is None or {*learned.labels, *read.labels} == {digit}
    plain = hand_of("as they are", data.x_train[:1], data.y_train[:1], 1, np.random.default_rng(0)).images
    assert np.array_equal(plain, data.x_train[:1])
    changed = STYLES[style][0](data.x_train[0])
    assert np.array_equal(changed, data.x_train[0]) == (style == "as they are")


def test_of_a_writer_no_picture_is_shown_and_read() -> None:
    count = 10 + LEAST
    of = np.repeat(np.arange(count), 2)
    hand = Hand(np.zeros((2 * count, 28, 28), np.uint8), np.arange(2 * count, dtype=np.uint8), of)
    found = of_writer(hand, 10, seed=0)
    assert found is not None
    learned, read = found
    assert sorted(set(learned.pictures)) == list(range(10)) and len(read.labels) == 2 * LEAST
    assert not {*learned.labels} & {*read.labels}
    assert of_writer(hand, 11, seed=0) is None
