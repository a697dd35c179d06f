"""Which way up a page is read, and what is left out of it as chance."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from cnn import Model
from preprocessing.box import Box
from preprocessing.reading import FoundDigit, Page
from preprocessing.view_reading import without_chance
from system.arrays import Array
from tests.preprocessing.drawings import handwritten, rows, sheet, table, to_picture, write
from tests.preprocessing.pages import number, read, texts


@pytest.mark.parametrize(("turns", "rotated"), [(1, 90), (2, 180), (3, 270), (0, 0)])
def test_a_page_is_turned_where_it_reads_better_so(model: Model, turns: int, rotated: int) -> None:
    picture = to_picture(rows("34275", "42537", "75324"))
    page = read(model, np.ascontiguousarray(np.rot90(picture, turns)))
    assert texts(model, page) == [["34275"], ["42537"], ["75324"]] and page.rotated == rotated


def test_a_bar_on_its_side_is_no_turned_1(model: Model) -> None:
    paper = np.full((300, 400), 230, np.uint8)
    paper[130:170, 120:280] = 20
    page = read(model, paper)
    assert not page.rotated and (not page.digits or page.warnings)


def test_a_single_digit_is_turned_beside_an_object_that_reaches_in(model: Model) -> None:
    paper = write(sheet(700, 900), np.ascontiguousarray(np.rot90(handwritten(7, 400))), 300, 250)
    cv2.ellipse(paper, (0, 400), (130, 180), 0, 0, 360, 0.3, -1)
    page = read(model, to_picture(paper))
    assert texts(model, page) == [["7"]] and page.rotated == 90 and not page.left_out


@pytest.mark.parametrize("turns", [1, 3])
def test_a_table_is_turned_where_it_reads_better_so(model: Model, turns: int) -> None:
    page = read(model, np.ascontiguousarray(np.rot90(table(), turns)))
    assert texts(model, page) == [["5", "3"], ["7"], ["2", "8"]] and page.rotated == 90 * turns


@pytest.mark.parametrize(("digit", "number"), [(3, 4), (8, 10), (2, 5), (5, 1)])
def test_one_digit_on_its_side_is_not_two_that_touch(model: Model, digit: int, number: int) -> None:
    ink = np.asarray(cv2.resize(handwritten(digit, 260, number), (170, 260)), np.float32)
    page = read(model, to_picture(write(sheet(500, 600), np.ascontiguousarray(np.rot90(ink)), 120, 120)))
    assert texts(model, page) == [[str(digit)]] and page.rotated == 90


def rings(seed: int) -> Array:
    """Arcs of ellipses, (500, 400), that are no digits."""
    generator = np.random.default_rng(seed)
    paper = sheet(500, 400)
    for _ in range(generator.integers(2, 4)):
        middle, radii = generator.integers(100, 300, 2).tolist(), generator.integers(20, 110, 2).tolist()
        angle, end = int(generator.integers(0, 180)), int(generator.integers(120, 360))
        cv2.ellipse(paper, middle, radii, angle, 0, end, 0.25, int(generator.integers(8, 24)))
    return to_picture(paper)


@pytest.mark.parametrize("seed", [3, 12, 23])
def test_objects_are_not_turned_into_two_digits(model: Model, seed: int) -> None:
    page = read(model, rings(seed))
    assert not page.rotated and (not page.digits or page.warnings)


@pytest.mark.parametrize(("pair", "looks"), [(None, -2.0), (-0.01, -0.51), (-6.0, -6.5)])
def test_where_a_pair_was_seen_it_counts_in_place_of_the_cut_between(pair: float | None, looks: float) -> None:
    one, other = (each for each in number(-1.0, 0, 0, 2) if isinstance(each, FoundDigit))
    page = Page((((one, replace(other, cost=1.5, pair=pair)),),))
    assert page.total == -2 and page.looks == pytest.approx(looks)


@pytest.mark.parametrize("quarters", [1, 3])
def test_one_that_lies_on_its_side_is_no_pair(model: Model, quarters: int) -> None:
    for place in (2, 4, 6):  # whose loops look like two 0s
        page = read(model, np.rot90(to_picture(write(sheet(400, 400), handwritten(8, 160, place), 130, 120)), quarters))
        assert texts(model, page) == [["8"]] and page.rotated


BESIDE_AN_OBJECT = Page(((number(-1.0, 40, 40, 1),), (number(-2.0, 0, 0, 1),)))


def test_what_reaches_in_from_the_frame_is_left_out_beside_a_digit() -> None:
    page = without_chance(BESIDE_AN_OBJECT, Box(0, 0, 100, 100))
    assert page.lines == BESIDE_AN_OBJECT.lines[:1] and page.left_out == (Box(0, 0, 20, 40),)


def test_what_is_in_doubt_inside_stays() -> None:
    assert without_chance(BESIDE_AN_OBJECT, Box(-5, -5, 105, 105)).lines == BESIDE_AN_OBJECT.lines
