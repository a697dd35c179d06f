"""Digits are found on any paper, in any light, and come out in MNIST's form."""

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from cnn import Array
from cnn.network import Network
from cnn.weights import load
from preprocessing.digit import find_digits
from preprocessing.form import centre_of_mass, stroke_width
from tests.preprocessing.drawings import draw, handwritten, image_of, sheet, to_picture, write

MODEL = Path(__file__).parents[2] / "weight_output" / "weight_detailsC(16,3)-P2-C(32,3)-P2-C(64,3)-P2-FC512-FC10.npz"
DIGITS = range(10)


@pytest.fixture(scope="module")
def network() -> Network:
    return load(MODEL).network()


def number(network: Network, picture: Array) -> str:
    """The number that a picture shows, as the network reads it."""
    found = find_digits(picture)
    if not found.digits:
        return ""
    return "".join(map(str, network.probabilities(np.stack([digit.image for digit in found.digits])).argmax(axis=1)))


def assert_reads(network: Network, pictures: dict[int, Array], misread: int = 0) -> None:
    """Each picture shows one digit; as many may be misread as the network, rather than what is tested, misreads."""
    read = {digit: number(network, picture) for digit, picture in pictures.items()}
    assert all(len(text) == 1 for text in read.values()), read
    assert sum(text != str(digit) for digit, text in read.items()) <= misread, read


def pen(digit: int) -> Array:
    return write(sheet(400, 360), handwritten(digit, 220), 90, 80)


def gradient(height: int, width: int) -> Array:
    rows, columns = np.indices((height, width))
    return 1 - 0.5 * rows / height - 0.2 * columns / width


def shadow(height: int, width: int) -> Array:
    rows, columns = np.indices((height, width))
    return 1 - 0.5 / (1 + np.exp(-(columns - 0.6 * width + 0.3 * rows) / (0.02 * width)))


def vignette(height: int, width: int) -> Array:
    rows, columns = np.indices((height, width))
    return 1 - 1.4 * ((rows / height - 0.5) ** 2 + (columns / width - 0.5) ** 2)


def lined(gap: int, darkness: float, squared: bool) -> Array:
    paper = sheet(500, 500)
    for place in range(20, 560, gap):
        cv2.line(paper, (0, place), (500, place - 15), 0.85 * (1 - darkness), 2)
        if squared:
            cv2.line(paper, (place, 0), (place + 15, 500), 0.85 * (1 - darkness), 2)
    return paper


def test_pen_on_paper(network: Network) -> None:
    assert_reads(network, {digit: to_picture(pen(digit)) for digit in DIGITS})


def test_light_on_dark(network: Network) -> None:
    assert_reads(network, {digit: 255 - to_picture(pen(digit)) for digit in DIGITS})


def test_hair_thin_strokes_are_widened_to_two_pixels(network: Network) -> None:
    pictures = {digit: to_picture(write(np.ones((700, 600)), draw(digit, 500, 1), 100, 100, 0)) for digit in DIGITS}
    for picture in pictures.values():
        (digit,) = find_digits(picture).digits
        assert 1.4 < digit.image.sum() / 255 / 20 and digit.image.max() > 200
    assert_reads(network, pictures, misread=1)


def test_thick_strokes(network: Network) -> None:
    assert_reads(network, {d: to_picture(write(sheet(300, 300), draw(d, 240, 48), 40, 30)) for d in DIGITS}, misread=1)


@pytest.mark.parametrize("light", [gradient, shadow, vignette])
def test_uneven_light(network: Network, light: Callable[[int, int], Array]) -> None:
    assert_reads(network, {d: to_picture(pen(d) * light(400, 360)) for d in DIGITS})


def test_faint_pencil(network: Network) -> None:
    faint = {
        d: to_picture(write(sheet(500, 400), handwritten(d, 250), 90, 80, 0.85) * gradient(500, 400)) for d in DIGITS
    }
    assert_reads(network, faint)


