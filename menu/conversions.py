"""What was typed to what it stands for: pure, and with a sentence where it stands for nothing."""

import re
from pathlib import Path

from cnn.architecture import DIGITS, Specs, parse
from cnn.memory import require_memory
from cnn.network import IMAGES_PER_PASS
from cnn.recipe import whole_number
from cnn.workers import MAX_WORKERS
from system.errors import UserError, quote


def model(text: str, classes: int | None = None) -> Specs:
    """Return the specs of a model string whose network fits into memory, for data of so many classes, or of any."""
    specs = parse(text, classes)
    require_memory(specs, IMAGES_PER_PASS)
    return specs


def digit_model(text: str) -> Specs:
    """Return the same for the ten digits of MNIST."""
    return model(text, len(DIGITS))


def model_or_number(text: str) -> Specs | int:
    """Return the specs of a model string, or a model's number in the menu."""
    return whole_number(text) if text.strip().isdecimal() else model(text)


def picture(text: str) -> Path | int:
    """Return the path of a picture, or the number of a test digit, given as in `test 1234`."""
    match = re.fullmatch(r"test +(\d+)", text, re.IGNORECASE)
    return whole_number(match[1]) if match else Path(text)


def workers(text: str) -> int:
    """Return a number of processes in its range."""
    value = whole_number(text)
    if not 1 <= value <= MAX_WORKERS:
        raise UserError(f"The number of processes is from 1 to {MAX_WORKERS:,}: {value} was given. Choose another.")
    return value


def yes_or_no(text: str) -> bool:
    """Return True for y or yes, False for n or no."""
    if text.lower() in ("y", "yes"):
        return True
    if text.lower() in ("n", "no"):
        return False
    raise UserError(f"The answer is y or n: {quote(text)} was given. Type one of them.")
