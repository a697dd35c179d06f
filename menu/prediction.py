"""What the menu and the command line do with pictures: find them, have them read, show and keep what was read."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

from rich.console import Console
from rich.text import Text

from cnn.weights import WeightFile
from cnn.workers import available_cores
from menu.interrupt import deferred_interrupt
from menu.pictures import FolderError, ResizedFolder, find_pictures
from menu.render import digit_lines, literal, percent, progress_bar, say
from menu.sheet import ContactSheets
from preprocessing.prediction import Prediction, predict

DRAWN = 50  # pictures, at most, whose digits are drawn: more would only scroll away


@dataclass
class Counts:
    """How many pictures were read, and how many could not be."""

    read: int = 0
    refused: int = 0


def predict_pictures(
    console: Console,
    weights: WeightFile,
    paths: Sequence[Path],
    on_prediction: Callable[[Prediction], None] = lambda prediction: None,
) -> Counts:
    """Read pictures, say what they show, and keep what the network saw; Ctrl-C stops between two pictures.

    Raises:
        FolderError: where there are no pictures; ReaderError: when a process that reads them is gone.
    """
    pictures = find_pictures(paths)
    folder = _Folder(console, weights, pictures)
    counts = Counts()
    start = perf_counter()
    with progress_bar(console) as bar, deferred_interrupt() as check_interrupt:
        task = bar.add_task("Reading", total=len(pictures), things="pictures", note="")
        for prediction in predict(weights.network(), pictures, available_cores()):
            _show(console, prediction, drawn=len(pictures) <= DRAWN)
            on_prediction(prediction)
            folder.keep(prediction)
            counts.refused += bool(prediction.file.error)
            counts.read += not prediction.file.error
            bar.advance(task)
            check_interrupt()
    say(console, _summary(counts, perf_counter() - start), "bold")
    folder.finish()
    return counts


class _Folder:
    """The folder of what the network saw, for as long as it can be written: the answers do not depend on it."""

    def __init__(self, console: Console, weights: WeightFile, pictures: Sequence[Path]) -> None:
        self._console = console
        self._resized: ResizedFolder | None = None
        with self._tried():
            self._resized = ResizedFolder(pictures)
            self._sheets = ContactSheets(self._resized, f"Read by {weights.model}")

    def keep(self, prediction: Prediction) -> None:
        with self._tried():
            if self._resized:
                self._resized.save(prediction)
                self._sheets.add(prediction)

    def finish(self) -> None:
        with self._tried():
            if self._resized:
                self._sheets.finish()
                say(self._console, f"What the network saw: {self._resized.path}")
                for path in self._sheets.paths[:1]:
                    more = f" and {len(self._sheets.paths) - 1:,} more" if len(self._sheets.paths) > 1 else ""
                    say(self._console, f"Contact sheet: {path}{more}")

    @contextmanager
    def _tried(self) -> Iterator[None]:
        try:
            yield
        except FolderError as error:
            self._resized = None
            say(self._console, f"{error} What the network sees is not kept.", "yellow")


def answer(prediction: Prediction) -> str:
    """What was read, in a line: `7 with 99.72% confidence`, and the runner-up of a single digit."""
    if not prediction.digits:
        return "nothing"
    text = f"{prediction.number} with {percent(prediction.confidence)} confidence"
    if len(prediction.digits) > 1:
        each = ", ".join(f"{read.digit} {percent(read.confidence)}" for read in prediction.digits)
        return f"{text} ({each})"
    digit, probability = prediction.digits[0].runner_up
    return f"{text} (then {digit} with {percent(probability)})"


def _show(console: Console, prediction: Prediction, drawn: bool) -> None:
    name = literal(prediction.file.path.name)
    if prediction.file.error:
        say(console, f"{name}: {_reason(prediction)}", "red")
        return
    if drawn and prediction.digits:
        for line in digit_lines([read.found.image for read in prediction.digits], console):
            console.print(line, soft_wrap=True)
    line = Text(f"{name} -> ").append(answer(prediction), "bold")
    console.print(line, soft_wrap=not console.is_terminal)
    for warning in prediction.warnings:
        say(console, f"  {warning}", "yellow")


def _reason(prediction: Prediction) -> str:
    return prediction.file.error.removeprefix(f"{prediction.file.path}: ")


def _summary(counts: Counts, seconds: float) -> str:
    refused = f", {counts.refused:,} could not be read" if counts.refused else ""
    rate = f" ({counts.read / seconds:,.0f} a second)" if counts.read > 1 else ""
    return f"{counts.read:,} {'picture' if counts.read == 1 else 'pictures'} read{refused}, {seconds:.1f} s{rate}"
