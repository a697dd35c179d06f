"""Reading pictures from the menu and the command line: what is said."""

import io
import json
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from menu.actions.predict import DRAWN
from menu.render import digit_lines
from tests.menu.conftest import SEVEN, SHIPPED, TWO, Captured, Command, Session, put_picture


def test_option_3_reads_the_folder(session: Session, custom: Path, folder: Path) -> None:
    (folder / SHIPPED.name).write_bytes(SHIPPED.read_bytes())
    put_picture(custom / "a [bold] größe.png", TWO)
    (custom / "c\x1b[31m.png").write_bytes(b"")
    status, transcript = session("1\n3\n0\n3\n")
    transcript = transcript.replace(str(custom), "CUSTOM")
    assert status == 0
    assert re.search(
        r"^a \[bold\] größe\.png -> 2 with \d+\.\d\d% confidence \(then \d with \d+\.\d\d%\)$", transcript, re.M
    )
    assert re.search(r"^b\.png -> 7 with \d+\.\d\d% confidence", transcript, re.M)
    assert re.search(r"^c\\x1b\[31m\.png: ", transcript, re.M)
    assert "\x1b" not in transcript
    assert transcript.count("█") > 50  # both digits are drawn
    assert "2 pictures read, 1 could not be read, T s" in transcript
    assert "What the network saw: CUSTOM/resized\nContact sheet: CUSTOM/resized/contact_sheet.png" in transcript
    assert sorted(path.name for path in (custom / "resized").iterdir()) == [
        "a [bold] größe.png",
        "b.png",
        "contact_sheet.png",
    ]


def test_json_has_an_object_a_picture_and_the_status_says_that_one_was_refused(
    custom: Path, predict: Command, capsys: Captured
) -> None:
    put_picture(custom / "c.png", TWO, SEVEN)
    (custom / "a.png").write_bytes(b"no picture")
    assert predict("--json") == 1
    captured = capsys.readouterr()
    refused, one, two = map(json.loads, captured.out.splitlines())
    assert list(refused) == ["file", "error"] and refused["file"] == str(custom / "a.png")
    assert list(one) == ["file", "number", "digits", "warnings"]
    assert (one["file"], one["number"]) == (str(custom / "b.png"), "7")
    (digit,) = one["digits"]
    assert list(digit) == ["digit", "confidence", "probabilities", "box"]
    assert digit["confidence"] == max(digit["probabilities"]) == digit["probabilities"][7]
    assert sum(digit["probabilities"]) == pytest.approx(1) and len(digit["box"]) == 4
    assert two["number"] == "27"
    assert two["digits"][0]["box"][0] < two["digits"][1]["box"][0]
    assert captured.err.startswith("a.png: a picture is a PNG") and captured.err.count("\n") == 1


def test_an_empty_folder_is_a_mistake(custom: Path, predict: Command, capsys: Captured) -> None:
    (custom / "b.png").unlink()
    assert predict() == 2
    captured = capsys.readouterr()
    assert captured.out == "" and "there are no pictures to read" in captured.err


def test_digits_are_drawn_in_grey_or_without_colours_in_black_and_white() -> None:
    image = np.zeros((28, 28), np.uint8)
    image[0, 0], image[1, 1], image[2:4, 2] = 255, 200, 150
    plain = [line.plain for line in digit_lines([image], Console(file=io.StringIO(), color_system=None))]
    assert plain[:3] == ["▀▄", "  █", ""] and len(plain) == 14
    (line, *_) = digit_lines([image, image], Console(file=io.StringIO(), force_terminal=True, color_system="truecolor"))
    assert line.plain == "▀" * 57
    assert str(line.spans[1].style) == "rgb(0,0,0) on rgb(200,200,200)"


def test_many_pictures_are_not_drawn(custom: Path, predict: Command, capsys: Captured) -> None:
    picture = (custom / "b.png").read_bytes()
    for number in range(DRAWN - 1):
        (custom / f"{number}.png").write_bytes(picture)
    assert predict() == 0
    assert "█" in capsys.readouterr().out
    (custom / "more.png").write_bytes(picture)
    assert predict() == 0
    assert "█" not in capsys.readouterr().out


def test_ctrl_c_stops_between_two_pictures(
    custom: Path, predict: Command, when_shown: Callable[[str], None], capsys: Captured
) -> None:
    put_picture(custom / "c.png", TWO)
    when_shown("^b.png -> 7")
    assert predict() == 130
    captured = capsys.readouterr()
    assert "c.png" not in captured.out and captured.err == "\nInterrupted.\n"
