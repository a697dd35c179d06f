"""What the terminal shows: tables and lines, from results."""

from collections.abc import Mapping
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from cnn.architecture import parameter_counts
from cnn.model import Model
from cnn.weights import file_name, given_name
from routines.events import Figure, Noted
from routines.models import NOTE_LENGTH, Catalog, model_file, stopped_after
from routines.train_files import UNFINISHED
from system.errors import UserError, quote
from system.text import literal, percent

OK, INCOMPLETE, MISTAKE, INTERRUPTED = 0, 1, 2, 130  # exit statuses


def say(console: Console, text: str, style: str = "") -> None:
    """Print sentences as they are: no markup, no control characters of a file's name, and, into a pipe, no line breaks.

    Those could cut a path in two.
    """
    shown = "\n".join(map(literal, text.split("\n")))
    console.print(Text(shown, style), soft_wrap=not console.is_terminal)


def complain(console: Console, text: str, style: str = "yellow") -> None:
    """Print what is not as it should be: on a console that is otherwise quiet, too."""
    quiet, console.quiet = console.quiet, False
    try:
        say(console, text, style)
    finally:
        console.quiet = quiet


def say_note(console: Console, note: Noted) -> None:
    """Print a sentence of a routine."""
    if note.urgent:
        complain(console, note.text)
    else:
        say(console, note.text)


FAILURES = (UserError, OSError, MemoryError)


def say_figure(console: Console, figure: Figure) -> None:
    """Print where a figure is, or why there is none."""
    if figure.problem:
        complain(console, f"{figure.title}: {figure.problem}")
    else:
        say(console, f"{figure.title}: {figure.file or 'none'}")


def explain(error: Exception) -> str:
    """Return one of FAILURES in a sentence."""
    match error:
        case UserError():
            return str(error)
        case MemoryError():
            return "This needs more memory than there is. Close other programs, or choose a smaller network."
        case OSError():
            return (
                f"{error.filename or 'A file'}: refused by the system ({error.strerror}). Check name and permissions."
            )
    raise error


def table(*columns: str, title: str | None = None) -> Table:
    """Return an empty table in the style of this program; a column whose heading ends in '>' is aligned right."""
    made = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0), title=title)
    made.title_justify, made.title_style = "left", "bold"
    for column in columns:
        made.add_column(column.removesuffix(">"), justify="right" if column.endswith(">") else "left", overflow="fold")
    return made


def show_models(console: Console, catalog: Catalog) -> None:
    """Print the numbered models, then the files that are none."""
    made = table("#>", "Model", "Accuracy>", "Parameters>", "Trained")
    for column, width in zip(made.columns, (1, 1, 8, 10, 10), strict=True):
        column.min_width = width  # where the terminal is narrow, the model string alone is folded
    for number, model in enumerate(catalog.models, 1):
        note = model_note(model)
        cells = (
            str(number),
            model_name(model) + (note and f"\n  {note}"),
            _accuracy(model.metadata),
            f"{model.parameter_count:,}",
            _date(model.metadata),
        )
        made.add_row(*map(Text, cells))  # a plain string would have its brackets taken for markup
    console.print(made if catalog.models else Text("No trained models yet."))
    for name, reason in catalog.refused:
        say(console, f"Not a model: {quote(name)}: {reason}", "yellow")


def model_name(model: Model) -> str:
    """Return the model string; with a name that it was given, or that is not the usual, and how far it got."""
    name, file, stopped = model.string, model_file(model), stopped_after(model)
    usual = file_name(model.specs)
    if given := given_name(file):
        name = f"{literal(given)}: {name}"
    elif file.name not in ((usual, UNFINISHED + usual) if stopped else (usual,)):
        name += f" ({quote(file.name)})"
    data = model.metadata.get("data", "MNIST")
    if data != "MNIST":
        name += f" on {quote(str(data))}"
    return f"{name}, stopped after {stopped[0]:,} of {stopped[1]:,} epochs" if stopped else name


def model_note(model: Model) -> str:
    """Return the note that somebody wrote of a model; empty without one."""
    note = model.metadata.get("note")
    return literal(note[:NOTE_LENGTH]) if isinstance(note, str) else ""


def layers_table(model: Model) -> Table:
    """Return each layer with its number, token, output shape and parameters."""
    made = table("#>", "Layer", "Output>", "Parameters>")
    counts = parameter_counts(model.specs)
    for layer, parameters in zip(model.layers, counts, strict=True):
        shape = "x".join(map(str, layer.shape))
        made.add_row(str(layer.number), str(layer.spec), shape, f"{parameters:,}" if parameters else "")
    made.add_row("", "", "", f"{sum(counts):,}", style="bold")
    return made


def _accuracy(metadata: Mapping[str, Any]) -> str:
    accuracy = metadata.get("accuracy")
    return percent(accuracy) if isinstance(accuracy, float) and 0 <= accuracy <= 1 else ""


def _date(metadata: Mapping[str, Any]) -> str:
    date = metadata.get("date")
    return date[:10] if isinstance(date, str) and date[:10].isprintable() else ""
