"""What is shown and read when learning is measured."""

import numpy as np
import pytest

from benchmarks.learning import LEAST, STYLES, hand_of, of_style, of_writer
from cnn.architecture import parse
from preprocessing.datasets import Dataset
from preprocessing.mnist import load_mnist
from routines.fine_tune import Hand
from routines.models import SHIPPED, find_model
from routines.places import PLACES


@pytest.fixture(scope="module")
def data() -> Dataset:
    return load_mnist()


@pytest.mark.parametrize("style", STYLES)
def test_a_style_changes_its_digit_alone(data: Dataset, style: str) -> None:
    learned, read = of_style(data, style, 20, None, seed=0)
    digit = STYLES[style][1]
    assert len(learned.labels) == 20 and learned.images.shape == (20, 28, 28)
    assert digit is None or {*learned.labels, *read.labels} == {digit}
    plain = hand_of("as they are", data.x_train[:1], data.y_train[:1], 1, np.random.default_rng(0)).images
    assert np.array_equal(plain, data.x_train[:1])
    changed = STYLES[style][0](data.x_train[0])
    assert np.array_equal(changed, data.x_train[0]) == (style == "as they are")


def test_what_is_misread_is_shown_where_that_is_asked(data: Dataset) -> None:
    model = find_model(PLACES, parse(SHIPPED[0]))
    learned, read = of_style(data, "crossed 7s", 20, model, seed=0)
    assert list(learned.pictures) == list(range(20))
    assert (model.logits(learned.images).argmax(axis=1) != 7).all()
    assert (model.logits(read.images).argmax(axis=1) == 7).any()


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
