"""What the terminal shows: tables and lines, from results."""

from typing import Any

from rich import box
from rich.console import Console, Group, RenderableType
from rich.progress import BarColumn, Progress, ProgressColumn, Task, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from cnn.architecture import DIGITS, Specs, output_shapes, parameter_counts
from cnn.evaluation import Evaluation
from cnn.training import EpochResult
from cnn.weights import WeightFile
from menu.catalog import Catalog


def say(console: Console, text: str, style: str = "") -> None:
    """Print a sentence as it is: no markup and, into a pipe, no line breaks, which could cut a path in two."""
    console.print(Text(text, style), soft_wrap=not console.is_terminal)


def quote(text: str) -> str:
    """Anybody's text in quotes, on one line: control characters escaped, cut where it is long."""
    return repr(text if len(text) <= 60 else text[:57] + "...")


def table(*columns: str, title: str | None = None) -> Table:
    """An empty table in the style of this program; a column whose heading ends in '>' is aligned to the right."""
    made = Table(box=box.SIMPLE_HEAD, title=title, title_justify="left", title_style="bold", pad_edge=False)
    for column in columns:
        made.add_column(column.removesuffix(">"), justify="right" if column.endswith(">") else "left", no_wrap=True)
    return made


def show_models(console: Console, catalog: Catalog) -> None:
    """Print the numbered models, then the files that are none."""
    made = table("#>", "Model", "Accuracy>", "Parameters>", "Trained")
    for number, model in enumerate(catalog.models, 1):
        made.add_row(
            str(number), model_name(model), _accuracy(model.metadata), f"{model.parameters:,}", _date(model.metadata)
        )
    console.print(made if catalog.models else Text("No trained models yet."))
    for name, reason in catalog.refused:
        say(console, f"Not a model: {quote(name)}: {reason}", "yellow")


def model_name(model: WeightFile) -> str:
    """The model string; with the file's name, where that is another."""
    usual = model.path.name == f"weight_details{model.model}.npz"
    return model.model if usual else f"{model.model} ({quote(model.path.name)})"


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
        f"{result.accuracy:>18.2%} {result.seconds:>8.1f} s {result.images_per_second:>10,.0f}"
    )


EPOCH_HEADING = (
    f"{'epoch':>9} {'mean loss':>11} {'median loss':>13} {'training accuracy':>18} {'time':>10} {'images/s':>10}"
)


class _Rate(ProgressColumn):
    """Images a second."""

    def render(self, task: Task) -> Text:
        return Text(f"{task.speed:,.0f} images/s" if task.speed else "")


def progress_bar(console: Console) -> Progress:
    """A bar in images, with rate, time left, and whatever its task calls `note`."""
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
        ("Accuracy", f"{evaluation.accuracy:.2%}  ({evaluation.correct:,} of {evaluation.images:,})"),
        ("Precision, macro", f"{evaluation.precision:.2%}"),
        ("Recall, macro", f"{evaluation.recall:.2%}"),
        ("F1, macro", f"{evaluation.f1:.2%}"),
        ("One-versus-rest accuracy", f"{evaluation.one_vs_rest_accuracy:.2%}"),
        ("Time", f"{evaluation.seconds:.2f} s  ({evaluation.images / evaluation.seconds:,.0f} images/s)"),
    ):
        figures.add_row(name, value)
    return Group(figures, Text(), _digits_table(evaluation), _confusion_table(evaluation))


def _digits_table(evaluation: Evaluation) -> Table:
    made = table("Digit>", "Images>", "Precision>", "Recall>", "F1>")
    for score in evaluation.per_digit:
        shares = (f"{share:.2%}" for share in (score.precision, score.recall, score.f1))
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


def _accuracy(metadata: Any) -> str:
    accuracy = metadata.get("accuracy")
    return f"{accuracy:.2%}" if isinstance(accuracy, float) and 0 <= accuracy <= 1 else ""


def _date(metadata: Any) -> str:
    date = metadata.get("date")
    return date[:10] if isinstance(date, str) and date[:10].isprintable() else ""
