"""Images that teach what is no digit, and the network that was taught with them."""

import numpy as np

from cnn.wholeness import wholeness
from preprocessing.no_digits import STEM_LENGTH, STEMS, long_stemmed, make_images, torn
from preprocessing.touching import NONE, Writer
from tests.preprocessing.drawings import data, image_of


def test_images_are_digits_and_none_and_the_same_from_a_seed() -> None:
    part = data()
    made = [make_images(part.x_train[:500], part.y_train[:500], np.random.default_rng(3), 200) for _ in range(2)]
    (images, labels), (again, _) = made
    np.testing.assert_array_equal(images, again)
    assert (
        images.shape == (200, 28, 28) and set(range(10)) <= set(labels.tolist()) and 0.2 < (labels == NONE).mean() < 0.8
    )


def test_a_torn_digit_is_a_digit_of_which_a_line_is_gone() -> None:
    part = data()
    pairs = []
    for seed in range(20):
        whole, label = Writer(part.x_train[:500], part.y_train[:500], np.random.default_rng(seed)).mask()
        gone, same = torn(Writer(part.x_train[:500], part.y_train[:500], np.random.default_rng(seed)))
        assert label == same and not (gone & ~whole).any()
        pairs.append(gone.sum() / whole.sum())
    assert min(pairs) > 0.5 and np.mean(pairs) < 0.98


def test_a_long_stem_is_drawn_out_and_the_rest_of_the_digit_stays() -> None:
    part = data()
    for seed in range(20):
        long, label = long_stemmed(Writer(part.x_train[:500], part.y_train[:500], np.random.default_rng(seed)))
        again = Writer(part.x_train[:500], part.y_train[:500], np.random.default_rng(seed))
        whole, same = again.mask()
        while same not in STEMS:
            whole, same = again.mask()
        place = round(STEMS[label] * len(whole))
        stem, rest = (place, len(whole) - place) if label == 6 else (len(whole) - place, place)
        assert label == same and STEM_LENGTH[0] * stem - 1 <= len(long) - rest <= STEM_LENGTH[1] * stem + 1
        kept = (whole[-rest:], long[-rest:]) if label == 6 else (whole[:rest], long[:rest])
        np.testing.assert_array_equal(*kept)


def test_digits_are_whole_and_halves_and_pairs_are_not() -> None:
    digits = np.stack([image_of(digit, number) for digit in range(10) for number in range(10)])
    assert (wholeness(digits).sum(axis=1) > 0.5).mean() > 0.9
    assert (wholeness(digits).argmax(axis=1) == np.repeat(np.arange(10), 10)).mean() > 0.95
    pairs = np.concatenate([digits[:, ::2, ::2], digits[::-1, ::2, ::2]], axis=2)
    pairs = np.pad(pairs, ((0, 0), (7, 7), (0, 0)))
    assert (wholeness(pairs).sum(axis=1) < 0.5).mean() > 0.9
