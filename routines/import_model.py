"""Import: a model of Keras, or the arrays of another program, as weights of this one."""

from collections.abc import Generator, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from cnn.architecture import Specs, to_string
from cnn.evaluation import evaluation_steps
from cnn.exchange.foreign_npz import read_npz
from cnn.exchange.keras_reading import read_keras
from cnn.model import Model
from routines.answers import LayoutAnswers
from routines.data import load_data
from routines.events import Busy, Event, Imported, Noted, Stop, staged
from routines.models import weight_path
from routines.places import Places
from routines.train_files import check_output
from system.errors import UserError


@dataclass(frozen=True)
class ImportRequest:
    """A .keras file, or an .npz file and the model string of its arrays; and where the weights go, if not as usual."""

    source: Path
    specs: Specs | None = None
    output: Path | None = None


def import_model(request: ImportRequest, places: Places, answers: LayoutAnswers, stop: Stop) -> Iterator[Event]:
    """Read a file of another program, evaluate what it holds, and save it as weights.

    Raises:
        UserError: for what cannot be read, taken, or written; Interrupted: when the flag is set.
    """
    yield Busy(f"Reading {request.source.name}")
    model, layout = _read(request, answers)
    output = (request.output or weight_path(places, model.specs)).absolute()
    if output.exists() and not request.output:
        raise UserError(
            f"{output}: there are weights of {model.string} already, which are not replaced unasked. Choose a place by "
            "--output."
        )
    check_output(places, output, model.specs)
    figures = yield from _evaluate(model, places, stop)
    date = datetime.now(timezone.utc).isoformat(timespec="seconds")
    model = replace(model, metadata={"imported": request.source.name, "date": date, **figures})
    model.save(output)
    yield Imported(model, request.source, output, layout)


def _read(request: ImportRequest, answers: LayoutAnswers) -> tuple[Model, str]:
    """Return the model of a file, and the layout of its arrays, where that could be another."""
    source, specs = request.source, request.specs
    if source.suffix.lower() == ".keras":
        model = read_keras(source)
        if specs and specs != model.specs:
            raise UserError(
                f"{source}: a .keras file says itself what its layers are, {model.string}, but {to_string(specs)} was "
                "given. Leave --model out."
            )
        return model, ""
    if source.suffix.lower() != ".npz":
        raise UserError(f"{source}: a file to import is .keras or .npz. Save it as one of them.")
    if not specs:
        raise UserError(f"{source}: the arrays of an .npz file say not what layers they are of. Add --model.")
    return read_npz(source, specs, answers.layout)


def _evaluate(model: Model, places: Places, stop: Stop) -> Generator[Event, None, dict[str, Any]]:
    """Return what the test digits say of a model that tells as many classes apart."""
    data = load_data(places, None, ("test",))
    if data.classes != model.classes:
        yield Noted(
            f"It was not evaluated: it tells {model.classes} classes apart, the test images have {data.classes}."
        )
        return {}
    steps = evaluation_steps(model, data)
    evaluation = yield from staged("Evaluating", len(data.x_test), "images", steps, stop)
    return {"accuracy": evaluation.accuracy, "precision": evaluation.precision}
