"""What the terminal shows of many pictures: a line each, and a table that stays short."""

import io
from pathlib import Path

import numpy as np
import pytest
from rich.cells import cell_len
from rich.console import Console

from menu.picture_report import DRAWN_DIGITS, LISTED, PictureReport, shortened
from preprocessing.box import Box
from preprocessing.digits import Digit
from preprocessing.files import PictureFile
from preprocessing.prediction import Prediction, ReadDigit
from preprocessing.reading import Page
from routines.events import PicturesDone


def prediction(name: str, *confidences: float, error: str = "", warnings: tuple[str, ...] = ()) -> Prediction:
    """What was read on a picture: sevens with some confidences."""
    digit = Digit(np.full((28, 28), 255, np.uint8), Box(0, 0, 9, 9))
    path, others = Path("folder") / name, np.eye(10)[1]
    if error:
        return Prediction(PictureFile(path, error=f"{path}: {error}"), ())
    rows = [each * np.eye(10)[7] + (1 - each) * others for each in confidences]
    return Prediction(PictureFile(path, Page((), warnings=warnings)), tuple(ReadDigit(digit, row) for row in rows))


def shown(predictions: list[Prediction], width: int = 80, terminal: bool = False, draw_all: bool = False) -> str:
    screen = io.StringIO()
    report = PictureReport(Console(file=screen, width=width, force_terminal=terminal, color_system=None), draw_all)
    for each in predictions:
        report.show(each, len(predictions))
    refused = sum(bool(each.file.error) for each in predictions)
    report.summarize(PicturesDone(len(predictions) - refused, refused, 2.0))
    return screen.getvalue()


def table(text: str) -> list[str]:
    """The rows of the table, and what is said below it."""
    return [line.rstrip() for line in text.split("\n\n")[1].splitlines()[2:]]


SURE = [prediction(f"{number:04}.png", 0.99 + number / 1e6) for number in range(1000)]
DOUBTFUL = [prediction(f"unsure{number}.png", 0.5 + number / 100) for number in range(3)]


def test_the_most_doubtful_come_first_then_what_was_refused_then_the_least_sure() -> None:
    nothing = prediction("empty.png", warnings=("There is no ink.", "It is dark."))
    odd = prediction("odd.png", 1.0, warnings=("It is wide.",))
    rows = table(shown([*SURE[:2], prediction("a.txt", error="it is none."), odd, *DOUBTFUL[::-1], nothing]))
    assert [row.split()[0] for row in rows] == [
        *("empty.png", "unsure0.png", "unsure1.png", "unsure2.png", "odd.png", "a.txt", "0000.png", "0001.png")
    ]
    assert rows[0].split("  ")[-1].strip() == "There is no ink. And 1 more."
    assert rows[5].split("  ")[-1].strip() == "it is none."
    assert rows[6].split() == ["0000.png", "7", "99.00%"]


def test_a_thousand_pictures_leave_a_short_table_and_counts() -> None:
    text = shown([*SURE, *DOUBTFUL])
    rows = table(text)
    assert [row.split()[0] for row in rows[:5]] == ["unsure0.png", "unsure1.png", "unsure2.png", "0000.png", "0001.png"]
    assert len(rows) == LISTED + 1 and rows[-1] == f"and {1003 - LISTED:,} more, none of them doubtful"
    assert text.endswith("\n1,003 pictures read, 3 doubtful, 2.0 s (502 a second)\n")
    many = [prediction(f"{number}.png", 0.5) for number in range(30)]
    assert table(shown([*many, *SURE[:9]]))[-1] == "and 19 more, 10 of them doubtful"


@pytest.mark.parametrize("width", [40, 60, 80, 200])
def test_in_a_terminal_each_picture_is_one_line_whatever_its_name(width: int) -> None:
    strange = ["\x1b[31m" + "a" * 200, "数" * 80 + "1.png", "数" * 80 + "2.png", "[bold]\n.png", "b" * 99 + ".png"]
    unsure = [prediction(name, *[0.6] * 30) for name in strange]
    text = shown([*unsure, *SURE[:5]], width, terminal=True)
    lines = text.split("\n\n")[0].splitlines()
    assert len(lines) == 10 and all(" -> 7" in line for line in lines)
    assert max(map(cell_len, text.splitlines())) <= width
    assert "\x1b[31m" not in text
    assert lines[0].startswith("\\x") and lines[3].startswith("[")
    assert ["1.png ->" in lines[1], "2.png ->" in lines[2]] == [True, True] or width == 40


def test_into_a_pipe_names_and_numbers_are_whole() -> None:
    long = prediction("x" * 200 + ".png", *[1.0] * 50)
    assert f"{'x' * 200}.png -> {'7' * 50} with 100.00%\n" in shown([long, *SURE[:5]])


def test_of_a_page_full_of_digits_some_are_drawn() -> None:
    text = shown([prediction("a.png", *[1.0] * (DRAWN_DIGITS + 2))])
    assert "and 2 digits more" in text and text.count("█") < 28 * 7 * DRAWN_DIGITS


@pytest.mark.parametrize("text", ["a" * 40, "数" * 30, "x数" * 20])
@pytest.mark.parametrize("columns", [8, 9, 20, 39])
def test_a_shortened_name_fits_and_keeps_its_ends(text: str, columns: int) -> None:
    short = shortened(text, columns)
    assert columns - 4 <= cell_len(short) <= columns
    first, last = short.split("...")
    assert text.startswith(first) and text.endswith(last) and first and last


def test_a_name_that_fits_stays() -> None:
    assert [shortened(text, 4) for text in ("", "abcd", "数数")] == ["", "abcd", "数数"]
