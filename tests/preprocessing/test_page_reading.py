"""Numbers as people write them: rows, points, touching digits, cards, tables, sheets askew; and what is no digit."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import cv2
import numpy as np
import pytest

from cnn import Model
from preprocessing import page_reading
from preprocessing.box import Box
from preprocessing.colours import PLAIN
from preprocessing.foreground import remove_light
from preprocessing.judge import Judge
from preprocessing.page_reading import read_closely, read_page
from preprocessing.reading import Page
from preprocessing.steps import STEPS
from system.arrays import Array
from tests.preprocessing.drawings import handwritten, rows, sheet, table, to_picture, write
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


@pytest.mark.parametrize(("mark", "text"), [("point", "6.5"), ("comma", "6,5"), ("minus", "-65"), ("none", "65")])
def test_signs_are_told_by_size_and_place(model: Model, mark: str, text: str) -> None:
    paper = write(write(sheet(300, 460), handwritten(6, 120), 130, 80), handwritten(5, 120), 260, 80)
    if mark == "point":
        cv2.circle(paper, (232, 192), 8, 0.25, -1)
    if mark == "comma":
        cv2.line(paper, (236, 184), (224, 230), 0.25, 9)
    if mark == "minus":
        cv2.line(paper, (50, 140), (100, 140), 0.25, 9)
    assert texts(model, read(model, to_picture(paper))) == [[text]]


def touching() -> Array:
    """Three digits that touch."""
    paper = sheet(300, 500)
    for left, digit in ((80, 2), (160, 0), (243, 3)):
        ink = np.asarray(cv2.resize(handwritten(digit, 110), (86, 110)), np.float32)
        paper = write(paper, ink, left, 90)
    return to_picture(paper)


def test_digits_that_touch_are_cut_where_the_network_reads_them_best(model: Model) -> None:
    assert texts(model, read(model, touching())) == [["203"]]


def cards() -> Array:
    """Light digits on dark cards."""
    paper = np.full((200, 620), 1.0)
    for place, digit in enumerate((9, 4, 7)):
        left = 30 + 200 * place
        paper[20:180, left : left + 160] = 0
        ink = handwritten(digit, 110)
        paper[45:155, left + 40 : left + 40 + ink.shape[1]] += ink
    return to_picture(paper)


def test_light_digits_on_dark_cards_are_read(model: Model) -> None:
    assert texts(model, read(model, cards())) == [["947"]]


def test_a_table_is_read_cell_by_cell_and_its_lines_are_no_digits(model: Model) -> None:
    assert texts(model, read(model, table())) == [["5", "3"], ["7"], ["2", "8"]]


def test_a_table_that_the_picture_cuts_off_ends_there(model: Model) -> None:
    assert texts(model, read(model, np.ascontiguousarray(table()[:, 75:]))) == [["5", "3"], ["7"], ["2", "8"]]


def squared() -> Array:
    """Numbers on squared paper, whose lines are torn, fainter than the ink, and dark where they cross."""
    paper = np.asarray(cv2.resize(rows("314270", "685314", "270685"), None, fx=0.4, fy=0.4))
    lines = np.ones_like(paper)
    for place in range(12, max(paper.shape), 56):
        cv2.line(lines, (place, 0), (place - 14, paper.shape[0]), 0.72, 2)
        cv2.line(lines, (0, place), (paper.shape[1], place + 10), 0.72, 2)
        for other in range(12, max(paper.shape), 56):
            cv2.circle(lines, (place - round(other / 14), other + round(place / 40)), 2, 0.5, -1)
    lines[:, 170:176] = 1
    return to_picture(np.minimum(paper, 0.85 * lines))


def test_squared_paper_is_no_table_and_its_lines_no_digits(model: Model) -> None:
    page = read(model, squared())
    assert texts(model, page) == [["314270"], ["685314"], ["270685"]] and not page.left_out


def on_a_line() -> Array:
    """A number on a ledger line."""
    paper = rows("3684")
    cv2.line(paper, (60, 180), (paper.shape[1] - 60, 214), 0.3, 5)
    return to_picture(paper)


def test_a_number_on_a_ledger_line(model: Model) -> None:
    assert texts(model, read(model, on_a_line())) == [["3684"]]


def colourful() -> Array:
    """Three digits (H, W, 3), blue first, in dark blue, yellow and dark green ink, of which yellow is hardly darker."""
    inks = ((0.6, 0.15, 0.1), (0.1, 0.82, 0.95), (0.15, 0.4, 0.1))
    channels = []
    for channel in range(3):
        paper = sheet(300, 560, 0.95)
        for place, (digit, ink) in enumerate(zip((3, 6, 2), inks, strict=True)):
            paper = write(paper, handwritten(digit, 110), 70 + 150 * place, 90, ink[channel])
        channels.append(to_picture(paper))
    return np.stack(channels, axis=-1)


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


def in_shadow() -> Array:
    """Rows of small digits, over which the shadow of a hand falls from the side, and a lamp's from below."""
    paper = np.asarray(cv2.resize(rows("314270", "685314", "270685"), None, fx=0.4, fy=0.4))
    height, width = paper.shape
    paper = np.pad(paper, ((0, height), (0, width)), mode="edge")
    shadow = np.ones_like(paper)
    cv2.fillPoly(shadow, [np.array([(0, 0), (110, 0), (60, 260), (180, 2 * height), (0, 2 * height)])], 0.45)
    return to_picture(paper * cv2.GaussianBlur(shadow, (0, 0), 6))


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


def askew() -> tuple[Array, Array]:
    """A sheet askew on a dark table, and the matrix (3, 3) from the sheet to the picture."""
    paper = to_picture(rows("3427", "4537"))
    height, width = paper.shape
    corners = np.array([[260, 120], [850, 300], [650, 860], [90, 640]], np.float32)
    source = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    matrix = cv2.getPerspectiveTransform(source, corners)
    return np.asarray(cv2.warpPerspective(paper, matrix, (1000, 1000), borderValue=(50, 50, 50))), matrix


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


def with_a_point() -> Array:
    """Two digits with a point between."""
    paper = write(write(sheet(300, 460), handwritten(6, 120), 130, 80), handwritten(5, 120), 260, 80)
    return to_picture(cv2.circle(paper, (232, 192), 8, 0.25, -1))


# What takes the place of each step that only pages have, and a picture on which that shows.
WITHOUT: dict[str, tuple[Any, Callable[[], Array]]] = {
    "open_cards": (lambda flat: flat, cards),
    "straighten": (lambda flat: None, lambda: askew()[0]),
    "show_colours": (lambda flat, least: flat, colourful),
    "remove_near_light": (lambda grey, height: remove_light(grey), in_shadow),
    "remove_faint_lines": (lambda strength, height: strength, squared),
    "find_grids": (lambda components, labels: [], table),
    "ledger_lines": (lambda mask, height: None, on_a_line),
    "find_cuts": (lambda mask: [], touching),
    "find_sign": (lambda one, row, others: "", with_a_point),
}


@pytest.mark.parametrize("step", list(WITHOUT))
def test_every_step_of_a_page_can_be_replaced_and_counts(model: Model, step: str) -> None:
    replacement, picture = WITHOUT[step]
    without = read_page(picture(), Judge(model), replace(STEPS, **{step: replacement}))
    with_it = read(model, picture())
    boxes = [[one.digit.box for one in page.digits] for page in (with_it, without)]
    assert texts(model, without) != texts(model, with_it) or boxes[0] != boxes[1]
