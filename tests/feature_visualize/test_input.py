"""The image that a visualization is about."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from cnn.weights import load
from feature_visualize.input import InputError, read_input
from feature_visualize.make_input import INDEX
from menu.catalog import WEIGHT_FOLDER
from menu.visualization import INPUT
from preprocessing.mnist import load_mnist


def test_the_shipped_picture_is_read_as_the_digit_that_it_was_made_of() -> None:
    image, label = read_input(INPUT).image, load_mnist().y_test[INDEX]
    assert image.shape == (28, 28) and image.dtype == np.uint8
    for path in WEIGHT_FOLDER.glob("weight_details*.npz"):
        assert load(path).network(1).probabilities(image[np.newaxis])[0, label] > 0.9


def test_what_is_in_mnist_form_stays_as_it_is(tmp_path: Path) -> None:
    digit = load_mnist().x_test[0]
    Image.fromarray(digit).save(tmp_path / "x.png")
    np.testing.assert_array_equal(read_input(tmp_path / "x.png").image, digit)


@pytest.mark.parametrize("content", [None, b"", b"no picture at all"])
def test_what_is_no_picture_is_a_sentence(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "x.jpg"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InputError, match=r"x\.jpg") as caught:
        read_input(path)
    assert str(caught.value).count("\n") == 0


def test_an_empty_page_has_no_digit(tmp_path: Path) -> None:
    Image.new("L", (60, 60), 200).save(tmp_path / "x.png")
    with pytest.raises(InputError, match=r"x\.png"):
        read_input(tmp_path / "x.png")
