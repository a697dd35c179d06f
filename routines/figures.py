"""The figures that go with results: drawn, written, and told of; a result stands without its figures."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from cnn.evaluation import Evaluation
from cnn.model import Model
from preprocessing.datasets import Dataset
from routines.comparison.events import Compared
from routines.events import Busy, Event, Figure, Trained

LOSS, CONFUSION_MATRIX, MISREAD = KINDS = ("loss", "confusion_matrix", "misread")
BEST = 5  # of a comparison, whose losses are drawn


def figure_path(weights: Path, kind: str, data: Path | None) -> Path:
    """Return where a figure of a model is: in figures/ beside its weights, by their name and that of other data.

    data: a file or folder, whose name distinguishes the figure; None for MNIST.
    """
    return weights.parent / "figures" / f"{_name(weights, data, '_on_')}_{kind}.png"


def draw_evaluation(
    model: Model, weights: Path, data: Dataset, evaluation: Evaluation, other: Path | None
) -> Iterator[Event]:
    """Draw the confusion matrix and the misread images.

    weights: where those of the model are. other: where the data are from, where they are not MNIST.
    """
    from figures import results  # with matplotlib, which takes a while

    title = _title(weights, other)
    yield from _save(
        "Confusion matrix",
        figure_path(weights, CONFUSION_MATRIX, other),
        lambda: results.draw_confusion_matrix(evaluation, title),
    )
    yield from _save(
        "Misread digits",
        figure_path(weights, MISREAD, other),
        lambda: results.draw_misread(evaluation, data.x_test, data.y_test, title),
    )


def draw_training(trained: Trained, other: Path | None) -> Iterator[Event]:
    """Draw the losses of a training that has any.

    other: where the data are from, where they are not MNIST.
    """
    from figures import results

    if trained.results:
        path, title = figure_path(trained.output, LOSS, other), _title(trained.output, other)
        augmented: bool = trained.model.metadata["augmentation"]
        yield from _save("Loss graph", path, lambda: results.draw_losses(trained.results, title, augmented))


def draw_comparison(compared: Compared) -> Iterator[Event]:
    """Draw accuracy against size and time, and the losses of the best, into the folder of the comparison."""
    from figures import comparison

    longest = compared.standings[0].recipe.epochs
    numbered = [
        (number, each, each.accuracy)
        for number, each in enumerate(compared.standings, 1)
        if each.accuracy is not None and each.recipe.epochs == longest
    ]
    if not numbered:
        return
    points = [
        comparison.Point(
            number,
            each.label,
            accuracy,
            each.error,
            each.parameters,
            each.seconds,
            each.smallest,
            each.fastest,
        )
        for number, each, accuracy in numbered
    ]
    curves = [(f"{number}: {each.label}", each.best_outcome.losses) for number, each, _ in numbered[:BEST]]
    folder = compared.folder
    yield from _save("Accuracy and cost", folder / "accuracy.png", lambda: comparison.draw_fronts(points))
    yield from _save("Losses of the best", folder / "losses.png", lambda: comparison.draw_loss_curves(curves))


def _name(weights: Path, data: Path | None, between: str) -> str:
    return weights.stem + (f"{between}{data.resolve().stem}" if data else "")


def _title(weights: Path, data: Path | None) -> str:
    """Return what the names of weight file and data say of the model."""
    return _name(weights, data, " on ").replace("weight_details", "")


def _save(title: str, path: Path, draw: Callable[[], Any]) -> Iterator[Event]:
    from figures.files import OutputError, save_figure

    yield Busy(f"Drawing: {title}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        figure = draw()
        if figure is not None:
            save_figure(path, figure)
    except (OSError, OutputError) as error:
        reason = error.__cause__ or error
        yield Figure(title, None, f"the picture could not be saved ({getattr(reason, 'strerror', None) or reason}).")
    else:
        yield Figure(title, path if figure is not None else None)
