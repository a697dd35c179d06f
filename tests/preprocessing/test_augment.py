"""Augmentation: what each number does, and that nothing but its own numbers and its own image make a new image."""

import pickle
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from preprocessing import augment as module
from preprocessing.augment import AUGMENTATION, augment, draw
from preprocessing.mnist import load_mnist
from system.arrays import Array

Images = NDArray[np.uint8]


@pytest.fixture(scope="module")
def digits() -> Images:
    return load_mnist().x_test[:300]


def rows(count: int, **values: float) -> Array:
    """`count` equal rows of draws with some values, named as the columns are, and 0 elsewhere."""
    draws = np.zeros((count, module.BENDING.stop), np.float32)
    for name, value in values.items():
        draws[:, getattr(module, name)] = value
    return draws


def centre_of_mass(images: Images) -> tuple[Array, Array]:
    weights = images / images.sum(axis=(1, 2), keepdims=True)
    return weights.sum(axis=1) @ np.arange(28), weights.sum(axis=2) @ np.arange(28)


def spread(images: Images) -> tuple[float, float]:
    """Mean standard deviation, in pixels, of the ink to the side and in height."""
    x, y = centre_of_mass(images)
    weights = images / images.sum(axis=(1, 2), keepdims=True)
    squares = (np.arange(28) - x[:, None]) ** 2, (np.arange(28) - y[:, None]) ** 2
    width, height = (weights.sum(axis=1) * squares[0]).sum(axis=1), (weights.sum(axis=2) * squares[1]).sum(axis=1)
    return float(np.sqrt(width).mean()), float(np.sqrt(height).mean())


@st.composite
def any_images(draw_from: st.DrawFn) -> Images:
    """A few images of noise of any density, flat greys, and single pixels."""
    generator = np.random.default_rng(draw_from(st.integers(0, 2**32 - 1)))
    count, density = draw_from(st.integers(0, 5)), draw_from(st.sampled_from([0.0, 0.001, 0.1, 0.5, 1.0]))
    images = generator.integers(0, 256, (count, 28, 28)) * (generator.random((count, 28, 28)) < density)
    return np.maximum(images, draw_from(st.sampled_from([0, 0, 1, 127, 128, 255]))).astype(np.uint8)


@pytest.mark.parametrize("form", [np.float16, np.float32, np.float64, np.int64])
def test_floats_are_changed_as_the_bytes_they_stand_for(digits: Images, form: type) -> None:
    draws = draw(np.random.default_rng(0), 20)
    given: Array = (digits[:20] if form is np.int64 else digits[:20] / 255).astype(form)
    new = augment(given, draws)
    assert new.dtype == np.uint8
    np.testing.assert_array_equal(new, augment(digits[:20], draws))
    white = digits[:20] > 127
    np.testing.assert_array_equal(augment(white, draws), augment(white * np.uint8(255), draws))


@given(any_images())
@settings(deadline=None)
def test_draws_of_zero_leave_any_image_as_it_is(images: Images) -> None:
    new = augment(images, rows(len(images)))
    np.testing.assert_array_equal(new, images)
    assert not np.shares_memory(new, images)


@given(any_images(), st.integers(0, 2**32 - 1), st.sampled_from([1, 10]))
@settings(deadline=None)
def test_any_image_becomes_an_image(images: Images, seed: int, times: int) -> None:
    before = images.copy()
    draws = draw(np.random.default_rng(seed), len(images)) * np.float32(times)
    new = augment(images, draws)
    assert new.shape == images.shape and new.dtype == np.uint8
    np.testing.assert_array_equal(images, before)
    # No mixture of pixels, and of the black around them, is brighter than the brightest; a flag is.
    draws[:, module.FLAG_LENGTH] = 0
    assert (augment(images, draws).max(axis=(1, 2), initial=0) <= images.max(axis=(1, 2), initial=0)).all()


def test_the_same_draws_give_the_same_bits(digits: Images) -> None:
    first, second = (draw(np.random.default_rng(7), 300) for _ in range(2))
    np.testing.assert_array_equal(first, second)
    np.testing.assert_array_equal(augment(digits, first), augment(digits, second))
    assert (augment(digits, draw(np.random.default_rng(8), 300)) != augment(digits, first)).any(axis=(1, 2)).all()


@pytest.mark.parametrize("size", [1, 7, 32, 129])
def test_parts_give_the_bits_of_the_whole(digits: Images, size: int) -> None:
    generator = np.random.default_rng(0)
    # More than OpenCV could take in one: it counts the rows of all in 16 bits.
    images = np.concatenate([digits, generator.integers(0, 256, (900, 28, 28), np.uint8)])
    draws = draw(generator, 1200)
    parts = [augment(images[first : first + size], draws[first : first + size]) for first in range(0, 1200, size)]
    np.testing.assert_array_equal(np.concatenate(parts), augment(images, draws))


def test_white_images_leave_black_neighbours_black() -> None:
    images = np.zeros((200, 28, 28), np.uint8)
    images[::2] = 255
    new = augment(images, 10 * draw(np.random.default_rng(0), 200))
    assert not new[1::2].any()
    assert new[::2].any()


def test_shifts_move_to_the_right_and_down(digits: Images) -> None:
    new = augment(digits, rows(300, SHIFT_X=2, SHIFT_Y=-1))
    np.testing.assert_array_equal(new[:, :-1, 2:], digits[:, 1:, :-2])
    assert not new[:, -1].any() and not new[:, :, :2].any()


def test_a_quarter_turn_turns_every_pixel(digits: Images) -> None:
    turned = augment(digits, rows(300, ANGLE=np.pi / 2))
    np.testing.assert_array_equal(turned, np.rot90(digits, axes=(1, 2)))


