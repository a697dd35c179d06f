"""The page to draw on: one HTML file with a model in it, which reads what is drawn and shows how."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

from cnn.model import Model
from feature_visualize.ascent import SETTINGS, Settings
from routines.data import load_data, other_classes
from routines.events import Busy, Event, Stop, Written
from routines.models import model_file
from routines.page_file import fill_template
from routines.page_pictures import make_pictures
from routines.places import Places
from system.errors import UserError
from system.files import replace_file


class PageError(UserError):
    """A place where a page cannot be written."""


@dataclass(frozen=True)
class PageRequest:
    """A model, the file that its page goes to, and how pictures are made; data: whose test images, None for MNIST."""

    model: Model
    output: Path
    data: Path | None = None
    settings: Settings = SETTINGS


def page_path(places: Places, model: Model) -> Path:
    """Return where a model's page goes unless another place is asked for."""
    return places.weights / "figures" / f"{model_file(model).stem.replace('weight_details', 'page_')}.html"


def make_page(request: PageRequest, places: Places, stop: Stop) -> Iterator[Event]:
    """Make the page of a model: feature visualizations of all its channels, and its weights, in one file.

    Raises:
        UserError: for data that cannot be had, or a file that cannot be written; Interrupted: when the flag is set,
            which leaves nothing.
    """
    start, model, output = perf_counter(), request.model, request.output.absolute()
    _require_place(output)
    yield Busy("Loading the data")
    data = load_data(places, request.data, ("test",))
    yield from other_classes(model, data)
    pictures = yield from make_pictures(model, data.x_test, request.settings, stop)
    text = fill_template(model, pictures, data).encode()
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        replace_file(output, lambda file: file.write(text))
    except OSError as error:
        raise _refusal(output, error.strerror or str(error)) from error
    details = {
        "bytes": len(text),
        "channels": sum(len(layer.most) for layer in pictures.values()),
        "seconds": perf_counter() - start,
    }
    yield Written(output, "The page to draw on", None, details=details)


def _require_place(output: Path) -> None:
    """Check, before anything is made, that a file can be of this name."""
    if output.suffix.lower() not in (".html", ".htm"):
        raise PageError(f"{output}: a page is an .html file. Give a name that ends in .html.")
    if output.is_dir():
        raise _refusal(output, "it is a folder")


def _refusal(output: Path, reason: str) -> PageError:
    return PageError(f"{output}: the page could not be written ({reason}). Choose another place.")
