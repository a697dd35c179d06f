"""What the terminal shows: tables and lines, from results."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich import box
from rich.console import Console, Group, RenderableType
from rich.progress import BarColumn, Progress, ProgressColumn, Task, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from cnn.architecture import DIGITS, Specs, output_shapes, parameter_counts
from cnn.errors import UserError, quote
from cnn.evaluation import Evaluation
from cnn.training import EpochResult
from cnn.weights import WeightFile, file_name
from menu.catalog import Catalog


def say(console: Console, text: str, style: str = "") -> None:
    """Print sentences as they are: no markup, no control characters of a file's name, and, into a pipe, no line breaks.

    Those could cut a path in two.
    """
    shown = "\n".join(map(literal, text.split("\n")))
    console.print(Text(shown, style), soft_wrap=not console.is_terminal)


INK = 100  # of 255: what is drawn where there are no colours
FAILURES = (UserError, OSError, MemoryError)


def explain(error: Exception) -> str:
    """One of FAILURES in a sentence."""
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


def literal(text: str) -> str:
    """Anybody's text on one line: control characters, and what is no text, escaped."""
    return "".join(letter if letter.isprintable() else repr(letter)[1:-1] for letter in text)


def digit_lines(images: Sequence[NDArray[np.uint8]], console: Console) -> Iterator[Text]:
    """Pictures (28, 28), white on black, side by side, two rows of pixels a line; in grey, where there are colours."""
    pixels = np.hstack([np.pad(image, ((0, 0), (0, 1))) for image in images])[:, :-1]
    for pairs in pixels.reshape(-1, 2, pixels.shape[1]).swapaxes(1, 2).tolist():
        if console.color_system is None:
            yield Text("".join(" ▄▀█"[2 * (upper > INK) + (lower > INK)] for upper, lower in pairs).rstrip())
        else:
            grey = [f"rgb({upper},{upper},{upper}) on rgb({lower},{lower},{lower})" for upper, lower in pairs]
            yield Text.assemble(*(("▀", style) for style in grey))


def table(*columns: str, title: str | None = None) -> Table:
    """An empty table in the style of this program; a column whose heading ends in '>' is aligned to the right."""
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
        cells = (
            str(number),
            model_name(model),
            _accuracy(model.metadata),
            f"{model.parameters:,}",
            _date(model.metadata),
        )
        made.add_row(*map(Text, cells))  # a plain string would have its brackets taken for markup
    console.print(made if catalog.models else Text("No trained models yet."))
    for name, reason in catalog.refused:
        say(console, f"Not a model: {quote(name)}: {reason}", "yellow")


def model_name(model: WeightFile) -> str:
    """The model string; with the file's name and the data's, where those are others."""
    name = model.model
    if model.path.name != file_name(model.specs):
        name += f" ({quote(model.path.name)})"
    data = model.metadata.get("data", "MNIST")
    return name if data == "MNIST" else f"{name} on {quote(str(data))}"


def layers_table(specs: Specs) -> Table:
    """Each layer with its number, token, output shape and parameters."""
    made = table("#>", "Layer", "Output>", "Parameters>")
    counts = parameter_counts(specs)
    for number, (spec, shape, parameters) in enumerate(zip(specs, output_shapes(specs), counts, strict=True), 1):
        made.add_row(str(number), str(spec), "x".join(map(str, shape)), f"{parameters:,}" if parameters else "")
    made.add_row("", "", "", f"{sum(counts):,}", style="bold")
    return made


def epoch_line(result: EpochResult) -> str:
    """One row of the table that grows while training."""
    return (
        f"{f'{result.epoch}/{result.epochs}':>9} {result.mean_loss:>11.4f} {result.median_loss:>13.5f} "
        f"{percent(result.accuracy):>18} {result.seconds:>8.1f} s {result.images_per_second:>10,.0f}"
    )


EPOCH_HEADING = (
    f"{'epoch':>9} {'mean loss':>11} {'median loss':>13} {'training accuracy':>18} {'time':>10} {'images/s':>10}"
)


class _Rate(ProgressColumn):
    """What its task calls `things`, a second."""

    def render(self, task: Task) -> Text:
        if not task.speed:
            return Text()
        return Text(f"{task.speed:,.{0 if task.speed >= 10 else 1}f} {task.fields['things']}/s")


def progress_bar(console: Console) -> Progress:
    """A bar with a count, its rate, time left, and whatever its task calls `note`."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(bar_width=20),
        TextColumn("{task.completed:,.0f}/{task.total:,.0f}"),
        _Rate(),
        TimeRemainingColumn(compact=True),
        TextColumn("{task.fields[note]}"),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )


def evaluation_report(evaluation: Evaluation) -> RenderableType:
    """The figures of an evaluation, per digit and as confusion matrix."""
    figures = Table.grid(padding=(0, 2))
    for name, value in (
        ("Accuracy", f"{percent(evaluation.accuracy)}  ({evaluation.correct:,} of {evaluation.images:,})"),
        ("Precision, macro", f"{percent(evaluation.precision)}"),
        ("Recall, macro", f"{percent(evaluation.recall)}"),
        ("F1, macro", f"{percent(evaluation.f1)}"),
        ("One-versus-rest accuracy", f"{percent(evaluation.one_vs_rest_accuracy)}"),
        ("Time", f"{evaluation.seconds:.2f} s  ({evaluation.images / evaluation.seconds:,.0f} images/s)"),
    ):
        figures.add_row(name, value)
    return Group(figures, Text(), _digits_table(evaluation), Text(), _confusion_table(evaluation), Text())


def _digits_table(evaluation: Evaluation) -> Table:
    made = table("Digit>", "Images>", "Precision>", "Recall>", "F1>")
    for score in evaluation.per_digit:
        shares = map(percent, (score.precision, score.recall, score.f1))
        made.add_row(str(score.digit), f"{score.images:,}", *shares)
    return made


def _confusion_table(evaluation: Evaluation) -> Table:
    made = table("Is>", *(f"{digit}>" for digit in range(DIGITS)), title="Read as (columns)")
    matrix = evaluation.confusion_matrix
    worst = max(int(matrix[row, column]) for row in range(DIGITS) for column in range(DIGITS) if row != column)
    for digit, row in enumerate(matrix):
        cells = [
            Text(str(count) if count else ".", _cell_style(int(count), column == digit, worst))
            for column, count in enumerate(row)
        ]
        made.add_row(Text(str(digit), "bold"), *cells)
    return made


def _cell_style(count: int, right: bool, worst: int) -> str:
    """Blue for what was read right, orange for what was misread, stronger the more often: a pair for all eyes."""
    if count == 0:
        return "dim"
    if right:
        return "bold white on rgb(0,80,140)"
    strength = count / worst
    return f"bold white on rgb({90 + int(130 * strength)},{40 + int(40 * strength)},0)"


def percent(share: float) -> str:
    """A share as a percentage; 100% only where it is all."""
    return "99.99%" if 0.9999 < share < 1 else f"{share:.2%}"


def _accuracy(metadata: Mapping[str, Any]) -> str:
    accuracy = metadata.get("accuracy")
    return percent(accuracy) if isinstance(accuracy, float) and 0 <= accuracy <= 1 else ""


def _date(metadata: Mapping[str, Any]) -> str:
    date = metadata.get("date")
    return date[:10] if isinstance(date, str) and date[:10].isprintable() else ""
