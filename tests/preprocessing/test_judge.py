"""The judge: what two networks together say of an image."""

import numpy as np
import pytest
from numpy.typing import NDArray

from preprocessing.judge import CUT_SHARE, Judge

IMAGE, SEEN = np.zeros((28, 28), np.uint8), np.ones((28, 28), np.uint8)


class TwoReaders:
    """Reads a 0 with 80%; takes it for a whole 1, with 90%, where it is seen with what it was cut from."""

    class_names = ("0", "1")

    def probabilities(self, images: NDArray[np.uint8], /) -> NDArray[np.float32]:
        return np.tile(np.array([0.8, 0.2], np.float32), (len(images), 1))

    def wholeness(self, images: NDArray[np.uint8], /) -> NDArray[np.float32]:
        return np.array([[0.05, 0.9] if image.any() else [0.6, 0.1] for image in images], np.float32)


def test_a_whole_image_is_what_the_reader_says_and_scores_what_both_say_of_it() -> None:
    verdict = Judge(TwoReaders()).verdict([IMAGE])
    np.testing.assert_array_equal(verdict.probabilities, TwoReaders().probabilities(IMAGE[None]))
    assert verdict.scores[0] == pytest.approx(np.log(0.8 * 0.6)) and verdict.wholeness[0] == pytest.approx(0.6)


def test_a_cut_piece_is_what_the_second_network_says_sooner_than_the_reader() -> None:
    verdict = Judge(TwoReaders()).verdict([IMAGE, IMAGE], [None, SEEN])
    assert verdict.probabilities.argmax(axis=1).tolist() == [0, 1]
    both = np.array([0.8**CUT_SHARE * 0.05, 0.2**CUT_SHARE * 0.9])
    np.testing.assert_allclose(verdict.probabilities[1], both / both.sum(), rtol=1e-5)
    assert verdict.scores[1] == pytest.approx(np.log(both[1])) and verdict.wholeness[1] == pytest.approx(0.9)


def test_without_a_second_network_its_confidence_counts_twice() -> None:
    class Reader:
        class_names = ("0", "1")
        probabilities = TwoReaders.probabilities

    verdict = Judge(Reader()).verdict([IMAGE, IMAGE], [SEEN])
    np.testing.assert_allclose(verdict.scores, 2 * np.log(0.8), rtol=1e-6)
    assert Judge(Reader()).verdict([]).scores.shape == (0,)
