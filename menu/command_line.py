"""The command line: every action of the menu for scripts, with JSON on standard output where that is asked for."""

import argparse
import platform
import sys
from contextlib import redirect_stdout
from typing import NoReturn

import numpy as np
from rich.console import Console

from menu.actions import ACTIONS
from menu.output import Output
from menu.prompts import Back
from menu.render import FAILURES, INTERRUPTED, MISTAKE, explain, say
from routines.places import PLACES, Places
from system.errors import UserError
from system.version import VERSION


class _Parser(argparse.ArgumentParser):
    """An argument parser whose complaint is one sentence."""

    def error(self, message: str) -> NoReturn:
        raise UserError(f"{message[:1].upper()}{message[1:].rstrip('.')}. See '{self.prog} --help'.")


def run(arguments: list[str], places: Places = PLACES) -> int:
    """Run one command; returns the exit status."""
    messages, output = Console(stderr=True), Output(sys.stdout)
    try:
        chosen = _parser(arguments).parse_args(arguments)
        # With --json, standard output holds JSON and nothing else, and standard error problems alone.
        console = Console(stderr=True, quiet=True) if chosen.json else Console()
        with redirect_stdout(output):
            status: int = chosen.action.module.run(console, places, chosen)
        return status
    except FAILURES as error:
        if error is output.error or isinstance(error, BrokenPipeError):
            raise  # main.py says so
        say(messages, explain(error), "red")
        return MISTAKE
    except (Back, EOFError, KeyboardInterrupt):
        say(messages, "\nInterrupted.")
        return INTERRUPTED


def _parser(arguments: list[str]) -> argparse.ArgumentParser:
    """Return a parser for all commands, with the options of the one that is asked for: only its module is imported."""
    parser = _Parser(
        prog="main.py",
        description="A convolutional network in NumPy that reads handwritten digits. Without a command: the menu.",
    )
    versions = f"main.py {VERSION}, NumPy {np.__version__}, Python {platform.python_version()}"
    parser.add_argument("--version", action="version", version=versions)
    commands = parser.add_subparsers(required=True, metavar="COMMAND", parser_class=_Parser)
    for action in ACTIONS:
        if action.command:
            command = commands.add_parser(
                action.name, help=action.help, formatter_class=argparse.RawDescriptionHelpFormatter
            )
            command.set_defaults(action=action)
            if action.name in arguments:
                action.module.arguments(command)
                examples = (f"  python main.py {example}" for example in action.module.EXAMPLES)
                command.epilog = "\n".join(("examples:", *examples))
            command.add_argument(
                "--json", action="store_true", help="JSON on standard output; on standard error, problems alone"
            )
    return parser