@pytest.mark.parametrize("squared", [False, True])
@pytest.mark.parametrize("darkness", [0.25, 0.7])
def test_ruled_and_squared_paper(network: Network, squared: bool, darkness: float) -> None:
    pictures = {
        digit: to_picture(
            cv2.GaussianBlur(write(lined(90, darkness, squared), draw(digit, 260, 16), 130, 110), (0, 0), 1)
        )
        for digit in DIGITS
    }
    assert_reads(network, pictures, misread=1)


def test_noise_and_compression(network: Network) -> None:
    generator = np.random.default_rng(0)
    for quality in (30, 60):
        pictures = {}
        for digit in DIGITS:
            noisy = to_picture(pen(digit) + generator.normal(0, 0.05, (400, 360)))
            encoded = cv2.imencode(".jpg", noisy, [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
            pictures[digit] = np.asarray(cv2.imdecode(encoded, cv2.IMREAD_GRAYSCALE))
        assert_reads(network, pictures)


@pytest.mark.parametrize("brightness", [0.1, 0.4])
def test_a_table_around_the_paper(network: Network, brightness: float) -> None:
    pictures = {}
    for digit in DIGITS:
        table = np.full((500, 480), brightness)
        table[40:470, 60:450] = write(sheet(430, 390), handwritten(digit, 200), 90, 100)
        pictures[digit] = to_picture(table)
    assert_reads(network, pictures, misread=1)


def test_a_table_along_one_side(network: Network) -> None:
    pictures = {}
    for digit in DIGITS:
        table = pen(digit)
        table[:, :40] = 0.15
        pictures[digit] = to_picture(table)
    assert_reads(network, pictures)


def test_a_printed_box_around_the_digit(network: Network) -> None:
    pictures = {}
    for digit in DIGITS:
        boxed = write(sheet(400, 440), handwritten(digit, 200), 110, 90)
        cv2.rectangle(boxed, (20, 20), (420, 380), 0.2, 4)
        pictures[digit] = to_picture(boxed)
    assert_reads(network, pictures)


def test_a_digit_that_fills_the_frame(network: Network) -> None:
    pictures = {}
    for digit in DIGITS:
        ink = handwritten(digit, 300)
        pictures[digit] = to_picture(write(sheet(*ink.shape), ink, 0, 0))
    assert_reads(network, pictures, misread=1)


@pytest.mark.parametrize(("left", "top"), [(0, 50), (100, 0), (None, 50), (100, None)])
def test_a_digit_that_touches_the_frame(network: Network, left: int | None, top: int | None) -> None:
    pictures = {}
    for digit in DIGITS:
        ink = handwritten(digit, 220)
        x, y = 400 - ink.shape[1] if left is None else left, 400 - ink.shape[0] if top is None else top
        pictures[digit] = to_picture(write(sheet(400, 400), ink, x, y))
    assert_reads(network, pictures)


def test_forty_pixels_in_a_photo_of_two_thousand(network: Network) -> None:
    light = gradient(1500, 2000)
    for digit in (2, 4, 7, 8):
        found = find_digits(to_picture(write(sheet(1500, 2000), handwritten(digit, 40), 1300, 700) * light))
        (one,) = found.digits
        x, y, width, height = one.box
        assert abs(x - 1300) < 4 and abs(y - 700) < 4 and abs(height - 40) < 5 and width < 60
        assert network.probabilities(one.image[None]).argmax() == digit


def test_a_detached_bar_stays_with_its_five(network: Network) -> None:
    ink = handwritten(5, 280)
    ink[60:72] = 0
    assert_reads(network, {5: to_picture(write(sheet(450, 420), ink, 80, 80))})


def test_torn_strokes_stay_together(network: Network) -> None:
    pictures = {}
    for digit in DIGITS:
        ink = handwritten(digit, 280)
        ink[90:98] = ink[200:208] = 0
        pictures[digit] = to_picture(write(sheet(450, 420), ink, 80, 80))
    assert_reads(network, pictures, misread=1)


def test_an_open_four_is_one_digit(network: Network) -> None:
    paper = np.full((300, 260), 0.9)
    for start, end in [((90, 60), (60, 160)), ((60, 160), (150, 165)), ((165, 110), (155, 250))]:
        cv2.line(paper, start, end, 0.1, 12, cv2.LINE_AA)
    assert_reads(network, {4: to_picture(paper)})


def test_specks_do_not_become_part_of_a_digit() -> None:
    clean = pen(3)
    specked = clean.copy()
    for x, y in [(40, 40), (300, 60), (85, 200), (320, 350), (30, 370)]:
        cv2.circle(specked, (x, y), 4, 0.2, -1)
    (expected,), (found,) = find_digits(to_picture(clean)).digits, find_digits(to_picture(specked)).digits
    assert np.abs(np.subtract(expected.box, found.box)).max() <= 1
    assert np.abs(expected.image.astype(int) - found.image).mean() < 3


def test_several_digits_are_read_from_left_to_right(network: Network) -> None:
    paper = sheet(300, 1100)
    for place, digit in enumerate([7, 1, 8, 4, 0, 2]):
        paper = write(paper, handwritten(digit, 130 + 10 * (place % 2)), 60 + 170 * place, 70 + 6 * place)
    assert number(network, to_picture(paper)) == "718402"


def test_lines_are_read_from_top_to_bottom(network: Network) -> None:
    paper = sheet(600, 700)
    for row, line in enumerate([[3, 1, 4], [2, 7, 0]]):
        for column, digit in enumerate(line):
            paper = write(paper, handwritten(digit, 140), 80 + 200 * column, 60 + 280 * row + 15 * column)
    assert number(network, to_picture(paper)) == "314270"


def test_what_is_in_mnist_form_stays_byte_for_byte() -> None:
    for digit in DIGITS:
        for count in range(20):
            image = image_of(digit, count)
            (found,) = find_digits(image).digits
            np.testing.assert_array_equal(found.image, image)
            assert found.box == (0, 0, 28, 28)


def test_small_tiles_of_other_forms_are_brought_to_it(network: Network) -> None:
    tiles = {}
    for digit in DIGITS:
        ink = cv2.resize(image_of(digit), (20, 20), interpolation=cv2.INTER_AREA)
        tiles[digit] = 255 - np.pad(ink, ((1, 7), (7, 1)))
    for tile in tiles.values():
        (found,) = find_digits(tile).digits
        rows, columns = np.nonzero(found.image > 60)
        assert 18 <= max(np.ptp(rows), np.ptp(columns)) + 1 <= 21
    assert_reads(network, tiles, misread=1)


def test_images_have_the_form_of_mnist() -> None:
    for digit in DIGITS:
        (found,) = find_digits(to_picture(pen(digit))).digits
        rows, columns = np.nonzero(found.image > 30)
        assert found.image.shape == (28, 28) and found.image.dtype == np.uint8 and found.image.max() == 255
        assert max(np.ptp(rows), np.ptp(columns)) + 1 in (19, 20, 21)
        assert np.abs(np.array(centre_of_mass(found.image.astype(float))) - 13.5).max() <= 0.6
        assert len(np.unique(found.image)) > 20
        assert 1.5 < stroke_width(cv2.resize(found.image, None, fx=4, fy=4) > 127) / 4 < 4.5


def test_boxes_are_in_pixels_of_the_picture() -> None:
    ink = handwritten(6, 300)
    (found,) = find_digits(to_picture(write(sheet(1600, 2400), ink, 1500, 900))).digits
    expected = np.array([1500, 900, ink.shape[1], 300])
    assert np.abs(np.array(found.box) - expected).max() <= 6


@pytest.mark.parametrize("level", [0, 30, 255])
def test_dark_and_light_ink_on_nothing(network: Network, level: int) -> None:
    pictures = {}
    for digit in DIGITS:
        ink = np.pad(handwritten(digit, 220), 60)
        pictures[digit] = np.dstack([np.full((*ink.shape, 3), level, np.uint8), to_picture(ink)])
    assert_reads(network, pictures)


def test_colours(network: Network) -> None:
    for colour in [(200, 40, 20), (20, 160, 20), (30, 30, 220)]:
        ink = handwritten(3, 220)[..., None]
        paper = np.full((*ink.shape[:2], 3), 235.0) * (1 - ink) + np.array(colour) * ink
        picture = np.pad(np.rint(paper).astype(np.uint8), ((60, 60), (60, 60), (0, 0)), constant_values=235)
        assert number(network, picture) == "3"


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
