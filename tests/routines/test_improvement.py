"""Whether a second reading is better by more than luck."""

from dataclasses import replace

import numpy as np
import pytest

from routines.improvement import Improvement, compare_readings, luck

TEN = Improvement(
    pictures=12,
    digits=12,
    right_before=10,
    right_after=10,
    gained=0,
    lost=0,
    doubtful_before=4,
    doubtful_after=3,
    read=10,
    surer=5,
)


@pytest.mark.parametrize(
    ("gained", "lost", "surer", "helped"),
    [
        (1, 0, 5, False),  # one picture is luck,
        (1, 0, 9, True),  # but not where nearly all are read more surely
        (2, 0, 5, True),
        (3, 1, 9, False),  # which luck does in five cases of 16
        (4, 1, 5, True),
        (0, 0, 8, False),
        (0, 0, 9, True),
        (0, 2, 10, False),
    ],
)
def test_more_is_read_right_or_surely_than_luck_would_have(gained: int, lost: int, surer: int, helped: bool) -> None:
    assert replace(TEN, gained=gained, lost=lost, surer=surer).helped == helped


def test_what_is_misread_less_surely_proves_nothing() -> None:
    before = np.tile([0.9, 0.1], (9, 1))
    after = np.tile([0.6, 0.4], (9, 1))
    compared = compare_readings(before, after, np.ones(9, np.int64), np.arange(9))
    assert (compared.read, compared.surer) == (0, 0) and not compared.helped


def test_a_picture_of_several_digits_is_one() -> None:
    labels, pictures = np.array([0, 0, 1]), np.array([0, 0, 1])
    before = np.array([[0.95, 0.05], [0.4, 0.6], [0.05, 0.95]])
    after = np.array([[0.8, 0.2], [0.7, 0.3], [0.6, 0.4]])
    compared = compare_readings(before, after, labels, pictures)
    assert (compared.pictures, compared.digits) == (2, 3)
    assert (compared.right_before, compared.right_after) == (2, 2)
    assert (compared.gained, compared.lost, compared.read, compared.surer) == (1, 1, 1, 1)
    assert (compared.doubtful_before, compared.doubtful_after) == (1, 2)


def test_luck_is_that_of_tossed_coins() -> None:
    assert luck(0, 0) == 1 and luck(5, 5) == 1 / 32 and luck(9, 10) == 11 / 1024
