"""The menu, made from the table of actions, shown again until somebody leaves."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from rich.console import Console

from cnn.model import Model
from menu import prompts
from menu.actions import ACTIONS, Action
from menu.render import FAILURES, INTERRUPTED, OK, explain, model_name, say, show_models
from routines.models import read_catalog
from routines.places import PLACES, Places
from system.errors import UserError, quote


@dataclass(frozen=True)
class Option:
    """A line of a menu; without an action it is the way out."""

    key: str
    title: str
    action: Callable[[], None] | None = None


def start() -> int:
    """Open the menu in this terminal; returns the exit status."""
    return run(Console())


def run(console: Console, places: Places = PLACES) -> int:
    """Show the main menu until somebody leaves; returns the exit status."""
    say(console, "A convolutional network in NumPy that reads handwritten digits", "bold")
    try:
        while _main_menu(console, places):
            pass
    except EOFError:
        say(console, "\nEnd of input: goodbye.")
    except KeyboardInterrupt:
        say(console, "\nInterrupted: goodbye.")
        return INTERRUPTED
    return OK


def _main_menu(console: Console, places: Places) -> bool:
    catalog = read_catalog(places)
    console.print()
    show_models(console, catalog)
    options = [
        Option(str(number), model_name(model), partial(_model_menu, console, places, model))
        for number, model in enumerate(catalog.models, 1)
    ]
    without_model = [action for action in ACTIONS if action.title and not action.key]
    others = [(action.title, partial(_start, action, console, places, None)) for action in without_model]
    for number, (title, start) in enumerate([*others, ("To leave", None)], len(options) + 1):
        options.append(Option(str(number), title, start))
        say(console, f"{number}  {title}")
    return _run_option(console, options)


def _model_menu(console: Console, places: Places, model: Model) -> None:
    in_menu = [action for action in ACTIONS if action.title and action.key]
    options = [
        Option(action.key, action.title, partial(_start, action, console, places, model))
        for action in sorted(in_menu, key=lambda action: int(action.key))
    ]
    options.append(Option("0", "Back"))
    while True:
        say(console, f"\n{model_name(model)}", "bold")
        for option in options:
            say(console, f"{option.key}  {option.title}")
        if not _run_option(console, options):
            return


def _start(action: Action, console: Console, places: Places, model: Model | None) -> None:
    getattr(action.module, action.ask)(console, places, model)


def _run_option(console: Console, options: list[Option]) -> bool:
    """Ask for one of the options and do it; False for the way out. Its failures end here, in a sentence."""
    by_key = {option.key: option for option in options}

    def chosen(text: str) -> Option:
        if text not in by_key:
            raise UserError(
                f"A choice is a number from {min(by_key, key=int)} to {max(by_key, key=int)}: {quote(text)} was given. "
                "Type one of them."
            )
        return by_key[text]

    action = prompts.ask(console, "Choose", chosen).action
    if action is None:
        return False
    try:
        action()
    except FAILURES as error:
        say(console, explain(error), "red")
    except KeyboardInterrupt:
        say(console, "\nInterrupted: back to the menu.", "yellow")
    return True
