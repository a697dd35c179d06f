"""Reading pictures from the menu and the command line: what is said, and what is written where."""

import io
import json
import os
import re
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from rich.console import Console

from cnn import Model
from figures.contact_sheet import CELL_WIDTH, COLUMNS, ROWS
from menu import command_line
from menu.actions.predict import DRAWN
from menu.render import digit_lines
from preprocessing.files import PictureFile
from preprocessing.mnist import load_mnist
from preprocessing.prediction import Prediction
from routines.pictures import ContactSheets, FolderError, ResizedFolder, find_pictures
from routines.places import PLACES, Places
from system.text import literal
from tests.menu.conftest import Session

SHIPPED = max(PLACES.weights.glob("*.npz"), key=lambda path: path.stat().st_size)
Predict = Callable[..., int]
Captured = pytest.CaptureFixture[str]
SEVEN, TWO = 0, 1  # of the test images


def put_picture(path: Path, *indices: int) -> Path:
    """Test digits side by side on white paper, in a file."""
    path.parent.mkdir(exist_ok=True)
    images = np.hstack([load_mnist().x_test[index] for index in indices])
    paper = cv2.resize(255 - images, None, fx=4, fy=4, interpolation=cv2.INTER_CUBIC)
    path.write_bytes(cv2.imencode(".png", paper)[1].tobytes())
    return path


@pytest.fixture
def custom(places: Places) -> Path:
    """The picture folder of this test, with a seven."""
    put_picture(places.pictures / "b.png", SEVEN)
    return places.pictures


@pytest.fixture
def predict(places: Places) -> Predict:
    """The command that reads pictures, in the test's places."""
    return lambda *arguments: command_line.run(["predict", "--weights", str(SHIPPED), *arguments], places)


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
    custom: Path, predict: Predict, capsys: Captured
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


def test_the_picture_that_is_kept_is_what_the_network_saw(custom: Path, predict: Predict) -> None:
    assert predict("--json") == 0
    seen = cv2.imread(str(custom / "resized" / "b.png"), cv2.IMREAD_UNCHANGED)
    assert seen is not None and seen.shape == (28, 28)
    probabilities = Model.load(SHIPPED).probabilities(np.asarray(seen, np.uint8))
    assert probabilities.argmax() == 7


def test_paths_are_read_instead_of_the_folder_and_what_is_missing_is_named(
    custom: Path, predict: Predict, tmp_path: Path, capsys: Captured
) -> None:
    path = put_picture(tmp_path / "elsewhere" / "two.png", TWO)
    assert predict("--json", str(path), str(tmp_path / "missing.png")) == 1
    first, second = map(json.loads, capsys.readouterr().out.splitlines())
    assert first["number"] == "2"
    assert second["file"] == str(tmp_path / "missing.png") and second["error"]
    assert (custom / "resized" / "two.png").exists()
    assert sorted(path.parent.iterdir()) == [path]


def test_where_no_picture_is_read_what_was_kept_before_stays(custom: Path, predict: Predict, capsys: Captured) -> None:
    assert predict() == 0
    before = {path.name: path.read_bytes() for path in (custom / "resized").iterdir()}
    capsys.readouterr()
    assert predict(str(custom / "nope.png")) == 1
    assert "What the network saw" not in capsys.readouterr().out
    assert {path.name: path.read_bytes() for path in (custom / "resized").iterdir()} == before
    assert predict(str(custom / "nope.png"), str(custom / "b.png")) == 1
    sheet = cv2.imread(str(custom / "resized" / "contact_sheet.png"))
    assert sheet is not None and sheet.shape[1] > 1.5 * CELL_WIDTH  # both are on it


def test_an_empty_folder_is_a_mistake(custom: Path, predict: Predict, capsys: Captured) -> None:
    (custom / "b.png").unlink()
    assert predict() == 2
    captured = capsys.readouterr()
    assert captured.out == "" and "there are no pictures to read" in captured.err


def test_hidden_files_and_folders_are_left_out_and_the_rest_is_in_name_order(custom: Path) -> None:
    (custom / ".hidden.png").touch()
    (custom / "folder").mkdir()
    (custom / "A.png").touch()
    assert find_pictures([custom]) == [custom / "A.png", custom / "b.png"]


def test_only_what_was_resized_before_is_cleared(custom: Path, places: Places) -> None:
    (custom / "resized" / "mine").mkdir(parents=True)
    (custom / "resized" / "mine" / "deep.png").touch()
    (custom / "resized" / "old.png").touch()
    ResizedFolder(places, [custom / "b.png"])
    assert not (custom / "resized" / "old.png").exists()
    assert (custom / "resized" / "mine" / "deep.png").exists() and (custom / "b.png").exists()


