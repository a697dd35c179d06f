"""Evaluation of a model on test images, with its figures."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cnn.evaluation import evaluation_steps
from cnn.model import Model
from routines.data import doubts, load_data, other_classes, require_as_many_classes
from routines.events import Busy, Evaluated, Event, Interrupted, Stop, staged
from routines.figures import draw_evaluation
from routines.models import weight_path
from routines.places import Places
from system.processes import available_cores


@dataclass(frozen=True)
class EvaluateRequest:
    """A model, the data whose test images it reads (None for MNIST), and whether figures are drawn."""

    model: Model
    data: Path | None = None
    figures: bool = True


def evaluate(request: EvaluateRequest, places: Places, stop: Stop) -> Iterator[Event]:
    """Evaluate a model, and draw its confusion matrix and what it misread; names that differ are said.

    Raises:
        UserError: for data that cannot be had, or have more or fewer classes; Interrupted: when the flag is set.
    """
    yield Busy("Loading the data")
    data, model = load_data(places, request.data, ("test",)), request.model
    require_as_many_classes(model, data)
    yield from other_classes(model, data)
    yield from doubts(data.x_test, data.y_test, model)
    steps = evaluation_steps(model, data, available_cores())
    evaluation = yield from staged("Evaluating", len(data.x_test), "images", steps, stop)
    yield Evaluated(model, evaluation)
    if request.figures:
        weights = model.path or weight_path(places, model.specs)
        for event in draw_evaluation(model, weights, data, evaluation, request.data):
            yield event
            if stop.is_set():
                raise Interrupted
