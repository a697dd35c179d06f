"""Numbers on pictures, read from paths, arrays, images of Pillow and lists; and what is no picture is refused."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from cnn import Model
from preprocessing.picture import PictureError, image_pixels, read_picture
from preprocessing.prediction import read_numbers
from tests.preprocessing.test_prediction import Letters, page


def test_numbers_are_read_from_paths_texts_arrays_and_lists(tmp_path: Path, model: Model) -> None:
    path = tmp_path / "a.png"
    cv2.imwrite(str(path), page(7, 1, 0))
    assert read_numbers(model, path) == read_numbers(model, str(path)) == read_numbers(model, page(7, 1, 0)) == "710"
    assert read_numbers(model, [str(path), page(4, 2), np.full((60, 60), 255, np.uint8)]) == ["710", "42", ""]
    assert read_numbers(model, iter([path] * 40)) == ["710"] * 40
    assert read_numbers(model, []) == []
    assert read_numbers(model, np.dstack([page(4, 2)] * 3)) == "42"
    for kind in (np.float16, np.float32, np.float64):
        assert read_numbers(model, (page(4, 2) / 255).astype(kind)) == "42"


FORMS: dict[str, Callable[[NDArray[np.uint8]], Any]] = {
    "bools": lambda picture: picture > 127,
    "int64": lambda picture: picture.astype(np.int64),
    "uint16": lambda picture: picture.astype(np.uint16) * 257,
    "uint16, big-endian": lambda picture: (picture.astype(np.uint16) * 257).astype(">u2"),
    "lists": lambda picture: picture.tolist(),
    "an image of Pillow": Image.fromarray,
}


@pytest.mark.parametrize("form", FORMS)
def test_a_picture_is_whatever_becomes_an_array(form: str, model: Model) -> None:
    picture = FORMS[form](page(4, 2))
    assert read_numbers(model, picture) == "42"
    assert read_numbers(model, [picture, picture]) == ["42", "42"]


def test_an_image_of_pillow_is_read_as_its_file_is(tmp_path: Path) -> None:
    image = Image.fromarray(np.random.default_rng(0).integers(0, 256, (20, 30, 3), np.uint8))
    exif = image.getexif()
    exif[0x0112] = 6  # turned by a quarter
    image.save(tmp_path / "a.png", exif=exif)
    with Image.open(tmp_path / "a.png") as opened:
        np.testing.assert_array_equal(image_pixels(opened), read_picture(tmp_path / "a.png").pixels)
        assert image_pixels(opened).shape == (30, 20, 3)


@pytest.mark.parametrize(
    ("picture", "message"),
    [
        ("missing.png", "there is no such file"),
        (7, "several are a list of them, but this is int"),
        ([None], "a path or an array, but this is NoneType"),
        (np.zeros((4, 28, 28), np.uint8), r"but this is \(4, 28, 28\)\. Give several pictures as a list"),
        (np.zeros(784, np.uint8), r"this is \(784,\)"),
        (np.zeros((28, 0), np.uint8), r"this is \(28, 0\)"),
        (np.full((28, 28), 255.0), "this is float64 beyond them, from 255 to 255. Scale it"),
        (np.full((28, 28), 256), "this is int64 beyond them, from 256 to 256. Scale it"),
        (np.full((28, 28), np.nan), "this is float64 beyond them, from nan to nan. Replace what is not a number"),
        (np.full((28, 28), None), "this is an array of object"),
        ([[[1, 2], [3]]], "this cannot be read"),
    ],
)
def test_what_is_no_picture_is_refused_in_a_sentence(picture: Any, message: str) -> None:
    with pytest.raises(PictureError, match=message):
        read_numbers(Letters(), picture)