def test_pictures_that_would_be_cleared_are_read_and_stay(custom: Path, predict: Predict, capsys: Captured) -> None:
    put_picture(custom / "resized" / "seven.png", SEVEN)
    assert predict("--json", str(custom / "resized")) == 0
    captured = capsys.readouterr()
    assert json.loads(captured.out)["number"] == "7"
    assert "this folder is emptied for each run, but it holds pictures to read" in captured.err
    assert [path.name for path in (custom / "resized").iterdir()] == ["seven.png"]


def test_a_link_in_the_place_of_the_folder_is_not_followed(
    custom: Path, predict: Predict, tmp_path: Path, capsys: Captured
) -> None:
    precious = put_picture(tmp_path / "precious" / "a.png", TWO)
    try:
        os.symlink(precious.parent, custom / "resized")
    except OSError:
        pytest.skip("This system lets nobody make links.")
    assert predict("--json") == 0
    assert "a folder is needed, but this is a link" in capsys.readouterr().err
    assert list(precious.parent.iterdir()) == [precious]


def test_a_folder_that_cannot_be_written_costs_no_answer(custom: Path, predict: Predict, capsys: Captured) -> None:
    (custom / "resized").write_text("a file")
    assert predict("--json", str(custom / "b.png")) == 0
    captured = capsys.readouterr()
    assert json.loads(captured.out)["number"] == "7"
    assert "What the network sees is not kept." in captured.err


def test_the_same_stem_twice_loses_nothing(custom: Path, places: Places) -> None:
    folder = ResizedFolder(places, [])
    names = [folder.write(stem, b"x").name for stem in ("7", "7", "7", "seven", "SEVEN")]
    assert names == ["7.png", "7 (2).png", "7 (3).png", "seven.png", "SEVEN (2).png"]


def test_contact_sheets_have_all_pictures_on_as_many_pages_as_it_takes(custom: Path, places: Places) -> None:
    sheets = ContactSheets(ResizedFolder(places, []), "Title")
    nothing = Prediction(PictureFile(Path("$x$.png"), error="no picture"), ())
    for _ in range(COLUMNS * ROWS + 1):
        sheets.add(nothing)
    sheets.finish()
    sheets.finish()
    assert [path.name for path in sheets.paths] == ["contact_sheet.png", "contact_sheet (2).png"]
    heights = [np.asarray(cv2.imread(str(path))).shape[0] for path in sheets.paths]
    assert heights[0] > 5 * heights[1]


def test_a_page_that_cannot_be_written_is_said(custom: Path, places: Places) -> None:
    folder = ResizedFolder(places, [])
    folder.path.rmdir()
    with pytest.raises(FolderError, match="cannot be written"):
        folder.write("a", b"")


def test_digits_are_drawn_in_grey_or_without_colours_in_black_and_white() -> None:
    image = np.zeros((28, 28), np.uint8)
    image[0, 0], image[1, 1], image[2:4, 2] = 255, 200, 150
    plain = [line.plain for line in digit_lines([image], Console(file=io.StringIO(), color_system=None))]
    assert plain[:3] == ["▀▄", "  █", ""] and len(plain) == 14
    (line, *_) = digit_lines([image, image], Console(file=io.StringIO(), force_terminal=True, color_system="truecolor"))
    assert line.plain == "▀" * 57
    assert str(line.spans[1].style) == "rgb(0,0,0) on rgb(200,200,200)"


def test_many_pictures_are_not_drawn(custom: Path, predict: Predict, capsys: Captured) -> None:
    picture = (custom / "b.png").read_bytes()
    for number in range(DRAWN - 1):
        (custom / f"{number}.png").write_bytes(picture)
    assert predict() == 0
    assert "█" in capsys.readouterr().out
    (custom / "more.png").write_bytes(picture)
    assert predict() == 0
    assert "█" not in capsys.readouterr().out


def test_ctrl_c_stops_between_two_pictures(
    custom: Path, predict: Predict, when_shown: Callable[[str], None], capsys: Captured
) -> None:
    put_picture(custom / "c.png", TWO)
    when_shown("^b.png -> 7")
    assert predict() == 130
    captured = capsys.readouterr()
    assert "c.png" not in captured.out and captured.err == "\nInterrupted.\n"


def test_literal_text_is_one_line_of_what_can_be_seen() -> None:
    assert literal("größe [b] 数\n\x1b\udcff\u202e") == "größe [b] 数\\n\\x1b\\udcff\\u202e"


def test_the_place_of_pictures_is_beside_the_program() -> None:
    assert PLACES.pictures == PLACES.weights.parent / "custom_test_images"
