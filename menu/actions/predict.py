"""Reading pictures."""

import argparse
from functools import partial
from pathlib import Path

from rich.console import Console
from rich.text import Text

from cnn.model import Model
from menu import options
from menu.progress import Follower
from menu.render import INCOMPLETE, OK, complain, digit_lines, say, say_note
from preprocessing.prediction import Prediction
from routines.events import Event, Noted, PicturesDone, PicturesKept, Predicted
from routines.places import Places
from routines.predict import PredictRequest, predict
from system.text import literal, percent

DRAWN = 50  # pictures, at most, whose digits are drawn: more would only scroll away


def ask(console: Console, places: Places, model: Model) -> None:
    """Read the user's pictures; there is nothing to ask."""
    _predict(console, places, PredictRequest(model), False)


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    options.add_model(parser)
    parser.add_argument(
        "paths", type=Path, nargs="*", metavar="PATH", help="picture or folder; else custom_test_images"
    )


def run(console: Console, places: Places, chosen: argparse.Namespace) -> int:
    """Read pictures as the command line says; returns the exit status."""
    model = options.chosen_model(chosen, places)
    done = _predict(console, places, PredictRequest(model, tuple(chosen.paths)), chosen.json)
    return INCOMPLETE if done and done.refused else OK


def _predict(console: Console, places: Places, request: PredictRequest, json: bool) -> PicturesDone | None:
    follower = Follower(console, json)
    follower.follow(predict(request, places, follower.stop), partial(show, console))
    return follower.last(PicturesDone)


def show(console: Console, event: Event) -> None:
    """Print what is said of pictures: each is drawn, where there are few."""
    match event:
        case Predicted():
            _show_picture(console, event.prediction, event.total <= DRAWN)
        case Noted():
            say_note(console, event)
        case PicturesDone():
            say(console, _summary(event), "bold")
        case PicturesKept():
            say(console, f"What the network saw: {event.folder}")
            for path in event.sheets[:1]:
                more = f" and {len(event.sheets) - 1:,} more" if len(event.sheets) > 1 else ""
                say(console, f"Contact sheet: {path}{more}")


def answer(prediction: Prediction) -> str:
    """Return what was read, in a line: `7 with 99.72% confidence`, and the runner-up of a single digit.

    Lines of a page are apart by a bar, their numbers by two spaces.
    """
    if not prediction.digits:
        return "nothing"
    shown = " | ".join("  ".join(line) for line in prediction.lines) or prediction.number
    text = f"{shown} with {percent(prediction.confidence)} confidence"
    if len(prediction.digits) > 1:
        each = ", ".join(f"{read.name} {percent(read.confidence)}" for read in prediction.digits)
        return f"{text} ({each})"
    (read,) = prediction.digits
    other, probability = read.runner_up
    return f"{text} (then {read.class_names[other]} with {percent(probability)})"


def _show_picture(console: Console, prediction: Prediction, drawn: bool) -> None:
    name = literal(prediction.file.path.name)
    if prediction.file.error:
        complain(console, f"{name}: {prediction.file.error.removeprefix(f'{prediction.file.path}: ')}", "red")
        return
    if drawn and prediction.digits:
        for line in digit_lines([read.found.image for read in prediction.digits], console):
            console.print(line, soft_wrap=True)
    line = Text(f"{name} -> ").append(literal(answer(prediction)), "bold")
    console.print(line, soft_wrap=not console.is_terminal)
    for warning in prediction.warnings:
        say(console, f"  {warning}", "yellow")


def _summary(done: PicturesDone) -> str:
    refused = f", {done.refused:,} could not be read" if done.refused else ""
    rate = f" ({done.read / done.seconds:,.0f} a second)" if done.read > 1 else ""
    return f"{done.read:,} {'picture' if done.read == 1 else 'pictures'} read{refused}, {done.seconds:.1f} s{rate}"
