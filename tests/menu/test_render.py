"""What is drawn in the terminal and in pictures."""

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rich.console import Console

from cnn.architecture import parse
from cnn.evaluation import Evaluation
from cnn.network import Network
from cnn.training import EpochResult
from cnn.weights import file_name, save
from menu import catalog, figures, render, training, training_settings
from tests.squares import dataset


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
    return Evaluation(np.array([1, 0, 3, 5]), np.array([0.9, 0.4, 0.8, 0.9999]), matrix, 2.0)


def test_the_confusion_matrix_has_the_digit_in_the_row_and_what_was_read_in_the_column(evaluation: Evaluation) -> None:
    lines = [line.split() for line in shown(100, render.evaluation_report(evaluation)).splitlines()]
    assert ["3", ".", ".", ".", "13", ".", "7", ".", ".", ".", "."] in lines
    assert ["8", "7", *["."] * 7, "18", "."] in lines


def test_only_certainty_is_100_percent() -> None:
    assert [render.percent(share) for share in (1, 0.99999, 0.9931, 0)] == ["100.00%", "99.99%", "99.31%", "0.00%"]


@pytest.mark.parametrize("width", [40, 80])
def test_models_keep_their_numbers_in_narrow_terminals(folder: Path, width: int) -> None:
    for model in ("C(16,3)-P2-C(32,3)-P2-C(64,3)-P2-FC512-FC10", "FC10"):
        network = Network(parse(model))
        save(folder / file_name(network.specs), network, {"accuracy": 0.5, "date": "2026-01-02", "data": "mine.npz"})
    screen = io.StringIO()
    render.show_models(Console(file=screen, width=width), catalog.read_catalog())
    lines = screen.getvalue().splitlines()
    assert max(map(len, lines)) <= width
    first, second = (next(line for line in lines if line.startswith(f"{number}  ")) for number in (1, 2))
    for line, parameters in ((first, "7,850"), (second, "160,010")):
        assert "50.00%" in line and parameters in line and "2026-" in line
    assert "FC10 " in first and "C(1" in second
    assert "mine.npz" in "".join(line[3:].split("  ")[0] for line in lines)


def test_training_shows_a_bar_with_images_rate_time_left_and_loss(folder: Path) -> None:
    screen = io.StringIO()
    settings = training_settings.TrainingSettings(
        specs=parse("C(4,5)-P4-FC10"),
        learning_rate=0.001,
        epochs=2,
        batch_size=128,
        seed=0,
        workers=1,
        augment=False,
        data=None,
        output=folder / "mine.npz",
    )
    console = Console(file=screen, width=120, force_terminal=True, color_system=None)
    training.run_training(console, settings, dataset())
    text = screen.getvalue()
    for words in ("Epoch 2/2", "600/600", "images/s", "loss 2.", "00:00"):
        assert words in text, words


def drawn(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, str]]:
    """Figures and names, in place of files."""
    saved: list[tuple[Any, str]] = []
    monkeypatch.setattr(figures, "_save", lambda figure, name: saved.append((figure, name)))
    return saved


def test_the_loss_graph_shows_mean_and_median_by_epoch(monkeypatch: pytest.MonkeyPatch) -> None:
    saved = drawn(monkeypatch)
    results = [EpochResult(epoch, 2, 1 / epoch, 0.1 / epoch, 0.5, 1, 1) for epoch in (1, 2)]
    figures.draw_losses(results, "weight_detailsFC10")
    ((figure, name),) = saved
    mean, median = figure.axes[0].lines
    assert name == "weight_detailsFC10_loss.png"
    assert (mean.get_label(), mean.get_ydata().tolist()) == ("mean", [1, 0.5])
    assert (median.get_label(), median.get_ydata().tolist()) == ("median", [0.1, 0.05])


def test_the_confusion_picture_has_the_digit_in_the_row(
    monkeypatch: pytest.MonkeyPatch, evaluation: Evaluation
) -> None:
    saved = drawn(monkeypatch)
    figures.draw_confusion_matrix(evaluation, "weight_detailsFC10")
    axes = saved[0][0].axes[0]
    texts = {text.get_position(): text.get_text() for text in axes.texts}  # column, row
    assert texts[(5, 3)] == "7" and texts[(0, 8)] == "7" and texts[(4, 4)] == "14" and (3, 5) not in texts
    assert axes.images[0].get_array()[3, 5] == 7 and axes.images[0].get_array()[4, 4] == 0


def test_the_sheet_shows_the_misread_images_the_surest_first(
    monkeypatch: pytest.MonkeyPatch, evaluation: Evaluation
) -> None:
    saved = drawn(monkeypatch)
    images = np.arange(4, dtype=np.uint8)[:, np.newaxis, np.newaxis] * np.ones((1, 28, 28), np.uint8)
    figures.draw_misread(evaluation, images, np.array([1, 8, 3, 3]), "weight_detailsFC10")
    first, second = saved[0][0].axes
    assert (first.get_title(), second.get_title()) == ("3, read 5\n99.9% sure", "8, read 0\n40% sure")
    assert (first.images[0].get_array()[0, 0], second.images[0].get_array()[0, 0]) == (3, 1)


def test_without_misread_images_there_is_no_sheet(monkeypatch: pytest.MonkeyPatch, evaluation: Evaluation) -> None:
    saved = drawn(monkeypatch)
    assert figures.draw_misread(evaluation, np.zeros((4, 28, 28), np.uint8), evaluation.predictions, "x") is None
    assert not saved
