"""Pictures of few pixels: points that are narrower than one, and crops of a digit."""

import numpy as np
import pytest

from cnn import Model
from preprocessing import page_reading
from preprocessing.reading import Page
from tests.preprocessing.drawings import handwritten, sheet, to_picture, write
from tests.preprocessing.pages import number, read, texts


@pytest.mark.parametrize(("brightness", "text"), [(0.6, "6.5"), (0.85, "65")])
def test_a_point_of_one_pixel_is_read_though_it_is_fainter_than_ink(model: Model, brightness: float, text: str) -> None:
    paper = write(write(sheet(40, 60), handwritten(6, 13), 16, 12), handwritten(5, 13), 33, 12)
    paper[23, 29] = brightness
    assert texts(model, read(model, to_picture(paper))) == [[text]]


@pytest.mark.parametrize("brightness", [0.69, 0.7, 0.705, 0.71, 0.715, 0.72])
def test_a_faint_piece_that_is_no_sign_is_looked_at(model: Model, brightness: float) -> None:
    """At some of these, none of it is as strong as what belongs to a stroke."""
    paper = write(write(sheet(40, 60), handwritten(6, 13), 16, 12), handwritten(5, 13), 33, 12)
    paper[14:18, 50:52] = brightness
    assert texts(model, read(model, to_picture(paper)))[0][0].startswith("65")


def test_grain_is_no_faint_point(model: Model) -> None:
    paper = write(write(sheet(40, 60), handwritten(6, 13), 16, 12), handwritten(5, 13), 33, 12)
    paper[23, 29] = paper[33, 10] = paper[4, 50] = 0.6
    assert texts(model, read(model, to_picture(paper))) == [["65"]]


def test_a_crop_of_a_digit_is_not_turned(model: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    turned = Page(((number(-0.1, 0, 0, 1),),), rotated=180)
    monkeypatch.setattr(page_reading, "read_several", lambda *picture: turned)
    doubtful = np.zeros((28, 28), np.uint8)
    doubtful[6:24, 6:9] = doubtful[20:23, 6:24] = 255  # an L
    assert read(model, doubtful).rotated == 0
    assert read(model, np.pad(doubtful, 40)).rotated == 180
