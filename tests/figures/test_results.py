"""Figures of training and evaluation."""

from pathlib import Path

import numpy as np
import pytest

from cnn.evaluation import Evaluation
from cnn.training import EpochResult
from figures.files import save_figure
from figures.results import draw_confusion_matrix, draw_losses, draw_misread

DIGITS = tuple(map(str, range(10)))


def evaluation(names: tuple[str, ...] = DIGITS) -> Evaluation:
    """Four images, 1, 8, 3 and 3, of which the second is read as 0 and the third as 5."""
    matrix = np.zeros((len(names), len(names)), np.int64)
    matrix[1, 1], matrix[3, 3], matrix[8, 0], matrix[3, 5] = 1, 1, 1, 1
    confidences = np.array([0.9, 0.4, 0.9999, 0.5], np.float32)
    return Evaluation(np.array([1, 0, 5, 3]), confidences, matrix, names, 1.0)


def epochs(count: int, *validation: float) -> list[EpochResult]:
    """Results of some epochs, with the validation accuracies that are given."""
    accuracies = [*validation, *[None] * count]
    return [
        EpochResult(epoch, count, 1 / epoch, 0.1 / epoch, 1 - 0.5 / epoch, 1, 1, accuracies[epoch - 1])
        for epoch in range(1, count + 1)
    ]


def test_the_loss_graph_shows_mean_and_median_by_epoch() -> None:
    (axes,) = draw_losses(epochs(2), "FC10", augmented=True).axes
    mean, median = axes.lines
    assert axes.get_title() == "Loss on distorted training images\nFC10"
    assert (mean.get_label(), mean.get_ydata().tolist()) == ("mean: 0.5", [1, 0.5])
    assert (median.get_label(), median.get_ydata().tolist()) == ("median: 0.05", [0.1, 0.05])


def test_with_validation_there_is_what_was_misread_of_both() -> None:
    loss, misread = draw_losses(epochs(2, 0.75, 1.0), "FC10", augmented=False).axes
    assert loss.get_title() == "Loss on training images\nFC10"
    training, validation = misread.lines
    assert (training.get_label(), training.get_ydata().tolist()) == ("training images: 0.25", [0.5, 0.25])
    assert (validation.get_label(), validation.get_ydata().tolist()) == ("validation images: 0", [0.25, 0.0001])


@pytest.mark.parametrize("count", [1, 2, 3, 7, 60, 1000])
def test_ticks_are_whole_epochs_and_one_epoch_is_in_the_middle(count: int, tmp_path: Path) -> None:
    figure = draw_losses(epochs(count, *[0.9] * count), "FC10", augmented=True)
    save_figure(tmp_path / "a.png", figure)
    for axes in figure.axes:
        low, high = axes.get_xlim()
        ticks = [tick for tick in axes.get_xticks() if low <= tick <= high]
        assert ticks and all(tick == int(tick) >= 1 for tick in ticks)
        bottom, top = axes.get_ylim()
        assert top / bottom >= 9.99
        values = [value for line in axes.lines for value in line.get_ydata()]
        assert bottom < min(values) and max(values) < top
    assert count > 1 or (low, high) == (0.5, 1.5)


def test_the_confusion_picture_has_the_class_in_the_row() -> None:
    axes = draw_confusion_matrix(evaluation(), "FC10").axes[0]
    texts = {text.get_position(): text.get_text() for text in axes.texts}  # column, row
    assert texts == {(1, 1): "1", (3, 3): "1", (0, 8): "1", (5, 3): "1"}
    assert axes.images[0].get_array()[3, 5] == 1 and axes.images[0].get_array()[3, 3] == 0
    assert [label.get_text() for label in axes.get_yticklabels()] == list(DIGITS)


def test_classes_have_their_names() -> None:
    names = tuple("top trousers pullover dress coat sandal shirt sneaker bag boot".split())
    axes = draw_confusion_matrix(evaluation(names), "FC10").axes[0]
    assert [label.get_text() for label in axes.get_xticklabels()] == list(names)
    figure = draw_misread(evaluation(names), np.zeros((4, 28, 28), np.uint8), np.array([1, 8, 3, 3]), "FC10")
    assert figure is not None and figure.axes[0].get_title() == "dress\nread sandal\n99.9% sure"


def test_the_sheet_shows_the_misread_images_the_surest_first() -> None:
    images = np.arange(4, dtype=np.uint8)[:, np.newaxis, np.newaxis] * np.ones((1, 28, 28), np.uint8)
    figure = draw_misread(evaluation(), images, np.array([1, 8, 3, 3]), "FC10")
    assert figure is not None
    first, second = figure.axes
    assert (first.get_title(), second.get_title()) == ("3, read 5\n99.9% sure", "8, read 0\n40% sure")
    assert (first.images[0].get_array()[0, 0], second.images[0].get_array()[0, 0]) == (2, 1)


def test_without_misread_images_there_is_no_sheet() -> None:
    predictions = evaluation().predictions
    assert draw_misread(evaluation(), np.zeros((4, 28, 28), np.uint8), predictions, "x") is None


@pytest.mark.parametrize("name", ["W" * 30, "$x^{$", "\u6570" * 30])
def test_any_names_are_drawn_without_a_warning(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    named, labels = evaluation((name,) * 10), np.array([1, 8, 3, 3])
    save_figure(tmp_path / "a.png", draw_confusion_matrix(named, "$a^{$"))
    figure = draw_misread(named, np.zeros((4, 28, 28), np.uint8), labels, "$a^{$")
    assert figure is not None and len(figure.axes[0].get_title()) < 50
    save_figure(tmp_path / "b.png", figure)
    assert capsys.readouterr().err == ""
