"""Models whose classes are no digits: what tables, sentences and JSON call them."""

import io
import json
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from cnn import Model
from cnn.architecture import DIGITS
from cnn.evaluation import Evaluation
from menu.evaluation_report import evaluation_report
from menu.json_lines import print_event
from menu.picture_report import answer
from preprocessing.box import Box
from preprocessing.digits import Digit
from preprocessing.files import PictureFile
from preprocessing.prediction import Prediction, ReadDigit
from routines.events import Evaluated, Predicted
from tests.menu.conftest import MODEL, Captured, Command, Session, save_data
from tests.squares import dataset

CLOTHES = ("T-shirt", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot")


def prediction(names: tuple[str, ...], *classes: int) -> Prediction:
    """What was read on a picture, each with 90%, and the class after it with 10%."""
    digit = Digit(np.zeros((28, 28), np.uint8), Box(0, 0, 1, 1))
    rows = [0.9 * np.eye(10)[each] + 0.1 * np.eye(10)[each + 1] for each in classes]
    return Prediction(PictureFile(Path("a.png")), tuple(ReadDigit(digit, row, names) for row in rows))


def evaluation(names: tuple[str, ...], matrix: np.ndarray) -> Evaluation:
    return Evaluation(np.array([0]), np.array([1.0]), matrix, names, 1.0)


def report(names: tuple[str, ...], matrix: np.ndarray) -> str:
    screen = io.StringIO()
    Console(file=screen, width=80).print(evaluation_report(evaluation(names, matrix)))
    return screen.getvalue()


def test_an_answer_has_the_names() -> None:
    assert answer(prediction(CLOTHES, 7)) == "Sneaker with 90.00% confidence (then Bag with 10.00%)"
    assert answer(prediction(CLOTHES, 7, 3)).endswith("confidence (Sneaker 90.00%, Dress 90.00%)")
    assert answer(prediction(DIGITS, 7)) == "7 with 90.00% confidence (then 8 with 10.00%)"


@pytest.mark.parametrize(("names", "more"), [(DIGITS, {}), (CLOTHES, {"name": "Sneaker"})])
def test_json_has_names_where_classes_are_no_digits(
    names: tuple[str, ...], more: dict[str, str], capsys: Captured
) -> None:
    print_event(Predicted(prediction(names, 7)))
    print_event(Evaluated(Model.create(MODEL, class_names=names), evaluation(names, np.eye(10, dtype=int))))
    predicted, evaluated = map(json.loads, capsys.readouterr().out.splitlines())
    for found in (predicted["digits"][0], evaluated["per_digit"][7]):
        assert {"digit": 7, **more}.items() <= found.items() and ("name" in found) == bool(more)


def test_long_names_are_cut_in_tables() -> None:
    text = report(tuple(f"{name} of another sort altogether" for name in CLOTHES), np.eye(10, dtype=int) * 1000)
    lines = text.splitlines()
    assert "Ankle boot …" in text and "sort" not in text
    assert max(map(len, lines)) <= 80 and len(lines) < 40


def test_what_is_misread_most_is_listed_where_the_matrix_would_not_fit() -> None:
    names = tuple("abcdefghijklmnopqrstuvwxyz")
    matrix = np.eye(26, dtype=int) * 10
    for count, row in enumerate(range(12), 1):
        matrix[row, row + 1] = count
    text = report(names, matrix)
    listed = [line.split() for line in text.split("Commonest confusions")[1].splitlines()[3:] if line.strip()]
    assert listed == [[names[row], names[row + 1], str(row + 1)] for row in range(11, 1, -1)]
    assert "Read as (columns)" not in text and max(map(len, text.splitlines())) <= 80
    assert "Read as (columns)" in report(names[:15], matrix[:15, :15])
    assert "Read as (columns)" not in report(names[:15], matrix[:15, :15] * 1000)


def test_names_that_differ_are_said_before_the_figures(session: Session, folder: Path) -> None:
    Model.create(MODEL, class_names=CLOTHES).save(folder / f"weight_details{MODEL}.npz")
    _, transcript = session("1\n4\n0\n0\n")
    said = "The test images are of other classes than the model's: 'T-shirt' is called '0' in the data."
    assert transcript.index(said) < transcript.index("Precision, macro")


def test_another_number_of_classes_is_a_mistake(command: Command, tmp_path: Path, capsys: Captured) -> None:
    data = save_data(tmp_path / "data.npz", dataset())
    Model.create("FC12").save(tmp_path / "a.npz")
    assert command("evaluate", "--weights", str(tmp_path / "a.npz"), "--data", str(data)) == 2
    assert capsys.readouterr().err == (
        "This model tells 12 classes apart, the data have 10: give data of its classes, or a model trained on these.\n"
    )
