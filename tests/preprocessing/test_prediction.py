"""Prediction: numbers on pictures, read from files; and what cannot be read is refused."""

import os
import signal
import subprocess
import sys
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from cnn import Model
from preprocessing.box import Box
from preprocessing.digits import Digit
from preprocessing.files import PictureFile, ReaderError, read_file, read_files, thumbnail
from preprocessing.mnist import load_mnist
from preprocessing.picture import PictureError
from preprocessing.prediction import Prediction, ReadDigit, predict, read_numbers
from preprocessing.reading import Page
from system.errors import UserError
from tests.preprocessing.drawings import handwritten, sheet, to_picture, write

SAMPLES = 40


@pytest.fixture(scope="module")
def digits(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[Path], list[int]]:
    """Test digits as pictures on white paper, and one file that is no picture."""
    folder = tmp_path_factory.mktemp("digits")
    data = load_mnist()
    for index in range(SAMPLES):
        paper = cv2.resize(255 - data.x_test[index], (112, 112), interpolation=cv2.INTER_CUBIC)
        cv2.imwrite(str(folder / f"{index:02}.png"), paper)
    (folder / "07.png").write_bytes(b"no picture")
    return sorted(folder.iterdir()), data.y_test[:SAMPLES].tolist()


def read_digit(*probabilities: float) -> ReadDigit:
    return ReadDigit(Digit(np.zeros((28, 28), np.uint8), Box(0, 0, 9, 9)), np.array(probabilities))


@pytest.mark.parametrize("workers", [1, 2])
def test_pictures_are_read_in_order_and_broken_ones_named(
    workers: int, digits: tuple[list[Path], list[int]], model: Model
) -> None:
    paths, labels = digits
    predictions = list(predict(model, paths, workers))
    assert [prediction.file.path for prediction in predictions] == paths
    broken = predictions.pop(7)
    assert broken.file.error and broken.number == "" and broken.digits == ()
    right = [
        prediction.number == str(label) for prediction, label in zip(predictions, np.delete(labels, 7), strict=True)
    ]
    assert sum(right) >= len(right) - 1
    assert all(prediction.file.error == "" for prediction in predictions)


def test_workers_change_nothing(digits: tuple[list[Path], list[int]], model: Model) -> None:
    alone, together = (list(read_files(partial(read_file, model), digits[0], workers)) for workers in (1, 2))
    for first, second in zip(alone, together, strict=True):
        assert (first.path, first.error) == (second.path, second.error)
        if first.page and second.page:
            np.testing.assert_array_equal(first.page.digits[0].digit.image, second.page.digits[0].digit.image)
            np.testing.assert_array_equal(np.asarray(first.thumbnail), np.asarray(second.thumbnail))


def kill(path: Path) -> PictureFile:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("A killed process does not go on.")


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="Windows has no such signal")
def test_a_killed_reader_ends_in_a_sentence(digits: tuple[list[Path], list[int]]) -> None:
    with pytest.raises(ReaderError, match="one was ended"):
        list(read_files(kill, digits[0], 2))


def test_nothing_is_read_ahead_of_what_is_asked_for(digits: tuple[list[Path], list[int]]) -> None:
    seen: list[Path] = []

    def spy(path: Path) -> PictureFile:
        seen.append(path)
        return PictureFile(path, error="x")

    next(read_files(spy, digits[0][:5], 1))
    assert seen == digits[0][:1]


def test_digits_confidence_and_runner_up_are_those_of_the_probabilities() -> None:
    read = read_digit(0.1, 0, 0, 0.6, 0, 0, 0, 0.3, 0, 0)
    assert (read.digit, read.confidence, read.runner_up) == (3, 0.6, (7, 0.3))


def test_a_number_has_all_digits_and_the_confidence_of_the_least_certain() -> None:
    sure, unsure = read_digit(0, 0.99, 0, 0, 0, 0, 0, 0.01, 0, 0), read_digit(0.55, 0, 0, 0, 0, 0, 0.45, 0, 0, 0)
    page = Page((), warnings=("The picture is strange.",))
    prediction = Prediction(PictureFile(Path("10.png"), page), (sure, unsure))
    assert (prediction.number, prediction.confidence) == ("10", 0.55)
    assert replace(prediction, wholeness=0.5).confidence == 0.275
    assert prediction.warnings == ("The picture is strange.", "The network is unsure: 0 (55%) or 6 (45%).")


