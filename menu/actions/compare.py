"""Comparing networks."""

import argparse
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TypeVar

from rich.console import Console

from cnn.architecture import EXAMPLE, to_string
from cnn.model import Model
from cnn.recipe import SETTINGS, Recipe, whole_number
from menu import conversions, options, prompts
from menu.compare_report import SO_FAR, TrialLines, show_compared, show_planned, standings_table
from menu.progress import Follower
from menu.render import OK, say, say_figure, say_note
from routines.compare import MOST_SEEDS, SEEDS, VALIDATION, CompareRequest, compare, pick
from routines.comparison.events import Compared, Picked, Planned, SoFar, TrialDone
from routines.comparison.search import Limits, read_limits
from routines.events import Event, Figure, Noted
from routines.figures import draw_comparison
from routines.models import weight_path
from routines.places import Places
from system.errors import UserError, quote
from system.text import percent

EXAMPLES = (
    'compare --models "C(8,5)-P2-FC10" "C(8,5)-P2-FC32-FC10" --learning-rates 0.001 0.002 --epochs 3',
    'compare --search "under 20000 parameters" --budget 10 --output search --test 1 --json',
)
SEARCHES = ("under", "faster")  # how the limits of a search begin, and no model string
T = TypeVar("T")
_SETTING = {setting.name: setting for setting in SETTINGS}
RATE, EPOCHS, SHARE, SEED = (_SETTING[name] for name in ("learning_rate", "epochs", "validation", "seed"))


def ask(console: Console, places: Places, model: Model | None = None) -> None:
    """Ask for model strings, rates, epochs and seeds; compare them, and read the test images with those picked."""
    what = "Model strings with spaces between, or what to search for, such as 'under 20000 parameters'"
    networks = prompts.ask(console, what, _networks, f"{EXAMPLE} C(8,5)-P2-FC10")
    rates = prompts.ask(console, "Learning rates", _each(RATE.convert), f"{RATE.default:g}", RATE.range)
    epochs = prompts.ask(console, "Epochs", EPOCHS.convert, f"{EPOCHS.default}", EPOCHS.range)
    why = "Each network is trained once for each seed: without several, a difference may be luck."
    seeds = prompts.ask(console, "Seeds, how many", _seeds, str(SEEDS), why)
    recipe = Recipe(epochs=epochs, validation=VALIDATION)
    request = CompareRequest((), _default_output(places), rates, seeds, recipe)
    if isinstance(networks, Limits):
        why = "A search trains many networks a little, and few of them to the end, until the time is over."
        budget = prompts.ask(console, "Minutes for the search", _minutes, "10", why)
        request = replace(request, limits=networks, budget=budget)
    else:
        request = replace(request, models=networks)
    follower = Follower(console)
    shown = partial(_show, console, follower, TrialLines())

    def begin(event: Event) -> None:
        shown(event)
        if isinstance(event, Planned):
            with follower.pause():
                if not prompts.confirm(console, "Begin?", True):
                    raise prompts.Back

    follower.follow(compare(request, places, follower.stop), begin)
    if not (compared := follower.last(Compared)):
        return
    follower.follow(draw_comparison(compared), shown)
    why = "Networks were chosen by validation images. A test accuracy is only honest of few that were chosen before."
    numbers = prompts.ask(console, "Test accuracy of which numbers, Enter for none", _numbers, "", why)
    if not numbers:
        return
    best = compared.standings[numbers[0] - 1].model if numbers[0] <= len(compared.standings) else ""
    output = None
    if best:
        path = weight_path(places, conversions.digit_model(best))
        question = f"Keep the weights of number {numbers[0]} as {path.name}, in the place of those there?"
        output = path if prompts.confirm(console, question, not path.exists()) else None
    follower.follow(pick(compared.standings, numbers, request, places, output), shown)


def _default_output(places: Places) -> Path:
    return places.weights / "comparison"


def _model(text: str) -> str:
    return to_string(conversions.model(text))


def _networks(text: str) -> tuple[str, ...] | Limits:
    """Return the limits of a search, or canonical model strings."""
    return read_limits(text) if text.strip().lower().startswith(SEARCHES) else _each(_model)(text)


