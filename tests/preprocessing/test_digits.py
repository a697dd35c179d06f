"""Digits are found on any paper, in any light, and come out in MNIST's form."""

from collections.abc import Callable
from dataclasses import astuple

import cv2
import numpy as np
import pytest

from cnn import Model
from preprocessing.digits import find_digits
from preprocessing.prediction import read_numbers
from system.arrays import Array
from tests.preprocessing.drawings import (
    draw,
    gradient,
    handwritten,
    lined,
    pen,
    shadow,
    sheet,
    to_picture,
    vignette,
    write,
)

DIGITS = range(10)


def number(model: Model, picture: Array) -> str:
    """The number that a picture shows, as the model reads it."""
    return read_numbers(model, picture)


def assert_reads(model: Model, pictures: dict[int, Array], misread: int = 0) -> None:
    """Each picture shows one digit; as many may be misread as the model, rather than what is tested, misreads."""
    read = {digit: number(model, picture) for digit, picture in pictures.items()}
    assert all(len(text) == 1 for text in read.values()), read
    assert sum(text != str(digit) for digit, text in read.items()) <= misread, read


def test_pen_on_paper(model: Model) -> None:
    assert_reads(model, {digit: to_picture(pen(digit)) for digit in DIGITS})


def test_light_on_dark(model: Model) -> None:
    assert_reads(model, {digit: 255 - to_picture(pen(digit)) for digit in DIGITS})


def test_hair_thin_strokes_are_widened_to_two_pixels(model: Model) -> None:
    pictures = {digit: to_picture(write(np.ones((700, 600)), draw(digit, 500, 1), 100, 100, 0)) for digit in DIGITS}
    for picture in pictures.values():
        (digit,) = find_digits(picture).digits
        assert 1.4 < digit.image.sum() / 255 / 20 and digit.image.max() > 200
    assert_reads(model, pictures, misread=1)


def test_thick_strokes(model: Model) -> None:
    assert_reads(model, {d: to_picture(write(sheet(300, 300), draw(d, 240, 48), 40, 30)) for d in DIGITS}, misread=1)


@pytest.mark.parametrize("light", [gradient, shadow, vignette])
def test_uneven_light(model: Model, light: Callable[[int, int], Array]) -> None:
    assert_reads(model, {d: to_picture(pen(d) * light(400, 360)) for d in DIGITS})


def test_faint_pencil(model: Model) -> None:
    faint = {
        d: to_picture(write(sheet(500, 400), handwritten(d, 250), 90, 80, 0.85) * gradient(500, 400)) for d in DIGITS
    }
    assert_reads(model, faint)


@pytest.mark.parametrize("squared", [False, True])
@pytest.mark.parametrize("darkness", [0.25, 0.7])
def test_ruled_and_squared_paper(model: Model, squared: bool, darkness: float) -> None:
    pictures = {
        digit: to_picture(
            cv2.GaussianBlur(write(lined(90, darkness, squared), draw(digit, 260, 16), 130, 110), (0, 0), 1)
        )
        for digit in DIGITS
    }
    assert_reads(model, pictures, misread=1)