def test_scales_make_digits_larger_and_wider(digits: Images) -> None:
    width, height = spread(digits)
    larger = spread(augment(digits, rows(300, ENLARGEMENT=0.1)))
    wider = spread(augment(digits, rows(300, STRETCH=0.1)))
    np.testing.assert_allclose(larger, (width * np.exp(0.1), height * np.exp(0.1)), rtol=0.01)
    np.testing.assert_allclose(wider, (width * np.exp(0.1), height * np.exp(-0.1)), rtol=0.01)


def test_shear_moves_rows_to_the_side_by_their_height() -> None:
    images = np.zeros((1, 28, 28), np.uint8)
    images[:, 4:24, 13:15] = 255
    new = augment(images, rows(1, SHEAR=0.2))
    columns = np.arange(28) @ new[0, 5:23].T / new[0, 5:23].sum(axis=1)
    np.testing.assert_allclose(np.diff(columns), -0.2, atol=0.05)


def test_bending_moves_ink_by_about_its_pixels(digits: Images) -> None:
    draws = rows(300)
    draws[:, module.BENDING.start] = 0.5  # of x, half a period from side to side: 0.5 at the left, -0.5 at the right
    left_half, right_half = digits.copy(), digits.copy()
    left_half[:, :, 12:], right_half[:, :, :16] = 0, 0
    for half, sign in ((left_half, -1), (right_half, 1)):
        half = half[half.any(axis=(1, 2))]
        moved = centre_of_mass(augment(half, draws[: len(half)]))[0] - centre_of_mass(half)[0]
        assert 0.1 < sign * moved.mean() < 0.5


def test_strokes_get_thicker_with_the_thickness(digits: Images) -> None:
    thickness = np.linspace(-1, 1, 9)
    mass = [augment(digits, rows(300, THICKNESS=value)).sum(axis=(1, 2), dtype=float) for value in thickness]
    assert (np.diff(mass, axis=0) > 0).all()
    # A stroke of MNIST is 2 to 4 pixels wide: one more on either side of it, and it has about twice the ink.
    assert 1.5 < (mass[-1] / mass[4]).mean() < 2.5
    assert (mass[0] / mass[4]).mean() < 0.5


def test_a_bar_gets_a_flag_to_the_left_of_its_top() -> None:
    images = np.zeros((2, 28, 28), np.uint8)
    images[0, 4:24, 13:15] = 255
    new = augment(images, rows(2, FLAG_LENGTH=8, FLAG_ANGLE=np.pi / 4, FLAG_WIDTH=2))
    added = np.argwhere(new[0] > images[0])
    # From between the columns 13 and 14, half a stroke below row 4's edge, 8 / sqrt(2) pixels to the left and down.
    assert added.min(axis=0).tolist() == [4, 7] and added.max(axis=0).tolist() == [11, 12]
    assert new[0, 10, 8] == 255 and not (new[0] < images[0]).any()
    assert 12 * 255 < new[0].sum(dtype=int) - images[0].sum(dtype=int) < 18 * 255
    assert not new[1].any()


def test_flags_are_for_1_alone(digits: Images) -> None:
    labels = load_mnist().y_test[:300]
    flagged = (augment(digits, rows(300, FLAG_LENGTH=8, FLAG_ANGLE=0.7, FLAG_WIDTH=2)) != digits).any(axis=(1, 2))
    assert flagged[labels == 1].mean() > 0.9
    assert flagged[labels != 1].mean() < 0.05


def test_digits_stay_inside_the_frame(digits: Images) -> None:
    draws = draw(np.random.default_rng(0), 300)
    draws[:, [module.THICKNESS, module.FLAG_LENGTH]] = 0
    new = augment(digits, draws)
    # What scaling makes of the mass is known; the rest would be outside.
    expected = digits.sum(axis=(1, 2)) * np.exp(2 * draws[:, module.ENLARGEMENT])
    share = new.sum(axis=(1, 2)) / expected
    assert share.min() > 0.8
    assert 0.98 < share.mean() < 1.02


def test_draws_fill_their_ranges() -> None:
    draws = draw(np.random.default_rng(0), 20_000)
    assert draws.shape == (20_000, module.BENDING.stop) and draws.dtype == np.float32
    flagged = draws[:, module.FLAG_LENGTH] > 0
    assert flagged.mean() == pytest.approx(module.FLAG_SHARE, abs=0.01)
    assert sorted(module.RANGES) == list(range(module.BENDING.start))
    for column, (lowest, highest) in module.RANGES.items():
        values = draws[flagged, column]
        assert lowest <= values.min() < values.max() <= highest
        assert values.mean() == pytest.approx((lowest + highest) / 2, abs=0.05 * (highest - lowest))
    assert draws[:, module.BENDING].std() == pytest.approx(module.BENDING_DEVIATION, rel=0.02)


def test_opencv_keeps_its_threads(digits: Images) -> None:
    import cv2

    before = cv2.getNumThreads()
    try:
        cv2.setNumThreads(3)
        augment(digits, draw(np.random.default_rng(0), 300))
        assert cv2.getNumThreads() == 3
    finally:
        cv2.setNumThreads(before)


def test_importing_it_loads_no_opencv() -> None:
    code = "import sys, preprocessing.augment; sys.exit('cv2' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_record_of_both_functions_can_be_sent_to_another_process(digits: Images) -> None:
    sent = pickle.loads(pickle.dumps(AUGMENTATION))  # noqa: S301
    draws = sent.draw(np.random.default_rng(1), 300)
    assert draws.shape == (300, sent.columns)
    np.testing.assert_array_equal(sent.apply(digits, draws), augment(digits, draw(np.random.default_rng(1), 300)))
