"""Asking until the answer is valid; the conversions are pure, and the command line uses them too."""

from collections.abc import Callable
from typing import Any, TextIO, TypeVar

from rich.console import Console
from rich.prompt import InvalidResponse, PromptBase
from rich.text import Text, TextType

from cnn.architecture import Specs, parse
from cnn.errors import quote
from cnn.memory import require_memory
from cnn.network import IMAGES_PER_PASS
from cnn.training import check_settings
from menu.render import say

T = TypeVar("T")

MAX_WORKERS = 1024


def ask(console: Console, question: str, convert: Callable[[str], T], default: str | None = None) -> T:
    """The converted answer to a question; asked again, with the reason, while `convert` raises ValueError.

    default: what Enter stands for.

    Raises:
        EOFError: at the end of input; KeyboardInterrupt: for Ctrl-C.
    """

    class Prompt(PromptBase[Any]):
        prompt_suffix = " "

        def process_response(self, value: str) -> Any:
            try:
                return convert(value.strip())
            except ValueError as error:
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
    """The answer to a yes-or-no question."""
    return ask(console, f"{question} (y/n)", yes_or_no, "y" if default else "n")


def yes_or_no(text: str) -> bool:
    """True for y or yes, False for n or no."""
    if text.lower() in ("y", "yes"):
        return True
    if text.lower() in ("n", "no"):
        return False
    raise ValueError(f"The answer is y or n: {quote(text)} was given. Type one of them.")


def model(text: str) -> Specs:
    """The specs of a model string whose network fits into memory."""
    specs = parse(text)
    require_memory(specs, IMAGES_PER_PASS)
    return specs


def learning_rate(text: str) -> float:
    """A learning rate in its range."""
    try:
        value = float(text)
    except ValueError:
        raise ValueError(f"A learning rate is a number: {quote(text)} was given. Try 0.001.") from None
    check_settings(learning_rate=value)
    return value


def epochs(text: str) -> int:
    """A number of epochs in its range."""
    value = whole_number(text)
    check_settings(epochs=value)
    return value


def batch_size(text: str) -> int:
    """A batch size in its range."""
    value = whole_number(text)
    check_settings(batch_size=value)
    return value


def workers(text: str) -> int:
    """A number of processes in its range."""
    value = whole_number(text)
    if not 1 <= value <= MAX_WORKERS:
        raise ValueError(f"The number of processes is from 1 to {MAX_WORKERS:,}: {value} was given. Choose another.")
    return value


def whole_number(text: str) -> int:
    """A whole number from 0 up, in plain digits."""
    if not (text.isascii() and text.isdigit() and len(text) <= 18):
        raise ValueError(f"This is a whole number, such as 5: {quote(text)} was given. Type digits only.")
    return int(text)
