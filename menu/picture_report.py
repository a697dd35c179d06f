"""What the terminal shows of pictures: each as it is read, and at the end of many a table, the most doubtful first."""

from dataclasses import dataclass, field

from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from menu.drawing import digit_lines
from menu.render import complain, say, table
from preprocessing.prediction import Prediction
from routines.events import PicturesDone
from system.text import literal, percent

FEW = 5  # pictures, at most, of which all is said at once, and whose digits are drawn
DRAWN_DIGITS = 40  # of a picture, at most
LISTED = 20  # rows of the table, at most


@dataclass(frozen=True)
class _Row:
    """What is kept of a picture for the table."""

    name: str
    number: str
    confidence: float
    remarks: tuple[str, ...]
    doubtful: bool
    refused: bool


@dataclass
class PictureReport:
    """Shows pictures that are read on a console.

    draw_all: whether the digits of many pictures are drawn too. with_folder: whether names begin with their folder.
    """

    console: Console
    draw_all: bool = False
    with_folder: bool = False
    _rows: list[_Row] = field(default_factory=list)

    def show(self, prediction: Prediction, total: int) -> None:
        """Show one picture of so many."""
        file = prediction.file
        name = literal(f"{file.path.parent.name}/{file.path.name}" if self.with_folder else file.path.name)
        remarks = (file.error.removeprefix(f"{file.path}: "),) if file.error else prediction.warnings
        row = _Row(
            name, literal(reading(prediction)), prediction.confidence, remarks, prediction.doubtful, bool(file.error)
        )
        self._rows.append(row)
        if file.error:
            complain(self.console, f"{name}: {remarks[0]}", "red")
        elif total <= FEW or self.draw_all:
            self._show_all(prediction, row)
        else:
            self._show_line(row)

    def summarize(self, done: PicturesDone) -> None:
        """Show how many pictures were read, and before it, of many, a table of the most doubtful.

        What was refused comes after them: it was named with its reason, while a wrong number looks like a right one.
        """
        rows = sorted(self._rows, key=lambda row: (not row.doubtful, row.refused, row.confidence))
        if len(rows) > FEW:
            self.console.print()
            self.console.print(_table(rows[:LISTED], self.console.width))
            if others := rows[LISTED:]:
                doubtful = f"{sum(row.doubtful for row in others):,}" if others[0].doubtful else "none"
                say(self.console, f"and {len(others):,} more, {doubtful} of them doubtful")
            self.console.print()
        say(self.console, _summary(done, sum(row.doubtful for row in rows) - done.refused), "bold")

    def _show_all(self, prediction: Prediction, row: _Row) -> None:
        images = [read.found.image for read in prediction.digits]
        for line in digit_lines(images[:DRAWN_DIGITS], self.console):
            self.console.print(line, no_wrap=True, overflow="crop")
        if len(images) > DRAWN_DIGITS:
            say(self.console, f"and {len(images) - DRAWN_DIGITS:,} digits more")
        line = Text(f"{row.name} -> ").append(literal(answer(prediction)), "bold")
        self.console.print(line, soft_wrap=not self.console.is_terminal)
        for warning in row.remarks:
            say(self.console, f"  {warning}", "yellow")

    def _show_line(self, row: _Row) -> None:
        name, number = row.name, row.number or "nothing"
        end = (f" with {percent(row.confidence)}" if row.number else "") + (" (doubtful)" if row.doubtful else "")
        if self.console.is_terminal:  # into a pipe they go whole
            number = shortened(number, self.console.width // 6)
            name = shortened(name, self.console.width - len(f" -> {end}") - cell_len(number))
        line = Text(f"{name} -> ").append(number, "bold").append(end, "yellow" if row.doubtful else "")
        self.console.print(line, soft_wrap=not self.console.is_terminal)


def reading(prediction: Prediction) -> str:
    """Return what was read, without how sure: lines of a page are apart by a bar, their numbers by two spaces."""
    return " | ".join("  ".join(line) for line in prediction.lines) or prediction.number


def answer(prediction: Prediction) -> str:
    """Return what was read, in a line: `7 with 99.72% confidence`, and the runner-up of a single digit."""
    if not prediction.digits:
        return "nothing"
    text = f"{reading(prediction)} with {percent(prediction.confidence)} confidence"
    if len(prediction.digits) > 1:
        each = ", ".join(f"{read.name} {percent(read.confidence)}" for read in prediction.digits)
        return f"{text} ({each})"
    (read,) = prediction.digits
    other, probability = read.runner_up
    return f"{text} (then {read.class_names[other]} with {percent(probability)})"


def shortened(text: str, columns: int) -> str:
    """Return a text whose middle is left out, if it takes more columns: names that begin alike end in other ways."""
    if cell_len(text) <= columns:
        return text
    half = max(1, columns // 2)
    first, last = text[:half], text[-half:]
    while len(first + last) > 2 and cell_len(f"{first}...{last}") > columns:
        if len(first) > 1 and cell_len(first) >= cell_len(last):
            first = first[:-1]
        else:
            last = last[1:]
    return f"{first}...{last}"


def _table(rows: list[_Row], width: int) -> Table:
    made = table("File", "Number", "Sure>", "Warning")
    for row in rows:
        remark = row.remarks[0] if row.remarks else ""
        if len(row.remarks) > 1:
            remark += f" And {len(row.remarks) - 1} more."
        made.add_row(
            Text(shortened(row.name, max(12, 3 * width // 10))),
            Text(shortened(row.number, max(7, width // 6))),
            percent(row.confidence) if row.number else "",
            Text(literal(remark), "yellow"),
        )
    return made


def _summary(done: PicturesDone, doubtful: int) -> str:
    parts = [f"{done.read:,} {'picture' if done.read == 1 else 'pictures'} read"]
    parts += [f"{doubtful:,} doubtful"] if doubtful else []
    parts += [f"{done.refused:,} could not be read"] if done.refused else []
    rate = f" ({done.read / done.seconds:,.0f} a second)" if done.read > 1 else ""
    return ", ".join([*parts, f"{done.seconds:.1f} s{rate}"])
