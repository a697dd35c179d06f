"""What reading pictures writes, and where."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from cnn import Model
from figures.contact_sheet import CELL_WIDTH
from routines.places import PLACES
from tests.menu.conftest import TWO, Captured, Command, put_picture
from tests.shipped import LARGEST


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def test_the_picture_that_is_kept_is_what_the_network_saw(custom: Path, predict: Command) -> None:
    assert predict("--json") == 0
    seen = cv2.imread(str(custom / "resized" / "b.png"), cv2.IMREAD_UNCHANGED)
    assert seen is not None and seen.shape == (28, 28)
    probabilities = Model.load(LARGEST).probabilities(np.asarray(seen, np.uint8))
    assert probabilities.argmax() == 7


def test_other_pictures_leave_nothing_behind_and_what_was_kept_as_it_was(
    custom: Path, predict: Command, tmp_path: Path, capsys: Captured
) -> None:
    assert predict() == 0
    before = contents(custom / "resized")
    assert len(before) == 2
    elsewhere = put_picture(tmp_path / "elsewhere" / "two.png", TWO)
    capsys.readouterr()
    for paths in ([str(elsewhere.parent)], [str(custom / "b.png")], [str(custom), str(elsewhere)]):
        assert predict(*paths) == 0
        assert "What the network saw" not in capsys.readouterr().out
    assert contents(custom / "resized") == before
    assert [path.name for path in elsewhere.parent.iterdir()] == ["two.png"]
    assert sorted(path.name for path in custom.iterdir()) == ["b.png", "resized"]


def test_paths_are_read_instead_of_the_folder_and_what_is_missing_is_named(
    custom: Path, predict: Command, tmp_path: Path, capsys: Captured
) -> None:
    path = put_picture(tmp_path / "elsewhere" / "two.png", TWO)
    assert predict("--json", str(path), str(tmp_path / "missing.png")) == 1
    first, second = map(json.loads, capsys.readouterr().out.splitlines())
    assert first["number"] == "2"
    assert second["file"] == str(tmp_path / "missing.png") and second["error"]


def test_output_goes_into_a_folder_beside_the_files_of_others(
    custom: Path, predict: Command, tmp_path: Path, capsys: Captured
) -> None:
    output = tmp_path / "new" / "seen"
    put_picture(custom / "a.png", TWO)
    assert predict("--output", str(output), str(custom)) == 0
    assert sorted(contents(output)) == ["a.png", "b.png", "contact_sheet.png"]
    assert f"What the network saw: {output}" in capsys.readouterr().out.replace("\n", "")
    (output / "mine.png").write_bytes(b"mine")
    (output / "b.png").write_bytes(b"mine too")
    assert predict("--output", str(output), str(custom / "b.png")) == 0
    after = contents(output)
    assert sorted(after) == ["b (2).png", "b.png", "contact_sheet.png", "mine.png"]
    assert "2 other files there stay as they are." in capsys.readouterr().out
    assert (after["mine.png"], after["b.png"]) == (b"mine", b"mine too")
    assert not (custom / "resized").exists()


def test_the_own_folder_is_known_by_another_path(
    custom: Path, predict: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(custom.parent)
    assert predict("./custom_test_images/../custom_test_images/") == 0
    assert (custom / "resized" / "b.png").exists()


def test_output_among_the_pictures_is_a_mistake(custom: Path, predict: Command, capsys: Captured) -> None:
    assert predict("--output", str(custom), str(custom)) == 2
    captured = capsys.readouterr()
    assert captured.out == "" and "but this holds some to read. Give another folder." in captured.err
    assert [path.name for path in custom.iterdir()] == ["b.png"]


def test_where_no_picture_is_read_what_was_kept_before_stays(custom: Path, predict: Command, capsys: Captured) -> None:
    assert predict() == 0
    before = contents(custom / "resized")
    output = ("--output", str(custom / "resized"))
    capsys.readouterr()
    assert predict(*output, str(custom / "nope.png")) == 1
    assert "What the network saw" not in capsys.readouterr().out
    assert contents(custom / "resized") == before
    assert predict(*output, str(custom / "nope.png"), str(custom / "b.png")) == 1
    sheet = cv2.imread(str(custom / "resized" / "contact_sheet.png"))
    assert sheet is not None and sheet.shape[1] > 1.5 * CELL_WIDTH  # both are on it


def test_a_folder_that_cannot_be_written_costs_no_answer(
    custom: Path, predict: Command, tmp_path: Path, capsys: Captured
) -> None:
    (custom / "resized").write_text("a file")
    assert predict("--json") == 1  # as this file is no picture
    captured = capsys.readouterr()
    assert json.loads(captured.out.splitlines()[0])["number"] == "7"
    assert "What the network sees is not kept." in captured.err
    (tmp_path / "file").touch()
    assert predict("--json", "--output", str(tmp_path / "file" / "seen"), str(custom / "b.png")) == 1
    captured = capsys.readouterr()
    assert json.loads(captured.out)["number"] == "7" and "What the network sees is not kept." in captured.err


def test_the_place_of_pictures_is_beside_the_program() -> None:
    assert PLACES.pictures == PLACES.weights.parent / "custom_test_images"
