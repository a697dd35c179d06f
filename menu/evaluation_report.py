"""What the terminal shows of an evaluation: its figures, per class, and what was read as what."""

import numpy as np
from rich.console import Group, RenderableType
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from cnn.architecture import DIGITS
from cnn.evaluation import Evaluation
from menu.render import table
from system.text import cut, literal, percent

COLUMNS, MATRIX_CLASSES = 80, 15  # of a narrow terminal, and how many classes a confusion matrix has there at most
CONFUSIONS = 10  # that are listed in its place


def evaluation_report(evaluation: Evaluation) -> RenderableType:
    """Return the figures of an evaluation, per class and as confusion matrix."""
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
    confusions = _confusion_table(evaluation) if _matrix_fits(evaluation) else _commonest_confusions(evaluation)
    return Group(figures, Text(), _classes_table(evaluation), Text(), confusions, Text())


def _classes_table(evaluation: Evaluation) -> Table:
    made = table(_heading(evaluation), "Images>", "Precision>", "Recall>", "F1>")
    for score in evaluation.per_digit:
        shares = map(percent, (score.precision, score.recall, score.f1))
        made.add_row(Text(_names(evaluation)[score.digit]), f"{score.images:,}", *shares)
    return made


def _matrix_fits(evaluation: Evaluation) -> bool:
    counts = evaluation.confusion_matrix.max(axis=0)
    width = max(map(len, _names(evaluation))) + sum(len(str(count)) + 2 for count in counts)
    return len(counts) <= MATRIX_CLASSES and width <= COLUMNS


def _confusion_table(evaluation: Evaluation) -> Table:
    names = _names(evaluation)
    made = table("Is>", *(f"{escape(name)}>" for name in names), title="Read as (columns)")
    matrix = evaluation.confusion_matrix
    made.columns[0].no_wrap = True
    for column, counts in zip(made.columns[1:], matrix.T, strict=True):
        column.min_width = len(str(counts.max()))  # where there is little room, headings alone are folded
    worst = int((matrix * (1 - np.eye(len(matrix), dtype=int))).max())
    for place, row in enumerate(matrix):
        cells = [
            Text(str(count) if count else ".", _cell_style(int(count), column == place, worst))
            for column, count in enumerate(row)
        ]
        made.add_row(Text(names[place], "bold"), *cells)
    return made


def _commonest_confusions(evaluation: Evaluation) -> Table:
    """Return what is misread most often, where the matrix would be too wide."""
    names, matrix = _names(evaluation), evaluation.confusion_matrix
    made = table("Is", "Read as", "Images>", title=(title := "Commonest confusions"))
    made.min_width = len(title)
    misread = matrix * (1 - np.eye(len(matrix), dtype=int))
    for place in np.argsort(-misread, axis=None, kind="stable")[:CONFUSIONS]:
        row, column = divmod(int(place), len(matrix))
        if count := int(misread[row, column]):
            made.add_row(Text(names[row]), Text(names[column]), f"{count:,}")
    return made


def _names(evaluation: Evaluation) -> list[str]:
    return [cut(literal(name)) for name in evaluation.class_names]


def _heading(evaluation: Evaluation) -> str:
    return "Digit>" if evaluation.class_names == DIGITS else "Class>"


def _cell_style(count: int, right: bool, worst: int) -> str:
    """Blue for what was read right, orange for what was misread, stronger the more often: a pair for all eyes."""
    if count == 0:
        return "dim"
    if right:
        return "bold white on rgb(0,80,140)"
    strength = count / worst
    return f"bold white on rgb({90 + int(130 * strength)},{40 + int(40 * strength)},0)"
