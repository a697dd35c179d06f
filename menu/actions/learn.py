"""Teaching a model somebody's handwriting."""

import argparse
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from rich.console import Console

from cnn.model import Model
from menu import options, prompts
from menu.drawing import digit_lines
from menu.progress import Follower
from menu.render import OK, complain, say, say_note
from preprocessing.picture import PictureError
from routines.events import Event, Learned, Noted
from routines.learn import NAME, LearnRequest, check_free, learn, named_output
from routines.learn_pictures import Labelled, check_label, find_labelled, read_digits
from routines.places import Places
from system.text import percent

EXAMPLES = (
    "learn --model 1 7_1.jpg 7_2.jpg 1234_a.png",
    'learn --weights mine.npz scans/ drawings.zip --name "My hand" --json',
)
SKIP, BACK = "s", "b"


def ask(console: Console, places: Places, model: Model) -> None:
    """Ask for pictures, for the label of each that has none, and for a name; then teach a copy of the model."""
    question, explanation = "Pictures, a folder or a .zip", "Pictures that nobody labelled are shown one by one."
    pictures = prompts.ask(console, question, _pictures, str(places.pictures), explanation)
    labelled = _ask_labels(console, model, pictures)
    explanation = "The name stands behind the model string in the file's name."
    output = prompts.ask(console, "Name", partial(named_output, places, model), NAME, explanation)
    _learn(console, places, LearnRequest(model, labelled, output), False)


def _pictures(text: str) -> list[Labelled]:
    return find_labelled((Path(text).expanduser(),))


def _ask_labels(console: Console, model: Model, pictures: Sequence[Labelled]) -> tuple[Labelled, ...]:
    """Return pictures with labels: those that have one, and those that somebody gives one."""
    labelled = [picture for picture in pictures if picture.label]
    asked = [picture for picture in pictures if not picture.label]
    given: dict[int, Labelled] = {}
    number = 0
    while number < len(asked):
        answer = _ask_label(console, model, asked[number], f"{number + 1}/{len(asked)}")
        if answer == BACK:
            number = max(0, number - 1)
            continue
        given.pop(number, None)
        if answer != SKIP:
            given[number] = replace(asked[number], label=answer)
        number += 1
    return (*labelled, *(given[number] for number in sorted(given)))


def _ask_label(console: Console, model: Model, picture: Labelled, place: str) -> str:
    """Show the digits of a picture and ask which they are; returns them, SKIP or BACK."""
    try:
        digits = read_digits(model, picture)
    except PictureError as error:
        complain(console, str(error))
        return SKIP
    say(console, f"\n{place}  {picture.name}", "bold")
    if not len(digits.images):
        complain(console, "No ink was found: it is left out.")
        return SKIP
    for line in digit_lines(list(digits.images), console):
        console.print(line)
    explanation = f"Type the digits of the picture; {SKIP} skips it, {BACK} goes back to the one before."
    return prompts.ask(console, f"Digits, {SKIP} or {BACK}", _answer, digits.number, explanation)


def _answer(text: str) -> str:
    return text.lower() if text.lower() in (SKIP, BACK) else check_label(text)


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    options.add_model(parser)
    parser.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="pictures, folders, labels.csv or a .zip")
    place = parser.add_mutually_exclusive_group()
    place.add_argument("--name", default=NAME, help=f"what the new model is called (default: {NAME})")
    place.add_argument("--output", type=Path, metavar="FILE.npz", help="where it goes, in place of weight_output/")


def run(console: Console, places: Places, chosen: argparse.Namespace) -> int:
    """Teach as the command line says; returns the exit status."""
    model = options.chosen_model(chosen, places)
    output = check_free(chosen.output.absolute()) if chosen.output else named_output(places, model, chosen.name)
    _learn(console, places, LearnRequest(model, tuple(find_labelled(chosen.paths)), output), chosen.json)
    return OK


def _learn(console: Console, places: Places, request: LearnRequest, json: bool) -> None:
    follower = Follower(console, json)
    follower.follow(learn(request, places, follower.stop), partial(_show, console))


def _show(console: Console, event: Event) -> None:
    match event:
        case Learned():
            _show_learned(console, event)
        case Noted():
            say_note(console, event)


def _show_learned(console: Console, event: Learned) -> None:
    found = event.improvement
    if event.step:
        say(
            console,
            f"Of {found.digits} digits on {found.pictures} pictures, each read by a model that has not seen it: "
            f"{found.right_before} right before, {found.right_after} after",
            "bold",
        )
        say(
            console,
            f"Pictures read right only after: {found.gained}; only before: {found.lost}; doubtful before: "
            f"{found.doubtful_before}, after: {found.doubtful_after}; of {found.read} read right after, more "
            f"surely: {found.surer}",
        )
    before, after = percent(event.test_before.accuracy), percent(event.test_after.accuracy)
    say(console, f"Test accuracy {before} before, {after} after; time taken {event.seconds:.1f} s")
    if 0 < event.step < 1:
        say(console, f"So that nothing else is forgotten, it went {event.step:.0%} of the way to what was learned.")
    if event.output:
        say(console, f"Weights: {event.output}")
    else:
        complain(console, f"{_reason(event)} The old model is kept, and nothing was saved.")


def _reason(event: Learned) -> str:
    """Say why a model was not kept."""
    found = event.improvement
    if not event.step:
        return "Even a part of what was learned would make it forget too much else."
    if not found.doubtful_before:
        return "All was read right and without a doubt: there was nothing to learn. Give pictures that it misreads."
    return "It did not help by more than luck: one picture more may be chance. Give more pictures that it misreads."