def _each(convert: Callable[[str], T]) -> Callable[[str], tuple[T, ...]]:
    """Return a conversion of several words."""
    return lambda text: tuple(map(convert, text.split()))


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(map(whole_number, text.replace(",", " ").split()))


def _seeds(text: str) -> int:
    count = whole_number(text)
    if not 1 <= count <= MOST_SEEDS:
        raise UserError(f"The number of seeds is from 1 to {MOST_SEEDS}: {count} was given. Choose another.")
    return count


def _minutes(text: str) -> float:
    try:
        minutes = float(text)
    except ValueError:
        minutes = 0.0
    if not 0 < minutes <= 10**6:
        raise UserError(f"A budget is in minutes, above 0: {quote(text)} was given. Try 10.")
    return minutes


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    argument = options.argument
    parser.add_argument("--models", nargs="+", default=[], type=argument(_model), metavar="M", help="model strings")
    parser.add_argument(
        "--learning-rates",
        nargs="+",
        default=[RATE.default],
        type=argument(RATE.convert),
        metavar="R",
        help=f"each network is trained with each (default: {RATE.default:g}); in a search, one at random",
    )
    parser.add_argument(
        "--epochs",
        type=argument(EPOCHS.convert),
        default=EPOCHS.default,
        help=f"of a training; in a search, of the longest (default: {EPOCHS.default})",
    )
    parser.add_argument("--seeds", type=argument(_seeds), default=SEEDS, help=f"how many (default: {SEEDS})")
    parser.add_argument("--seed", type=argument(SEED.convert), default=SEED.default, help="the first (default: 0)")
    parser.add_argument(
        "--validation",
        type=argument(SHARE.convert),
        default=VALIDATION,
        help=f"share of the images that is held out to judge by (default: {VALIDATION:g})",
    )
    parser.add_argument("--search", metavar="LIMITS", help='"under N parameters", "faster than M", or both with "and"')
    parser.add_argument("--budget", type=argument(_minutes), metavar="MINUTES", help="when to start no more trainings")
    parser.add_argument("--output", type=Path, metavar="FOLDER", help="default: weight_output/comparison")
    parser.add_argument(
        "--test", nargs="+", default=[], type=argument(whole_number), metavar="N", help="numbers of the table to test"
    )
    parser.add_argument("--save", type=Path, metavar="FILE.npz", help="the weights of the first of --test, else of 1")
    options.add_data(parser)
    options.add_cluster(parser)


def run(console: Console, places: Places, chosen: argparse.Namespace) -> int:
    """Compare as the command line says; returns the exit status."""
    recipe = Recipe(epochs=chosen.epochs, seed=chosen.seed, validation=chosen.validation)
    output = (chosen.output or _default_output(places)).absolute()
    request = CompareRequest(
        models=tuple(chosen.models),
        output=output,
        rates=tuple(chosen.learning_rates),
        seeds=chosen.seeds,
        recipe=recipe,
        data=chosen.data,
        budget=chosen.budget,
        limits=None if chosen.search is None else read_limits(chosen.search),
        cluster=chosen.cluster,
    )
    follower = Follower(console, chosen.json)
    shown = partial(_show, console, follower, TrialLines())
    follower.follow(compare(request, places, follower.stop), shown)
    compared = follower.last(Compared)
    if not compared:
        raise UserError("A comparison needs time for a training, but there was none. Give a larger --budget.")
    follower.follow(draw_comparison(compared), shown)
    numbers = tuple(chosen.test) or ((1,) if chosen.save else ())
    follower.follow(pick(compared.standings, numbers, request, places, chosen.save and chosen.save.absolute()), shown)
    return OK


def _show(console: Console, follower: Follower, lines: TrialLines, event: Event) -> None:
    match event:
        case Planned():
            show_planned(console, event)
        case TrialDone():
            lines.show(console, event)
        case SoFar():
            follower.below = standings_table(event.standings[:SO_FAR], console.width)
        case Compared():
            show_compared(console, event)
        case Picked():
            say(console, f"{event.number}  {event.model.string}: test accuracy {percent(event.evaluation.accuracy)}")
            if event.output:
                say(console, f"Weights: {event.output}")
        case Figure():
            say_figure(console, event)
        case Noted():
            say_note(console, event)
