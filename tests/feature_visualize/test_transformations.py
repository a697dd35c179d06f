"""Shifts, rotations and changes of scale."""

import numpy as np
import pytest

from feature_visualize.transformations import Reach, random_transformation, transformation


def moved(image: np.ndarray, *how: float) -> np.ndarray:
    return np.asarray((image.reshape(1, 784) @ transformation(*how)).reshape(28, 28))


@pytest.fixture
def image() -> np.ndarray:
    made = np.zeros((28, 28), np.float32)
    made[8:20, 10:18] = np.random.default_rng(0).random((12, 8))
    return made


def test_nothing_changes_nothing(image: np.ndarray) -> None:
    np.testing.assert_allclose(moved(image, 0, 0, 0, 1), image, atol=1e-6)


def test_a_shift_of_whole_pixels_goes_down_and_right(image: np.ndarray) -> None:
    np.testing.assert_allclose(moved(image, 2, -3, 0, 1), np.roll(image, (2, -3), (0, 1)), atol=1e-6)


def test_half_a_pixel_is_a_mean(image: np.ndarray) -> None:
    expected = (image + np.roll(image, 1, 1)) / 2
    np.testing.assert_allclose(moved(image, 0, 0.5, 0, 1), expected, atol=1e-6)


def test_a_quarter_turn_goes_against_the_clock(image: np.ndarray) -> None:
    np.testing.assert_allclose(moved(image, 0, 0, 90, 1), np.rot90(image), atol=1e-4)


def test_a_larger_scale_enlarges_about_the_centre() -> None:
    image = np.zeros((28, 28), np.float32)
    image[10:18, 10:18] = 1
    large = moved(image, 0, 0, 0, 1.5)
    assert large.sum() == pytest.approx(64 * 1.5**2, rel=0.03)
    np.testing.assert_allclose(large, large[::-1, ::-1], atol=1e-5)


def test_what_comes_from_outside_is_black() -> None:
    white = np.ones((28, 28), np.float32)
    shifted = moved(white, 3, 0, 0, 1)
    assert not shifted[:3].any() and (shifted[3:] == 1).all()


def test_random_ones_stay_within_reach_and_are_drawn_anew() -> None:
    generator = np.random.default_rng(0)
    spot = np.zeros((28, 28), np.float32)
    spot[13:15, 13:15] = 1  # the centre, which rotation and scale leave where it is
    centres = []
    for _ in range(50):
        image = (spot.reshape(1, 784) @ random_transformation(generator, Reach(1.25, 8, 0.1))).reshape(28, 28)
        centres.append([(image.sum(1 - axis) @ np.arange(28)) / image.sum() - 13.5 for axis in (0, 1)])
    assert 0.9 < np.abs(centres).max() < 1.3
    assert np.std(centres, axis=0).min() > 0.5
