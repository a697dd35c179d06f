"""What is no digit: solid shapes, stripes, and words that look like digits on their side."""

import cv2
import numpy as np
import pytest

from cnn import Model
from preprocessing.box import Box
from preprocessing.digits import Digit
from preprocessing.reading import Page
from preprocessing.solid import is_solid
from preprocessing.view_reading import is_word
from tests.preprocessing.drawings import sheet, to_picture
from tests.preprocessing.pages import number, read, texts


@pytest.mark.parametrize(("thickness", "is_zero"), [(-1, False), (24, True)])
def test_a_dot_is_no_0(model: Model, thickness: int, is_zero: bool) -> None:
    page = read(model, to_picture(cv2.circle(sheet(500, 400), (200, 250), 90, 0.25, thickness)))
    assert (texts(model, page) == [["0"]]) == is_zero and bool(page.left_out) != is_zero
    assert any("does not look like a digit" in each for each in page.warnings) != is_zero


@pytest.mark.parametrize("is_dark", [True, False])
def test_a_shadow_does_not_fill_a_0(is_dark: bool) -> None:
    image = np.asarray(cv2.ellipse(np.zeros((28, 28)), (14, 14), (6, 10), 0, 0, 360, 255, 2), np.uint8)
    digit, light = Digit(image, Box(90, 60, 120, 180)), np.where(np.arange(300) < 150, 1, 0.6)
    for thickness in (20, -1):
        paper = cv2.ellipse(sheet(300, 300), (150, 150), (50, 80), 0, 0, 360, 0.2, thickness) * light
        assert is_solid(to_picture(paper if is_dark else 1 - paper), digit) == (thickness < 0)


def test_stripes_are_no_1s(model: Model) -> None:
    columns = np.indices((300, 400))[1] + np.arange(300)[:, None] // 4
    page = read(model, to_picture(np.where(columns // 40 % 2, 0.3, 0.8)))
    assert not page.digits and page.left_out and page.warnings


@pytest.mark.parametrize(("rows", "rotated", "expected"), [(3, 90, True), (2, 270, False), (3, 180, False)])
def test_a_column_on_its_side_is_a_word(rows: int, rotated: int, expected: bool) -> None:
    lines = tuple((number(-0.1, 0, 50 * row, 1),) for row in range(rows))
    assert is_word(Page(lines, rotated)) == expected
    assert not is_word(Page((*lines, (number(-0.1, 0, 200, 2),)), rotated))
