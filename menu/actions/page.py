"""Making the page to draw on, and opening it."""

import argparse
import os
import sys
import webbrowser
from functools import partial
from pathlib import Path

from rich.console import Console

from cnn.model import Model
from menu import options
from menu.progress import Follower
from menu.render import OK, say, say_note
from routines.events import Event, Noted, Written
from routines.page import PageRequest, make_page, page_path
from routines.places import Places

EXAMPLES = (
    "page --model 1",
    'page --model "C(8,5)-P2-C(16,3)-P2-FC128-FC10" --output draw.html',
)


def ask(console: Console, places: Places, model: Model) -> None:
    """Make the page of a model, and open it; there is nothing to ask."""
    path = page_path(places, model)
    _make(console, places, PageRequest(model, path), False)
    if not open_page(path):
        say(console, "There is no browser here: open this file in one, on any computer or phone.")


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    options.add_model(parser)
    parser.add_argument("--output", type=Path, metavar="FILE.html", help="where the page goes")
    options.add_data(parser)


def run(console: Console, places: Places, chosen: argparse.Namespace) -> int:
    """Make a page as the command line says; returns the exit status."""
    model = options.chosen_model(chosen, places)
    request = PageRequest(model, chosen.output or page_path(places, model), chosen.data)
    _make(console, places, request, chosen.json)
    return OK


def open_page(path: Path) -> bool:
    """Open a page in the user's browser; returns whether there is one that can show it.

    Without a display, Linux may have browsers of text alone: they would take the terminal, and show no drawing.
    """
    if sys.platform == "linux" and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        return False
    try:
        return webbrowser.open(path.absolute().as_uri())
    except webbrowser.Error:
        return False


def _make(console: Console, places: Places, request: PageRequest, json: bool) -> None:
    follower = Follower(console, json)
    follower.follow(make_page(request, places, follower.stop), partial(_show, console))


def _show(console: Console, event: Event) -> None:
    match event:
        case Written(file, title, details=details):
            say(console, f"{title}: {file} ({details['bytes'] / 1e6:.1f} MB, {details['seconds']:.1f} s)")
        case Noted():
            say_note(console, event)
