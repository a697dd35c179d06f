"""What the benchmark of robustness does to images."""

import numpy as np
import pytest

from benchmarks.robustness import CHANGES, add_noise, shift, thicken, turn

BAR = np.zeros((1, 28, 28), np.uint8)
BAR[0, 8:20, 13:15] = 255


def test_shifts_go_to_all_sides() -> None:
    rows, columns = zip(*(np.argwhere(each[0])[0] for each in shift(BAR, 3)), strict=True)
    assert sorted(zip(rows, columns, strict=True)) == [(5, 13), (8, 10), (8, 16), (11, 13)]


def test_turning_by_a_right_angle_lays_the_bar_down_both_ways() -> None:
    for (turned,) in turn(BAR, 90):
        np.testing.assert_array_equal(turned, np.rot90(BAR[0]))


@pytest.mark.parametrize(("pixels", "width"), [(-1, 0), (0, 2), (1, 4), (2, 6), (3, 8)])
def test_strokes_become_wider_by_as_much_on_each_side(pixels: float, width: int) -> None:
    (changed,) = thicken(BAR, pixels)
    assert (changed[0, 14] > 0).sum() == width


def test_a_part_of_a_pixel_is_a_mixture() -> None:
    (changed,) = thicken(BAR, 0.5)
    assert changed[0, 14, 12:16].tolist() == [128, 255, 255, 128]
    (changed,) = thicken(BAR, -0.5)
    assert changed[0, 14, 12:16].tolist() == [0, 128, 128, 0]


def test_noise_has_its_deviation_and_is_the_same_each_time() -> None:
    grey = np.full((20, 28, 28), 128, np.uint8)
    (noisy,), (again,) = add_noise(grey, 0.1), add_noise(grey, 0.1)
    assert noisy.std() == pytest.approx(25.5, rel=0.03)
    assert (noisy == again).all()


def test_each_change_has_a_strength_that_changes_nothing() -> None:
    for change in CHANGES:
        assert 0 in change.strengths
        assert all((images == BAR).all() for images in change.apply(BAR, 0))
