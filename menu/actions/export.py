"""Writing a model for other programs."""

import argparse
from functools import partial
from pathlib import Path

from rich.console import Console

from cnn.model import Model
from menu import options, prompts
from menu.progress import Follower
from menu.render import OK, say, say_note
from routines.events import Event, Exported, Noted
from routines.export import ExportRequest, export, format_of
from routines.places import Places
from system.errors import UserError

EXAMPLES = (
    "export --model 1 --onnx digits.onnx",
    "export --weights mine.npz --onnx mine.onnx --keras mine.keras --json",
)


def ask(console: Console, places: Places, model: Model) -> None:
    """Ask for a file, and write it."""
    path = prompts.ask(console, "File, .onnx or .keras", _path, f"{model.string}.onnx")
    if path.exists() and not prompts.confirm(console, f"{path.name} exists. Replace it?", False):
        say(console, "Nothing was changed.")
        return
    _export(console, places, ExportRequest(model, (path,)), False)


def _path(text: str) -> Path:
    """Return a path whose ending is that of a format."""
    path = Path(text)
    format_of(path)
    return path


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    options.add_model(parser)
    parser.add_argument("--onnx", type=Path, metavar="FILE.onnx", help="for ONNX")
    parser.add_argument("--keras", type=Path, metavar="FILE.keras", help="for Keras 3")


def run(console: Console, places: Places, chosen: argparse.Namespace) -> int:
    """Export as the command line says; returns the exit status."""
    named = {"--onnx": chosen.onnx, "--keras": chosen.keras}
    files = {flag: path for flag, path in named.items() if path}
    if not files:
        raise UserError("An export has a file to write: none was given. Add --onnx FILE.onnx or --keras FILE.keras.")
    for flag, path in files.items():
        if f"-{format_of(path).suffix}" != flag.replace("--", "-."):
            raise UserError(f"{path}: {flag} takes a file that ends in {flag.replace('--', '.')}. Choose another name.")
    _export(console, places, ExportRequest(options.chosen_model(chosen, places), tuple(files.values())), chosen.json)
    return OK


def _export(console: Console, places: Places, request: ExportRequest, json: bool) -> None:
    follower = Follower(console, json)
    follower.follow(export(request, places, follower.stop), partial(_show, console))


def _show(console: Console, event: Event) -> None:
    match event:
        case Exported():
            say(console, f"{event.format}: {event.file}, {event.size:,} bytes", "bold")
            say(
                console,
                f"Read again, it answers the same for {event.same_answers} of {event.images} digits; of their "
                f"probabilities the greatest difference is {event.greatest_difference:.1e}.",
            )
        case Noted():
            say_note(console, event)
