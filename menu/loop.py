"""The menu, made from the table of actions, shown again until somebody leaves."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from rich.console import Console

from cnn.model import Model
from menu import prompts
from menu.actions import ACTIONS, Action
from menu.render import FAILURES, INTERRUPTED, OK, explain, model_name, model_note, say, show_models
from routines.models import model_file, read_catalog
from routines.places import PLACES, Places
from system.errors import UserError, quote


@dataclass(frozen=True)
class Option:
    """A line of a menu, and what `?` says of it; without an action it is the way out."""

    key: str
    title: str
    explanation: str
    action: Callable[[], None] | None = None


def start() -> int:
    """Open the menu in this terminal; returns the exit status."""
    return run(Console())


def run(console: Console, places: Places = PLACES) -> int:
    """Show the main menu until somebody leaves; returns the exit status."""
    say(console, "A convolutional network in NumPy that reads handwritten digits", "bold")
    say(console, "Type a number and press Enter; ? explains, q goes back.", "dim")
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
    of_model = "read pictures with it, look inside it, evaluate it, rename or delete it"
    options = [
        Option(str(number), model_name(model), of_model, partial(_model_menu, console, places, model))
        for number, model in enumerate(catalog.models, 1)
    ]
    without_model = [action for action in ACTIONS if action.title and not action.key]
    for number, action in enumerate(without_model, len(options) + 1):
        options.append(_option(str(number), action, console, places, None))
    options.append(Option("0", "Quit", "leave the program"))
    _show_options(console, options[len(catalog.models) :])
    return _run_option(console, options)


def _model_menu(console: Console, places: Places, model: Model) -> None:
    """Show the menu of a model until somebody leaves it, or its file is gone."""
    file, in_menu = model_file(model), [action for action in ACTIONS if action.title and action.key]
    while file.exists():
        model = Model.load(file)
        options = [
            _option(action.key, action, console, places, model)
            for action in sorted(in_menu, key=lambda action: int(action.key))
        ]
        options.append(Option("0", "Back", "to the main menu"))
        say(console, f"\n{model_name(model)}", "bold")
        if note := model_note(model):
            say(console, note, "italic")
        _show_options(console, options)
        if not _run_option(console, options):
            return


def _option(key: str, action: Action, console: Console, places: Places, model: Model | None) -> Option:
    def start() -> None:
        getattr(action.module, action.ask)(console, places, model)

    return Option(key, action.title, action.help, start)


def _show_options(console: Console, options: list[Option]) -> None:
    width = max(len(option.key) for option in options)
    for option in options:
        say(console, f"{option.key:>{width}}  {option.title}")


def _run_option(console: Console, options: list[Option]) -> bool:
    """Ask for one of the options and do it; False for the way out. Its failures end here, in a sentence."""
    by_key = {option.key: option for option in options}

    def chosen(text: str) -> Option:
        if text not in by_key:
            raise UserError(
                f"A choice is a number from 0 to {max(by_key, key=int)}: {quote(text)} was given. "
                "Type one of them, or ? for what they do."
            )
        return by_key[text]

    explanations = "\n".join(f"{option.key}  {option.title}: {option.explanation}." for option in options)
    try:
        action = prompts.ask(console, "Choose", chosen, explanation=explanations).action
    except prompts.Back:
        return False
    if action is None:
        return False
    try:
        action()
    except prompts.Back:
        pass
    except FAILURES as error:
        say(console, explain(error), "red")
    except KeyboardInterrupt:
        say(console, "\nInterrupted: back to the menu.", "yellow")
    return True
