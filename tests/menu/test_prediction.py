"""Reading pictures from the menu and the command line: what is said."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from menu.picture_report import FEW
from routines.places import PLACES
from tests.menu.conftest import SEVEN, TWO, Captured, Command, Session, put_picture
from tests.shipped import LARGEST


def test_option_3_reads_the_folder(session: Session, custom: Path, folder: Path) -> None:
    (folder / LARGEST.name).write_bytes(LARGEST.read_bytes())
    put_picture(custom / "a [bold] größe.png", TWO)
    (custom / "c\x1b[31m.png").write_bytes(b"")
    status, transcript = session("1\n3\n0\n0\n")
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
    assert list(one) == ["file", "number", "lines", "left_out", "digits", "warnings"]
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


def copies(custom: Path, count: int) -> None:
    """Make so many pictures of the one, all sevens."""
    for number in range(count - 1):
        (custom / f"{number:04}.png").write_bytes((custom / "b.png").read_bytes())


def test_few_pictures_are_drawn_and_many_where_that_is_asked_for(
    custom: Path, predict: Command, capsys: Captured
) -> None:
    copies(custom, FEW)
    assert predict() == 0
    shown = capsys.readouterr().out
    assert shown.count("█") > 30 * FEW and shown.count("confidence (then ") == FEW and "Sure" not in shown
    copies(custom, FEW + 1)
    assert predict() == 0
    shown = capsys.readouterr().out
    assert "█" not in shown and "(then " not in shown and "Sure" in shown
    assert re.findall(r"^b\.png -> 7 with \d+\.\d\d%$", shown, re.M)
    assert predict("--show") == 0
    shown = capsys.readouterr().out
    assert shown.count("█") > 30 * FEW and shown.count("(then ") == FEW + 1 and "Sure" in shown


def test_many_pictures_end_in_a_table_with_the_doubtful_ones_first(
    custom: Path, predict: Command, capsys: Captured
) -> None:
    copies(custom, FEW)
    (custom / "c.jpg").write_bytes(b"%PDF-1.7")
    (custom / "d.png").write_bytes(cv2.imencode(".png", np.full((80, 80), 255, np.uint8))[1].tobytes())
    assert predict() == 1
    shown = capsys.readouterr().out
    assert re.search(r"^c\.jpg: a picture is a PNG, .* file, but this is a PDF document, named \.jpg\.", shown, re.M)
    assert re.search(r"^d\.png -> nothing \(doubtful\)$", shown, re.M)
    rows = shown.split("Warning")[1].split("\n\n")[0].splitlines()[2:]
    names = [row.split()[0] for row in rows if not row.startswith(" ")]
    assert names[:2] == ["d.png", "c.jpg"] and len(names) == FEW + 2
    assert "6 pictures read, 1 doubtful, 1 could not be read, " in shown


def test_a_name_has_its_folder_where_there_are_several(
    custom: Path, predict: Command, tmp_path: Path, capsys: Captured
) -> None:
    put_picture(tmp_path / "more" / "b.png", TWO)
    assert predict(str(custom), str(tmp_path / "more" / "b.png")) == 0
    shown = capsys.readouterr().out
    assert "\ncustom_test_images/b.png -> 7 with" in shown and "\nmore/b.png -> 2 with" in shown
    assert predict(str(custom), str(custom / "b.png")) == 0
    assert "custom_test_images/b.png" not in capsys.readouterr().out


@pytest.mark.skipif(os.name == "nt", reason="needs a pseudoterminal")
def test_json_keeps_a_terminal_for_problems_alone(custom: Path) -> None:
    copies(custom, FEW + 2)
    (custom / "a.txt").write_text("no picture")
    command = [sys.executable, "main.py", "predict", "--weights", str(LARGEST), "--json", "--show", str(custom)]
    terminal, end = os.openpty()
    with subprocess.Popen(command, cwd=PLACES.weights.parent, stdout=subprocess.PIPE, stderr=end) as process:
        out, _ = process.communicate(timeout=120)
    os.close(end)
    said = os.read(terminal, 10_000).decode()
    os.close(terminal)
    assert process.returncode == 1
    assert [list(json.loads(line))[1] for line in out.splitlines()] == [*["number"] * (FEW + 1), "error", "number"]
    assert re.sub("\x1b\\[[0-9;]*m", "", said).split() == (
        "a.txt: a picture is a PNG, JPEG, BMP, WebP, TIFF or GIF file, but this is none. Convert it.".split()
    )


def test_ctrl_c_stops_between_two_pictures(
    custom: Path, predict: Command, when_shown: Callable[[str], None], capsys: Captured
) -> None:
    put_picture(custom / "c.png", TWO)
    when_shown("^b.png -> 7")
    assert predict() == 130
    captured = capsys.readouterr()
    assert "c.png" not in captured.out and captured.err == "\nInterrupted.\n"
