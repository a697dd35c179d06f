"""Export: a model in the files of other programs, each read again and compared."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from cnn.exchange.keras_file import write_keras
from cnn.exchange.keras_reading import read_keras
from cnn.exchange.onnx_file import read_probabilities, write_onnx
from cnn.model import Model
from routines.data import load_data
from routines.events import Busy, Event, Exported, Interrupted, Stop
from routines.places import Places
from system.arrays import Array
from system.errors import UserError

DIGITS = 100  # that a file is compared on
DIFFERENCE = 1e-4  # of a probability, at most


@dataclass(frozen=True)
class Format:
    """A format: what it is called, what its files end in, how one is written, and what it makes of images."""

    name: str
    suffix: str
    write: Callable[[Path, Model], None]
    read: Callable[[Path, Array], Array]


FORMATS = (
    Format("ONNX", ".onnx", write_onnx, read_probabilities),
    Format("Keras", ".keras", write_keras, lambda path, images: read_keras(path).probabilities(images)),
)


@dataclass(frozen=True)
class ExportRequest:
    """A model, and the files that it goes to; what they end in says their format."""

    model: Model
    files: tuple[Path, ...]


def format_of(path: Path) -> Format:
    """Return the format of a file by what its name ends in.

    Raises:
        UserError: for another ending.
    """
    for each in FORMATS:
        if path.suffix.lower() == each.suffix:
            return each
    endings = " or ".join(f"{each.suffix}, for {each.name}" for each in FORMATS)
    raise UserError(f"{path}: a file to export to ends in {endings}. Choose another name.")


def export(request: ExportRequest, places: Places, stop: Stop) -> Iterator[Event]:
    """Write a model to files, read each again, and compare on some test digits; a file that is there is replaced.

    Raises:
        UserError: where a name, a place or the model will not do, or a file makes something else of the digits;
            Interrupted: where the flag is set before all are written.
    """
    formats = [format_of(path) for path in request.files]
    model, digits = request.model, load_data(places, None, ("test",)).x_test[:DIGITS]
    expected = model.probabilities(digits)
    for path, each in zip(request.files, formats, strict=True):
        if stop.is_set():
            raise Interrupted
        yield Busy(f"Writing {path.name}")
        each.write(path, model)
        yield Busy(f"Comparing {path.name}")
        found = each.read(path, digits)
        difference = float(np.abs(found - expected).max())
        if not difference <= DIFFERENCE:
            raise UserError(
                f"{path}: a file gives the probabilities of its model, but read again this gives others, by up to "
                f"{difference:.1e}. Do not use it."
            )
        same = int((found.argmax(axis=1) == expected.argmax(axis=1)).sum())
        yield Exported(model, path, each.name, path.stat().st_size, len(digits), difference, same)
