"""Images of pairs: two digits that touch, stretched; and what is no pair."""

import numpy as np

from preprocessing.box import Box
from preprocessing.ink import CONTEXT, PAIR_HEIGHT, PAIR_WIDTH, Ink
from preprocessing.mnist_form import wanted_width
from preprocessing.pairs import NO_PAIR, make_pairs, purity_of_pairs
from tests.preprocessing.drawings import data


def test_a_stretched_image_shows_two_digits_as_large_as_each_and_what_they_were_cut_from_darker() -> None:
    labels = np.zeros((60, 150), np.int32)
    labels[10:50, 20:24] = labels[10:50, 70:74] = labels[28:32, 20:74] = 1  # two strokes that a third connects,
    labels[28:32, 74:140] = 1  # and what was cut off
    labels[10:50, 5:9] = 2
    ink = Ink(2 * (labels > 0).astype(np.float32), labels)
    box = Box(20, 10, 54, 40)
    mask = np.asarray(labels[box.slices] == 1)
    image = ink.stretched(box, mask, wanted_width)
    seen = Box.around(image > 255 * CONTEXT + 1)
    assert abs(seen.width - PAIR_WIDTH) <= 2 and abs(seen.height - PAIR_HEIGHT) <= 2
    beside = np.delete(image, np.arange(3, 3 + PAIR_WIDTH), axis=1)
    assert 0.5 * 255 * CONTEXT < beside[:, 3:].max() <= round(255 * CONTEXT)
    assert not beside[:, :3].any()  # another component


def test_pairs_are_labelled_by_both_digits_the_same_from_a_seed() -> None:
    part = data()
    one, other = (make_pairs(part.x_train[:500], part.y_train[:500], np.random.default_rng(7), 150) for _ in range(2))
    assert all((first == second).all() for first, second in zip(one, other, strict=True))
    images, labels = one
    assert images.shape == (150, 28, 28) and labels.max() == NO_PAIR
    assert 0.3 < np.mean(labels == NO_PAIR) < 0.7 and len(set(labels)) > 25
    assert np.median(images.reshape(150, -1).max(axis=1)) > 200


def test_a_pair_is_as_pure_as_the_digit_that_is_seen_less_without_a_third() -> None:
    columns = np.arange(30)
    layers = [np.tile(each, (10, 1)) for each in (columns < 10, (columns >= 10) & (columns < 20), columns >= 20)]
    inks = np.array([[100, 100, 0], [50, 100, 0], [100, 100, 30], [0, 80, 90], [100, 0, 0]])
    which, purity = purity_of_pairs(inks, layers)
    assert which[:4].tolist() == [0, 0, 0, 1]
    np.testing.assert_allclose(purity, [1, 0.5, 0.7, 0.8, 0])
    assert purity_of_pairs(inks[:, :1], layers[:1])[1].tolist() == [0] * 5
