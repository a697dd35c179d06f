"""Numbers as people write them: rows, points, touching digits, cards, tables, sheets askew; and what is no digit."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from cnn import Model
from preprocessing import page_reading
from preprocessing.box import Box
from preprocessing.colours import PLAIN
from preprocessing.judge import Judge
from preprocessing.page_reading import read_closely
from preprocessing.reading import Page
from preprocessing.steps import STEPS
from tests.preprocessing.drawings import handwritten, rows, sheet, to_picture, write
from tests.preprocessing.page_pictures import (
    askew,
    cards,
    colourful,
    in_shadow,
    like_a_table,
    on_a_line,
    squared,
    touching,
)
from tests.preprocessing.pages import number, read, texts


def test_close_rows_stay_apart(model: Model) -> None:
    page = read(model, to_picture(rows("314", "270", "685", gap=14)))
    assert texts(model, page) == [["314"], ["270"], ["685"]]
    assert len(page.digits) == 9 and not page.left_out and not page.warnings


@pytest.mark.parametrize(("upper", "lower", "gap"), [(2, 0, 3), (9, 6, 16), (0, 0, 16)])
def test_two_digits_above_one_another_are_no_8(model: Model, upper: int, lower: int, gap: int) -> None:
    paper = sheet(460, 300)
    for digit, top in ((upper, 60), (lower, 184 + gap)):
        paper = write(paper, np.asarray(cv2.dilate(handwritten(digit, 120), np.ones((9, 9))), np.float32), 80, top)
    assert texts(model, read(model, to_picture(paper))) == [[str(upper)], [str(lower)]]


def test_digits_whose_strokes_are_the_lines_of_a_table_are_read_as_a_row(model: Model) -> None:
    assert texts(model, read(model, like_a_table())) == [["652"]]


def test_rows_may_rise(model: Model) -> None:
    assert texts(model, read(model, to_picture(rows("31427", "68530", rise=0.12)))) == [["31427"], ["68530"]]


def test_a_wide_gap_parts_numbers(model: Model) -> None:
    paper = sheet(300, 1000)
    for left, digit in zip((60, 140, 220, 700, 780), (3, 1, 4, 2, 7), strict=True):
        paper = write(paper, handwritten(digit, 100), left, 90)
    assert texts(model, read(model, to_picture(paper))) == [["314", "27"]]


def test_a_small_digit_beside_a_tall_one_is_read(model: Model) -> None:
    paper = write(write(sheet(300, 400), handwritten(3, 140), 60, 80), handwritten(7, 65), 190, 150)
    assert texts(model, read(model, to_picture(paper))) == [["37"]]


@pytest.mark.parametrize(
    ("mark", "text"), [("point", "6.5"), ("comma", "6,5"), ("low comma", "6,5"), ("minus", "-65"), ("none", "65")]
)
def test_signs_are_told_by_size_and_place(model: Model, mark: str, text: str) -> None:
    paper = write(write(sheet(300, 460), handwritten(6, 120), 130, 80), handwritten(5, 120), 260, 80)
    if mark == "point":
        cv2.circle(paper, (232, 192), 8, 0.25, -1)
    if mark == "comma":
        cv2.line(paper, (236, 184), (224, 230), 0.25, 9)
    if mark == "low comma":
        cv2.line(paper, (238, 206), (224, 258), 0.25, 9)
    if mark == "minus":
        cv2.line(paper, (50, 140), (100, 140), 0.25, 9)
    assert texts(model, read(model, to_picture(paper))) == [[text]]


def test_digits_that_touch_are_cut_where_the_network_reads_them_best(model: Model) -> None:
    assert texts(model, read(model, touching())) == [["203"]]


def test_light_digits_on_dark_cards_are_read(model: Model) -> None:
    assert texts(model, read(model, cards())) == [["947"]]


def test_squared_paper_is_no_table_and_its_lines_no_digits(model: Model) -> None:
    page = read(model, squared())
    assert texts(model, page) == [["314270"], ["685314"], ["270685"]] and not page.left_out


def test_a_number_on_a_ledger_line(model: Model) -> None:
    assert texts(model, read(model, on_a_line())) == [["3684"]]


def test_yellow_is_read_beside_dark_ink(model: Model) -> None:
    assert texts(model, read(model, colourful())) == [["362"]]


@pytest.mark.parametrize(("in_colour", "is_better"), [(-0.2, True), (-1.2, False)])
def test_what_reads_badly_is_read_by_its_colours_where_they_show_more_digits(
    model: Model, monkeypatch: pytest.MonkeyPatch, in_colour: float, is_better: bool
) -> None:
    grey, coloured = np.zeros((60, 60, 3), np.uint8), np.ones((60, 60), np.uint8)
    grey_page = Page(((number(-1.2, 0, 0, 3),),))
    coloured_page = Page(((number(in_colour, 0, 0, 3),),), left_out=(Box(0, 0, 9, 9),))
    monkeypatch.setattr(
        page_reading, "read_flat", lambda flat, judge, steps: coloured_page if flat is coloured else grey_page
    )
    steps = replace(STEPS, show_colours=lambda flat, least: coloured if least == PLAIN else flat)
    assert read_closely(grey, Judge(model), steps) is (coloured_page if is_better else grey_page)


def test_what_reads_badly_by_its_colours_is_read_by_its_grey(model: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    grey, coloured = np.zeros((60, 60, 3), np.uint8), np.ones((60, 60), np.uint8)
    pages = {id(grey): Page(((number(-0.2, 0, 0, 3),),)), id(coloured): Page(((number(-1.2, 0, 0, 3),),))}
    monkeypatch.setattr(page_reading, "read_flat", lambda flat, judge, steps: pages[id(flat)])
    steps = replace(STEPS, show_colours=lambda flat, least: coloured)
    assert read_closely(grey, Judge(model), steps) is pages[id(grey)]


def test_faint_red_is_read_beside_the_white_date_of_a_camera(model: Model) -> None:
    paper = np.stack([sheet(600, 800, 0.5)] * 3, axis=-1)
    for place, digit in enumerate((3, 6, 2, 7)):
        for channel, ink in enumerate((0.57, 0.54, 1.5)):
            paper[..., channel] = write(paper[..., channel], handwritten(digit, 60), 150 + 130 * place, 220, ink)
    for place, digit in enumerate((2, 0, 1, 8, 5, 2, 3)):
        date = handwritten(digit, 22)
        part = paper[560:582, 560 + 26 * place :][:, : date.shape[1]]
        part += (1 - part) * date[..., None]
    assert texts(model, read(model, to_picture(paper))) == [["3627"]]


def test_digits_are_read_through_a_shadow(model: Model) -> None:
    assert texts(model, read(model, in_shadow())) == [["314270"], ["685314"], ["270685"]]


def test_small_digits_are_read_beside_a_large_shadow(model: Model) -> None:
    paper = np.asarray(cv2.resize(rows("3142", "6853"), None, fx=0.3, fy=0.3))
    paper = np.pad(paper, ((0, 3 * len(paper)), (0, len(paper))), mode="edge")
    height, width = paper.shape
    shadow = np.ones_like(paper)
    cv2.fillPoly(shadow, [np.array([(width // 2, height // 3), (width - 20, height), (width // 4, height)])], 0.5)
    page = read(model, to_picture(paper * cv2.GaussianBlur(shadow, (0, 0), 3)))
    assert texts(model, page) == [["3142"], ["6853"]] and not page.warnings


def test_a_sheet_askew_on_a_table_is_straightened(model: Model) -> None:
    picture, matrix = askew()
    page = read(model, picture)
    assert texts(model, page) == [["3427"], ["4537"]]
    x, y = (matrix @ [100, 150, 1])[:2] / (matrix @ [100, 150, 1])[2]
    box = page.digits[0].digit.box
    assert abs(box.left - x) < 60 and abs(box.top + box.height / 2 - y) < 60


def test_what_is_no_digit_is_said(model: Model) -> None:
    generator = np.random.default_rng(1)
    scribble = sheet(400, 400)
    points = generator.integers(60, 340, (12, 2)).astype(np.int32)
    cv2.polylines(scribble, [points], False, 0.2, 9)
    leaf = sheet(400, 400)
    cv2.ellipse(leaf, (200, 200), (120, 70), 30, 0, 360, 0.3, -1)
    cv2.line(leaf, (60, 100), (340, 300), 0.3, 9)
    for paper in (scribble, leaf):
        page = read(model, to_picture(paper))
        assert not page.digits or any("does not look like a digit" in each for each in page.warnings)


def test_nothing_is_left_out_in_silence(model: Model) -> None:
    paper = rows("314")
    cv2.fillPoly(paper, [np.array([(520, 120), (580, 120), (570, 200), (515, 180)])], 0.2)
    page = read(model, to_picture(paper))
    assert texts(model, page)[0][0].startswith("314")
    assert page.left_out or page.warnings


def test_a_slash_parts_digits_and_is_no_1(model: Model) -> None:
    paper = sheet(300, 800)
    for left, digit in zip((60, 160, 420, 520), (3, 7, 2, 5), strict=True):
        paper = write(paper, handwritten(digit, 100), left, 100)
    cv2.line(paper, (290, 215), (358, 80), 0.25, 12)
    assert texts(model, read(model, to_picture(paper))) == [["37/25"]]


def test_the_date_of_a_camera_is_left_out(model: Model) -> None:
    paper = write(write(sheet(900, 1200), handwritten(3, 150), 300, 300), handwritten(7, 150), 480, 300)
    for place, digit in enumerate((2, 0, 1, 8, 5, 2, 3)):
        paper = write(paper, handwritten(digit, 60), 680 + 70 * place, 820)
    page = read(model, to_picture(paper))
    assert texts(model, page) == [["37"]]
    assert len(page.left_out) == 7
