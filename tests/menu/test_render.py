"""What is drawn in the terminal and in pictures."""

import io
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rich.console import Console

from cnn import Model, Recipe
from cnn.architecture import DIGITS, parse
from cnn.evaluation import Evaluation
from menu import render
from menu.actions.train import show
from menu.evaluation_report import evaluation_report
from menu.progress import Follower
from routines.answers import Constant
from routines.models import read_catalog, weight_path
from routines.places import Places
from routines.train import TrainRequest, train
from system.text import percent

STOPPED = {"stopped": "Interrupted in epoch 8 of 20.", "epochs": 7, "recipe": {"epochs": 20}}


def shown(width: int, *renderables: Any, terminal: bool = False) -> str:
    screen = io.StringIO()
    console = Console(file=screen, width=width, force_terminal=terminal)
    for renderable in renderables:
        console.print(renderable)
    return screen.getvalue()


@pytest.fixture
def evaluation() -> Evaluation:
    """Images 1 and 3 misread, 3 the surer one: a 3 read as 5, and an 8 read as 0."""
    matrix = np.diag(np.arange(10, 20))
    matrix[3, 5] = matrix[8, 0] = 7
    return Evaluation(np.array([1, 0, 3, 5]), np.array([0.9, 0.4, 0.8, 0.9999]), matrix, DIGITS, 2.0)


def test_the_confusion_matrix_has_the_digit_in_the_row_and_what_was_read_in_the_column(evaluation: Evaluation) -> None:
    lines = [line.split() for line in shown(100, evaluation_report(evaluation)).splitlines()]
    assert ["3", ".", ".", ".", "13", ".", "7", ".", ".", ".", "."] in lines
    assert ["8", "7", *["."] * 7, "18", "."] in lines


def test_classes_have_their_names(evaluation: Evaluation) -> None:
    names = ("[red]", "b\x1b", *DIGITS[2:])
    text = shown(100, evaluation_report(replace(evaluation, class_names=names)))
    assert "Class" in text and text.count("[red]") == text.count("b\\x1b") == 3 and "\x1b" not in text


def test_only_certainty_is_100_percent() -> None:
    assert [percent(share) for share in (1, 0.99999, 0.9931, 0)] == ["100.00%", "99.99%", "99.31%", "0.00%"]


@pytest.mark.parametrize("width", [40, 80])
def test_models_keep_their_numbers_in_narrow_terminals(places: Places, width: int) -> None:
    for model in ("C(16,3)-P2-C(32,3)-P2-C(64,3)-P2-FC512-FC10", "FC10"):
        metadata = {"accuracy": 0.5, "date": "2026-01-02", "data": "mine.npz"}
        Model.create(model).save(weight_path(places, parse(model)), metadata)
    screen = io.StringIO()
    render.show_models(Console(file=screen, width=width), read_catalog(places))
    lines = screen.getvalue().splitlines()
    assert max(map(len, lines)) <= width
    first, second = (next(line for line in lines if line.startswith(f"{number}  ")) for number in (1, 2))
    for line, parameters in ((first, "160,010"), (second, "7,850")):
        assert "50.00%" in line and parameters in line and "2026-" in line
    assert "C(1" in first and "FC10 " in second  # what ships comes first
    assert "mine.npz" in "".join(line[3:].split("  ")[0] for line in lines)


@pytest.mark.parametrize(
    ("file", "metadata", "name"),
    [
        ("weight_detailsFC10.npz", {}, "FC10"),
        ("weight_detailsFC10.npz", {"data": "mine.npz"}, "FC10 on 'mine.npz'"),
        ("mine.npz", {}, "FC10 ('mine.npz')"),
        ("unfinished_weight_detailsFC10.npz", STOPPED, "FC10, stopped after 7 of 20 epochs"),
        (
            "unfinished_2_weight_detailsFC10.npz",
            {**STOPPED, "data": "mine.npz"},
            "FC10 ('unfinished_2_weight_detailsFC10.npz') on 'mine.npz', stopped after 7 of 20 epochs",
        ),
        ("unfinished_weight_detailsFC10.npz", {}, "FC10 ('unfinished_weight_detailsFC10.npz')"),
        ("weight_detailsFC10.npz", {**STOPPED, "stopped": ""}, "FC10"),
        ("weight_detailsFC10.npz", {**STOPPED, "recipe": 3}, "FC10"),
        ("weight_detailsFC10.npz", {**STOPPED, "epochs": "[red]"}, "FC10"),
    ],
)
def test_a_model_is_called_by_its_string_and_what_is_unusual(
    file: str, metadata: dict[str, Any], name: str, tmp_path: Path
) -> None:
    Model.create("FC10").save(tmp_path / file, metadata)
    assert render.model_name(Model.load(tmp_path / file)) == name


def test_training_shows_a_bar_with_images_rate_time_left_and_loss(places: Places) -> None:
    screen = io.StringIO()
    console = Console(file=screen, width=120, force_terminal=True, color_system=None)
    follower = Follower(console)
    recipe = Recipe(epochs=2, augment=False)
    request = TrainRequest(parse("C(4,5)-P4-FC10"), places.weights / "mine.npz", recipe, workers=1)
    follower.follow(train(request, places, Constant(), follower.stop), partial(show, console))
    text = screen.getvalue()
    for words in ("Epoch 2/2", "600/600", "images/s", "loss 2.", "00:00"):
        assert words in text, words
