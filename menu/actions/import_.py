"""Taking a model of Keras, or the arrays of another program."""

import argparse
import sys
from functools import partial
from pathlib import Path

from rich.console import Console

from cnn.exchange.foreign_npz import CHANNELS_FIRST, CHANNELS_LAST
from menu import conversions, options, prompts
from menu.progress import Follower
from menu.render import OK, say, say_note
from routines.answers import Constant, LayoutAnswers
from routines.events import Event, Imported, Noted
from routines.import_model import ImportRequest, import_model
from routines.places import Places
from system.errors import UserError, quote
from system.text import percent

LAYOUTS = {"first": CHANNELS_FIRST, "last": CHANNELS_LAST}

EXAMPLES = (
    "import theirs.keras",
    'import theirs.npz --model "C(8,5)-P2-C(16,3)-P2-FC128-FC10" --layout first --output theirs_here.npz --json',
)


class Prompts:
    """The question of an import, asked at a prompt."""

    def __init__(self, console: Console, follower: Follower) -> None:
        self._console, self._follower = console, follower

    def layout(self, question: str) -> str:
        """Ask where the channels lie."""
        with self._follower.pause():
            say(self._console, f"{question}.")
            return prompts.ask(self._console, "Channels first or last", _layout)


def _layout(text: str) -> str:
    """Return the layout that a word stands for."""
    if text.lower() not in LAYOUTS:
        raise UserError(f"Channels are first or last: {quote(text)} was given. Type one of them.")
    return LAYOUTS[text.lower()]


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    parser.add_argument("file", type=Path, metavar="FILE", help=".keras, or .npz with --model")
    parser.add_argument(
        "--model", type=options.argument(conversions.model), help="model string of the arrays of an .npz"
    )
    parser.add_argument("--layout", choices=LAYOUTS, help="where channels lie in an .npz, where shapes do not say")
    parser.add_argument("--output", type=Path, metavar="FILE.npz", help="where the weights go")


def run(console: Console, places: Places, chosen: argparse.Namespace) -> int:
    """Import as the command line says; returns the exit status."""
    follower = Follower(console, chosen.json)
    asks = not (chosen.layout or chosen.json) and sys.stdin.isatty()
    answers: LayoutAnswers = Constant(channels=LAYOUTS.get(chosen.layout))
    if asks:
        answers = Prompts(console, follower)
    request = ImportRequest(chosen.file, chosen.model, chosen.output)
    follower.follow(import_model(request, places, answers, follower.stop), partial(_show, console))
    return OK


def _show(console: Console, event: Event) -> None:
    match event:
        case Imported():
            accuracy = event.model.metadata.get("accuracy")
            read = "" if accuracy is None else f", test accuracy {percent(accuracy)}"
            lies = f", {event.layout}" if event.layout else ""
            say(console, f"{event.model.string}: {event.model.parameter_count:,} parameters{lies}{read}", "bold")
            say(console, f"Weights: {event.output}")
        case Noted():
            say_note(console, event)
