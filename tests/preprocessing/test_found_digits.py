"""Digits come out in MNIST's form, with boxes, from pictures of every kind, and what is none is doubted."""

from dataclasses import astuple

import cv2
import numpy as np
import pytest
from scipy.ndimage import center_of_mass  # type: ignore[import-untyped]

from cnn import Model
from preprocessing.box import Box
from preprocessing.digits import find_digits
from preprocessing.mnist_form import stroke_width
from system.arrays import Array
from tests.preprocessing.drawings import gradient, handwritten, image_of, pen, sheet, to_picture, write
from tests.preprocessing.test_digits import assert_reads, number

DIGITS = range(10)


def test_what_is_in_mnist_form_stays_byte_for_byte() -> None:
    for digit in DIGITS:
        for count in range(20):
            image = image_of(digit, count)
            (found,) = find_digits(image).digits
            np.testing.assert_array_equal(found.image, image)
            assert found.box == Box(0, 0, 28, 28)


def test_small_tiles_of_other_forms_are_brought_to_it(model: Model) -> None:
    tiles = {}
    for digit in DIGITS:
        ink = cv2.resize(image_of(digit), (20, 20), interpolation=cv2.INTER_AREA)
        tiles[digit] = 255 - np.pad(ink, ((1, 7), (7, 1)))
    for tile in tiles.values():
        (found,) = find_digits(tile).digits
        rows, columns = np.nonzero(found.image > 60)
        assert 18 <= max(np.ptp(rows), np.ptp(columns)) + 1 <= 21
    assert_reads(model, tiles, misread=1)


def test_images_have_the_form_of_mnist() -> None:
    for digit in DIGITS:
        (found,) = find_digits(to_picture(pen(digit))).digits
        rows, columns = np.nonzero(found.image > 30)
        assert found.image.shape == (28, 28) and found.image.dtype == np.uint8 and found.image.max() == 255
        assert max(np.ptp(rows), np.ptp(columns)) + 1 in (19, 20, 21)
        assert np.abs(np.array(center_of_mass(found.image.astype(float))) - 13.5).max() <= 0.6
        assert len(np.unique(found.image)) > 20
        assert 1.5 < stroke_width(cv2.resize(found.image, None, fx=4, fy=4) > 127) / 4 < 4.5


def test_boxes_are_in_pixels_of_the_picture() -> None:
    ink = handwritten(6, 300)
    (found,) = find_digits(to_picture(write(sheet(1600, 2400), ink, 1500, 900))).digits
    expected = np.array([1500, 900, ink.shape[1], 300])
    assert np.abs(np.array(astuple(found.box)) - expected).max() <= 6


@pytest.mark.parametrize("level", [0, 30, 255])
def test_dark_and_light_ink_on_nothing(model: Model, level: int) -> None:
    pictures = {}
    for digit in DIGITS:
        ink = np.pad(handwritten(digit, 220), 60)
        pictures[digit] = np.dstack([np.full((*ink.shape, 3), level, np.uint8), to_picture(ink)])
    assert_reads(model, pictures)


def test_colours(model: Model) -> None:
    for colour in [(200, 40, 20), (20, 160, 20), (30, 30, 220)]:
        ink = handwritten(3, 220)[..., None]
        paper = np.full((*ink.shape[:2], 3), 235.0) * (1 - ink) + np.array(colour) * ink
        picture = np.pad(np.rint(paper).astype(np.uint8), ((60, 60), (60, 60), (0, 0)), constant_values=235)
        assert number(model, picture) == "3"


def test_sixteen_bits_are_read_as_eight() -> None:
    picture = to_picture(pen(4))
    (eight,), (sixteen,) = find_digits(picture).digits, find_digits(picture.astype(np.uint16) * 257).digits
    assert np.abs(eight.image.astype(int) - sixteen.image).max() <= 2 and eight.box == sixteen.box


@pytest.mark.parametrize(
    "picture",
    [
        np.full((300, 400), 255, np.uint8),
        np.zeros((28, 28), np.uint8),
        to_picture(sheet(600, 500)),
        to_picture(sheet(600, 500) * gradient(600, 500)),
        np.zeros((1, 1), np.uint8),
        np.zeros((50, 50, 4), np.uint8),
        np.full((2, 900, 3), 7, np.uint8),
    ],
)
def test_without_ink_there_is_a_warning_and_no_digit(picture: Array) -> None:
    found = find_digits(picture)
    assert found.digits == () and len(found.warnings) == 1 and "No ink was found" in found.warnings[0]


def test_a_patch_a_dash_and_a_corner_do_not_look_like_digits() -> None:
    patch, dash = sheet(300, 300), sheet(300, 300)
    patch[100:180, 100:170] = 0.2
    cv2.line(dash, (50, 150), (250, 155), 0.1, 10)
    corner = sheet(300, 300)
    cv2.fillPoly(corner, [np.array([(0, 0), (90, 0), (0, 70)])], 0.2)
    for paper, reason in [(patch, "a patch"), (dash, "as wide as high"), (corner, "along the frame")]:
        found = find_digits(to_picture(paper))
        assert len(found.digits) == 1 and reason in found.warnings[0]
    assert not find_digits(to_picture(pen(5))).warnings


def test_nothing_crashes() -> None:
    generator = np.random.default_rng(0)
    for shape in [(3, 3), (3, 500), (500, 3), (3, 5000), (5000, 3), (28, 28), (5, 7, 3), (40, 30, 4), (64, 64, 1)]:
        for kind in (np.uint8, np.uint16):
            find_digits(generator.integers(0, np.iinfo(kind).max, shape, kind))
            find_digits((generator.random(shape) > 0.7).astype(kind))
            find_digits(np.full(shape, np.iinfo(kind).max, kind))