def test_a_picture_without_digits_has_no_number() -> None:
    prediction = Prediction(PictureFile(Path("empty.png"), Page((), warnings=("No ink.",))), ())
    assert (prediction.number, prediction.confidence, prediction.warnings) == ("", 0.0, ("No ink.",))


def shaped(*shape: int, dtype: type = np.uint8) -> NDArray[np.uint8]:
    return np.zeros(shape, dtype)


@pytest.mark.parametrize(
    ("picture", "shape"),
    [
        (shaped(2000, 1000, 3), (96, 48, 3)),
        (shaped(28, 28), (96, 96, 3)),
        (shaped(1, 4000, 4), (1, 96, 3)),
        (shaped(50, 100, dtype=np.uint16), (48, 96, 3)),
    ],
)
def test_thumbnails_fit_and_have_three_colours(picture: NDArray[np.uint8], shape: tuple[int, ...]) -> None:
    made = thumbnail(picture)
    assert made.shape == shape and made.dtype == np.uint8


def test_thumbnails_are_red_first_and_show_transparency_as_grey() -> None:
    picture = np.zeros((96, 96, 4), np.uint8)
    picture[:48] = 0, 0, 255, 255  # opaque red, blue first
    made = thumbnail(picture)
    assert made[10, 10].tolist() == [255, 0, 0]
    assert made[90, 90].tolist() == [191, 191, 191]
    assert thumbnail(np.full((9, 9), 65535, np.uint16))[50, 50].tolist() == [255] * 3


def test_a_file_that_is_no_picture_has_its_reason_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("hello")
    file = read_file(Letters(), tmp_path / "a.txt")
    assert file.page is None and file.thumbnail is None and "a.txt" in file.error


class Letters:
    """A model that takes every digit for the class whose index is its number on the picture."""

    class_names = ("A", "bc", "Σ")

    def probabilities(self, images: NDArray[np.uint8]) -> NDArray[np.float64]:
        return np.eye(3)[np.arange(len(images)) % 3]


def page(*numbers: int) -> NDArray[np.uint8]:
    """Paper with digits side by side."""
    paper = sheet(300, 200 + 170 * len(numbers))
    for place, number in enumerate(numbers):
        paper = write(paper, handwritten(number, 140), 60 + 170 * place, 70)
    return to_picture(paper)


def test_one_path_is_a_list_of_one(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "a.png"), page(1, 2, 3))
    for path in (tmp_path / "a.png", str(tmp_path / "a.png")):
        assert [prediction.number for prediction in predict(Letters(), path)] == ["AbcΣ"]


@pytest.mark.parametrize("paths", [5, None, [np.zeros((28, 28))], b"a.png", [["a.png"]]])
def test_what_is_no_path_is_refused_at_once(paths: Any) -> None:
    with pytest.raises(
        PictureError, match=r"^Pictures are files, given by their paths, but this is \w+\. Arrays are read"
    ):
        predict(Letters(), paths)


@pytest.mark.parametrize("workers", ["2", 0, True, 1.5, None])
def test_what_is_no_number_of_workers_is_refused_at_once(workers: Any) -> None:
    with pytest.raises(UserError, match=r"^The number of workers is a whole number from 1 up: '.*' was given"):
        predict(Letters(), [], workers)


def test_a_number_has_the_names_of_the_classes(tmp_path: Path) -> None:
    assert read_numbers(Letters(), page(1, 2, 3)) == "AbcΣ"
    cv2.imwrite(str(tmp_path / "a.png"), page(1, 2, 3))
    (prediction,) = predict(Letters(), [tmp_path / "a.png"])
    assert prediction.number == "AbcΣ" and [read.digit for read in prediction.digits] == [0, 1, 2]


def test_importing_the_package_loads_nothing_heavy() -> None:
    code = "import sys, preprocessing; sys.exit(bool({'cv2', 'PIL', 'scipy', 'cnn', 'menu'} & set(sys.modules)))"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parents[2])


@pytest.mark.parametrize("model", ["FC10", None, Model])
def test_what_is_no_model_is_refused_in_a_sentence(model: Any) -> None:
    for read in (read_numbers, predict):
        with pytest.raises(UserError, match=r"^Digits are read by a model: .* was given\. Give Model\.load\(path\)\.$"):
            read(model, "photo.jpg")
