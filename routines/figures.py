"""The figures that go with results: drawn, written, and told of; a result stands without its figures."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from cnn.evaluation import Evaluation
from cnn.model import Model
from preprocessing.datasets import Dataset
from routines.events import Busy, Event, Figure, Trained
from routines.models import model_file
from routines.places import Places


def draw_evaluation(model: Model, data: Dataset, evaluation: Evaluation, places: Places) -> Iterator[Event]:
    """Draw the confusion matrix and the misread images."""
    from figures import results  # with matplotlib, which takes a while

    name = model_file(model).stem
    yield from _save(
        "Confusion matrix",
        places.figures / f"{name}_confusion_matrix.png",
        lambda: results.draw_confusion_matrix(evaluation, _title(name)),
    )
    yield from _save(
        "Misread digits",
        places.figures / f"{name}_misread.png",
        lambda: results.draw_misread(evaluation, data.x_test, data.y_test, _title(name)),
    )


def draw_training(trained: Trained, places: Places) -> Iterator[Event]:
    """Draw the losses of a training that has any."""
    from figures import results

    name = trained.output.stem
    if trained.results:
        path = places.figures / f"{name}_loss.png"
        yield from _save("Loss graph", path, lambda: results.draw_losses(trained.results, _title(name)))


def _title(name: str) -> str:
    """Return what a weight file's stem says of the model."""
    return name.replace("weight_details", "")


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
