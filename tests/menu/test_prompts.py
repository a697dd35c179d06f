"""Conversions of what was typed, and asking again."""

import io
import re
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from cnn.architecture import FullyConnected
from menu import prompts

CONVERSIONS = [
    prompts.model,
    prompts.learning_rate,
    prompts.epochs,
    prompts.batch_size,
    prompts.workers,
    prompts.whole_number,
    prompts.yes_or_no,
]


@pytest.mark.parametrize(
    ("convert", "text", "value"),
    [
        (prompts.model, "fc10", (FullyConnected(10),)),
        (prompts.learning_rate, "1e-3", 0.001),
        (prompts.learning_rate, " 0.5 ", 0.5),
        (prompts.epochs, "7", 7),
        (prompts.batch_size, "4096", 4096),
        (prompts.workers, "2", 2),
        (prompts.whole_number, "0", 0),
        (prompts.yes_or_no, "Y", True),
        (prompts.yes_or_no, "no", False),
    ],
)
def test_what_is_valid_is_converted(convert: Callable[[str], Any], text: str, value: object) -> None:
    assert convert(text) == value


@pytest.mark.parametrize(
    ("convert", "text", "message"),
    [
        (prompts.model, "C(8,5)", "FC10 must be the last token"),
        (prompts.model, "FC9999999999-FC10", "has to fit into memory"),
        (prompts.learning_rate, "fast", "is a number: 'fast' was given"),
        (prompts.learning_rate, "inf", "at most 1: inf was given"),
        (prompts.learning_rate, "nan", "at most 1: nan was given"),
        (prompts.epochs, "0", "epochs is from 1 to 1,000: 0 was given"),
        (prompts.epochs, "2.5", "a whole number, such as 5: '2.5' was given"),
        (prompts.epochs, "\u0662", "a whole number"),
        (prompts.epochs, "9" * 5000, "a whole number"),
        (prompts.batch_size, "-1", "a whole number, such as 5: '-1' was given"),
        (prompts.workers, "0", "from 1 to 1,024: 0 was given"),
        (prompts.yes_or_no, "maybe", "is y or n: 'maybe' was given"),
    ],
)
def test_what_is_not_gets_a_sentence_with_what_was_given(
    convert: Callable[[str], Any], text: str, message: str
) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        convert(text)


@given(st.text(), st.sampled_from(CONVERSIONS))
def test_any_text_is_converted_or_refused_in_a_printable_line(text: str, convert: Callable[[str], Any]) -> None:
    try:
        convert(text)
    except ValueError as error:
        assert str(error).isprintable() and len(str(error)) < 600


def asked(typed: str, **arguments: Any) -> tuple[Any, str]:
    """The answer to a question with what was typed, and what the screen shows."""
    screen = io.StringIO()
    console = Console(file=screen, width=80)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.stdin", io.StringIO(typed))
        return prompts.ask(console, "Epochs", prompts.epochs, **arguments), screen.getvalue()


def test_it_asks_until_the_answer_is_valid() -> None:
    answer, screen = asked("x\n0\n3\n")
    assert answer == 3
    assert screen == (
        "Epochs: x\nThis is a whole number, such as 5: 'x' was given. Type digits only.\n"
        "Epochs: 0\nThe number of epochs is from 1 to 1,000: 0 was given. Choose another.\n"
        "Epochs: 3\n"
    )


def test_enter_takes_the_default() -> None:
    assert asked("\n", default="5") == (5, "Epochs [5]: 5\n")


def test_enter_without_a_default_asks_again() -> None:
    assert asked("\n4\n")[0] == 4


def test_the_end_of_input_is_not_an_answer() -> None:
    with pytest.raises(EOFError):
        asked("x\n")


def test_markup_and_control_characters_are_shown_and_not_obeyed() -> None:
    _, screen = asked("[red]\x1b[2J\n1\n")
    assert "'[red]\\x1b[2J' was given" in screen
