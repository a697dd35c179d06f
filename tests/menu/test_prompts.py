"""Conversions of what was typed, and asking again."""

import io
import re
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from cnn.layers.fully_connected import FullyConnected
from cnn.recipe import SETTINGS, whole_number
from menu import conversions, prompts
from system.errors import UserError

convert_setting = {setting.name: setting.convert for setting in SETTINGS}

CONVERSIONS = [
    *convert_setting.values(),
    conversions.model_or_number,
    conversions.digit_model,
    convert_setting["learning_rate"],
    convert_setting["epochs"],
    convert_setting["batch_size"],
    conversions.workers,
    whole_number,
    conversions.yes_or_no,
]


@pytest.mark.parametrize(
    ("convert", "text", "value"),
    [
        (conversions.digit_model, "fc10", (FullyConnected(10),)),
        (convert_setting["learning_rate"], "1e-3", 0.001),
        (convert_setting["learning_rate"], " 0.5 ", 0.5),
        (convert_setting["epochs"], "7", 7),
        (convert_setting["batch_size"], "4096", 4096),
        (conversions.workers, "2", 2),
        (whole_number, "0", 0),
        (conversions.yes_or_no, "Y", True),
        (conversions.yes_or_no, "no", False),
    ],
)
def test_what_is_valid_is_converted(convert: Callable[[str], Any], text: str, value: object) -> None:
    assert convert(text) == value


@pytest.mark.parametrize(
    ("convert", "text", "message"),
    [
        (conversions.digit_model, "C(8,5)", "FC10 must be the last token"),
        (conversions.digit_model, "FC9999999999-FC10", "has to fit into memory"),
        (convert_setting["learning_rate"], "fast", "is a number: 'fast' was given"),
        (convert_setting["learning_rate"], "inf", "at most 1: inf was given"),
        (convert_setting["learning_rate"], "nan", "at most 1: nan was given"),
        (convert_setting["epochs"], "0", "epochs is from 1 to 1,000: 0 was given"),
        (convert_setting["epochs"], "2.5", "a whole number, such as 5: '2.5' was given"),
        (convert_setting["epochs"], "\u0662", "a whole number"),
        (convert_setting["epochs"], "9" * 5000, "a whole number"),
        (convert_setting["batch_size"], "-1", "a whole number, such as 5: '-1' was given"),
        (conversions.workers, "0", "from 1 to 1,024: 0 was given"),
        (conversions.yes_or_no, "maybe", "is y or n: 'maybe' was given"),
    ],
)
def test_what_is_not_gets_a_sentence_with_what_was_given(
    convert: Callable[[str], Any], text: str, message: str
) -> None:
    with pytest.raises(UserError, match=re.escape(message)):
        convert(text)


@given(st.text(), st.sampled_from(CONVERSIONS))
def test_any_text_is_converted_or_refused_in_a_printable_line(text: str, convert: Callable[[str], Any]) -> None:
    try:
        convert(text)
    except UserError as error:
        assert str(error).isprintable() and len(str(error)) < 600


def asked(typed: str, **arguments: Any) -> tuple[Any, str]:
    """The answer to a question with what was typed, and what the screen shows."""
    screen = io.StringIO()
    console = Console(file=screen, width=80)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.stdin", io.StringIO(typed))
        return prompts.ask(console, "Epochs", convert_setting["epochs"], **arguments), screen.getvalue()


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