def test_noise_and_compression(model: Model) -> None:
    generator = np.random.default_rng(0)
    for quality in (30, 60):
        pictures = {}
        for digit in DIGITS:
            noisy = to_picture(pen(digit) + generator.normal(0, 0.05, (400, 360)))
            encoded = cv2.imencode(".jpg", noisy, [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
            pictures[digit] = np.asarray(cv2.imdecode(encoded, cv2.IMREAD_GRAYSCALE))
        assert_reads(model, pictures)


@pytest.mark.parametrize("brightness", [0.1, 0.4])
def test_a_table_around_the_paper(model: Model, brightness: float) -> None:
    pictures = {}
    for digit in DIGITS:
        table = np.full((500, 480), brightness)
        table[40:470, 60:450] = write(sheet(430, 390), handwritten(digit, 200), 90, 100)
        pictures[digit] = to_picture(table)
    assert_reads(model, pictures, misread=1)


def test_a_table_along_one_side(model: Model) -> None:
    pictures = {}
    for digit in DIGITS:
        table = pen(digit)
        table[:, :40] = 0.15
        pictures[digit] = to_picture(table)
    assert_reads(model, pictures)


def test_a_printed_box_around_the_digit(model: Model) -> None:
    pictures = {}
    for digit in DIGITS:
        boxed = write(sheet(400, 440), handwritten(digit, 200), 110, 90)
        cv2.rectangle(boxed, (20, 20), (420, 380), 0.2, 4)
        pictures[digit] = to_picture(boxed)
    assert_reads(model, pictures)


def test_a_digit_that_fills_the_frame(model: Model) -> None:
    pictures = {}
    for digit in DIGITS:
        ink = handwritten(digit, 300)
        pictures[digit] = to_picture(write(sheet(*ink.shape), ink, 0, 0))
    assert_reads(model, pictures, misread=1)


@pytest.mark.parametrize(("left", "top"), [(0, 50), (100, 0), (None, 50), (100, None)])
def test_a_digit_that_touches_the_frame(model: Model, left: int | None, top: int | None) -> None:
    pictures = {}
    for digit in DIGITS:
        ink = handwritten(digit, 220)
        x, y = 400 - ink.shape[1] if left is None else left, 400 - ink.shape[0] if top is None else top
        pictures[digit] = to_picture(write(sheet(400, 400), ink, x, y))
    assert_reads(model, pictures)


def test_forty_pixels_in_a_photo_of_two_thousand(model: Model) -> None:
    light = gradient(1500, 2000)
    for digit in (2, 4, 7, 8):
        found = find_digits(to_picture(write(sheet(1500, 2000), handwritten(digit, 40), 1300, 700) * light))
        (one,) = found.digits
        box = one.box
        assert abs(box.left - 1300) < 4 and abs(box.top - 700) < 4 and abs(box.height - 40) < 5 and box.width < 60
        assert model.probabilities(one.image[None]).argmax() == digit


def test_a_detached_bar_stays_with_its_five(model: Model) -> None:
    ink = handwritten(5, 280)
    ink[60:72] = 0
    assert_reads(model, {5: to_picture(write(sheet(450, 420), ink, 80, 80))})


def test_torn_strokes_stay_together(model: Model) -> None:
    pictures = {}
    for digit in DIGITS:
        ink = handwritten(digit, 280)
        ink[90:98] = ink[200:208] = 0
        pictures[digit] = to_picture(write(sheet(450, 420), ink, 80, 80))
    assert_reads(model, pictures, misread=1)


def test_an_open_four_is_one_digit(model: Model) -> None:
    paper = np.full((300, 260), 0.9)
    for start, end in [((90, 60), (60, 160)), ((60, 160), (150, 165)), ((165, 110), (155, 250))]:
        cv2.line(paper, start, end, 0.1, 12, cv2.LINE_AA)
    assert_reads(model, {4: to_picture(paper)})


def test_specks_do_not_become_part_of_a_digit() -> None:
    clean = pen(3)
    specked = clean.copy()
    for x, y in [(40, 40), (300, 60), (85, 200), (320, 350), (30, 370)]:
        cv2.circle(specked, (x, y), 4, 0.2, -1)
    (expected,), (found,) = find_digits(to_picture(clean)).digits, find_digits(to_picture(specked)).digits
    assert np.abs(np.subtract(astuple(expected.box), astuple(found.box))).max() <= 1
    assert np.abs(expected.image.astype(int) - found.image).mean() < 3


def test_several_digits_are_read_from_left_to_right(model: Model) -> None:
    paper = sheet(300, 1100)
    for place, digit in enumerate([7, 1, 8, 4, 0, 2]):
        paper = write(paper, handwritten(digit, 130 + 10 * (place % 2)), 60 + 170 * place, 70 + 6 * place)
    assert number(model, to_picture(paper)) == "718402"


def test_lines_are_read_from_top_to_bottom(model: Model) -> None:
    paper = sheet(600, 700)
    for row, line in enumerate([[3, 1, 4], [2, 7, 0]]):
        for column, digit in enumerate(line):
            paper = write(paper, handwritten(digit, 140), 80 + 200 * column, 60 + 280 * row + 15 * column)
    assert number(model, to_picture(paper)) == "314270"
