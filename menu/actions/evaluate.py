"""Evaluating a model on test images."""

import argparse
from functools import partial

from rich.console import Console

from cnn.model import Model
from menu import options
from menu.evaluation_report import evaluation_report
from menu.progress import Follower
from menu.render import OK, say_figure, say_note
from routines.evaluate import EvaluateRequest, evaluate
from routines.events import Evaluated, Event, Figure, Noted
from routines.places import Places

EXAMPLES = (
    "evaluate --model 1",
    'evaluate --weights "weight_output/weight_detailsC(8,5)-P2-C(16,3)-P2-FC128-FC10.npz" --json',
)


def ask(console: Console, places: Places, model: Model) -> None:
    """Evaluate a model; there is nothing to ask."""
    _evaluate(console, places, EvaluateRequest(model), False)


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    options.add_model(parser)
    options.add_data(parser)


def run(console: Console, places: Places, chosen: argparse.Namespace) -> int:
    """Evaluate as the command line says; returns the exit status."""
    model = options.chosen_model(chosen, places)
    _evaluate(console, places, EvaluateRequest(model, chosen.data, figures=not chosen.json), chosen.json)
    return OK


def _evaluate(console: Console, places: Places, request: EvaluateRequest, json: bool) -> None:
    follower = Follower(console, json)
    follower.follow(evaluate(request, places, follower.stop), partial(_show, console))


def _show(console: Console, event: Event) -> None:
    match event:
        case Evaluated():
            console.print(evaluation_report(event.evaluation))
        case Noted():
            say_note(console, event)
        case Figure():
            say_figure(console, event)
