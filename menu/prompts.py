"""Asking until the answer is valid."""

import sys
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

from rich.console import Console
from rich.text import Text

from menu.conversions import yes_or_no
from menu.keyboard import forget_keys
from menu.render import say
from system.errors import UserError
from system.text import literal

T = TypeVar("T")

HOW_TO_ANSWER = "Type an answer and press Enter; Enter alone takes what is in brackets, q goes back."


class Back(Exception):  # noqa: N818 - it is no error
    """Somebody does not want to answer, but to go back."""


def ask(
    console: Console,
    question: str,
    convert: Callable[[str], T],
    default: str | None = None,
    explanation: str = "",
) -> T:
    """Return the converted answer to a question; asked again, with the reason, while `convert` raises UserError.

    default: what Enter stands for. explanation: what `?` shows before how to answer.

    Raises:
        Back: for `q`; EOFError: at the end of input; KeyboardInterrupt: for Ctrl-C.
    """
    hint = f" [{default}]" if default else ""
    while True:
        answer = _read_line(console, literal(f"{question}{hint}: "), default or "").strip()
        if answer == "?":
            say(console, f"{explanation}\n{HOW_TO_ANSWER}".lstrip("\n"), "dim")
        elif answer.lower() == "q":
            raise Back
        else:
            try:
                return convert(answer or default or "")
            except UserError as error:
                say(console, str(error), "red")


def confirm(console: Console, question: str, default: bool) -> bool:
    """Return the answer to a yes-or-no question."""
    return ask(console, f"{question} (y/n)", yes_or_no, "y" if default else "n")


def _read_line(console: Console, prompt: str, default: str) -> str:
    """Return what is typed behind a prompt: with line editing and history, where the system has them."""
    forget_keys()
    if console.is_terminal and sys.stdin.isatty():
        with suppress(ImportError):
            import readline  # noqa: F401 - from then on, it is what `input` reads with
        return input(prompt)
    console.print(Text(prompt), end="", soft_wrap=True)
    line = sys.stdin.readline()
    if not line:
        raise EOFError
    answer = line.rstrip("\n")
    console.print(Text(literal(answer.strip() or default)))  # nobody's typing is on the screen
    return answer
