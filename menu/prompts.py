"""Asking until the answer is valid."""

from collections.abc import Callable
from typing import Any, TextIO, TypeVar

from rich.console import Console
from rich.prompt import InvalidResponse, PromptBase
from rich.text import Text, TextType

from menu.conversions import yes_or_no
from menu.render import say
from system.errors import UserError

T = TypeVar("T")


def ask(console: Console, question: str, convert: Callable[[str], T], default: str | None = None) -> T:
    """Return the converted answer to a question; asked again, with the reason, while `convert` raises UserError.

    default: what Enter stands for.

    Raises:
        EOFError: at the end of input; KeyboardInterrupt: for Ctrl-C.
    """

    class Prompt(PromptBase[Any]):
        prompt_suffix = " "

        def process_response(self, value: str) -> Any:
            try:
                return convert(value.strip())
            except UserError as error:
                raise InvalidResponse(Text(str(error), "red")) from error

        def on_validate_error(self, value: str, error: InvalidResponse) -> None:
            say(console, str(error), "red")

        @classmethod
        def get_input(cls, console: Console, prompt: TextType, password: bool, stream: TextIO | None = None) -> str:
            answer = super().get_input(console, prompt, password, stream) or default or ""
            if not console.is_terminal:  # nobody's typing is on the screen
                console.print(Text(answer))
            return answer

    hint = f" [{default}]" if default else ""
    return Prompt(Text(f"{question}{hint}:"), console=console)()  # type: ignore[no-any-return]


def confirm(console: Console, question: str, default: bool) -> bool:
    """Return the answer to a yes-or-no question."""
    return ask(console, f"{question} (y/n)", yes_or_no, "y" if default else "n")
