"""Export and import, as a person meets them."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cnn import Model
from cnn.exchange.keras_file import write_keras
from routines.places import Places
from tests.cnn.exchange.models import filled
from tests.menu.conftest import Captured, Command, Session

STRING = "C(4,5)-P4-FC10"


@pytest.fixture
def model(folder: Path) -> Model:
    """The only model that the menu shows."""
    filled(STRING).save(folder / f"weight_details{STRING}.npz")
    return filled(STRING)


def test_the_menu_exports_to_the_file_that_is_typed(model: Model, session: Session, tmp_path: Path) -> None:
    path = tmp_path / "m.keras"
    status, transcript = session(f"1\n5\nm.txt\n{path}\n5\n{path}\nn\n0\n3\n")
    assert status == 0 and path.exists()
    lines = transcript.splitlines()
    assert " 5  Export" in lines
    assert f"File, .onnx or .keras [{STRING}.onnx]: m.txt" in lines
    assert "m.txt: a file to export to ends in .onnx, for ONNX or .keras, for Keras. Choose another name." in transcript
    assert f"Keras: {path}, {path.stat().st_size:,} bytes" in transcript.replace("\n", "")
    assert "it answers the same for 100 of 100 digits" in transcript
    assert "m.keras exists. Replace it? (y/n) [n]: n" in lines and "Nothing was changed." in lines


def test_a_command_exports_to_both(model: Model, command: Command, tmp_path: Path, capsys: Captured) -> None:
    files = [str(tmp_path / "m.onnx"), str(tmp_path / "m.keras")]
    assert command("export", "--model", STRING, "--onnx", files[0], "--keras", files[1], "--json") == 0
    captured = capsys.readouterr()
    objects = [json.loads(line) for line in captured.out.splitlines()]
    assert [(each["format"], each["file"]) for each in objects] == [("ONNX", files[0]), ("Keras", files[1])]
    assert all(each["greatest_difference"] < 1e-5 and each["same_answers"] == 100 for each in objects)
    assert captured.err == ""


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "An export has a file to write: none was given. Add --onnx FILE.onnx or --keras FILE.keras."),
        (["--onnx", "m.keras"], "m.keras: --onnx takes a file that ends in .onnx. Choose another name."),
        (["--keras", "m.h5"], "m.h5: a file to export to ends in .onnx, for ONNX or .keras, for Keras."),
    ],
)
def test_a_mistake_is_a_sentence(
    arguments: list[str], message: str, model: Model, command: Command, capsys: Captured
) -> None:
    assert command("export", "--model", STRING, *arguments) == 2
    assert message in capsys.readouterr().err.replace("\n", " ")


def test_a_command_imports_what_keras_has(places: Places, command: Command, tmp_path: Path, capsys: Captured) -> None:
    write_keras(tmp_path / "m.keras", filled(STRING))
    assert command("import", str(tmp_path / "m.keras")) == 0
    out = capsys.readouterr().out
    assert f"{STRING}: {filled(STRING).parameter_count:,} parameters, test accuracy " in out
    assert f"Weights: {places.weights / f'weight_details{STRING}.npz'}" in out
    assert command("import", str(tmp_path / "m.keras")) == 2
    assert "not replaced unasked. Choose a place by --output." in capsys.readouterr().err.replace("\n", " ")


def save_ambiguous(path: Path) -> Path:
    arrays: dict[str, Any] = {
        f"{name}{number}": array
        for number, each in filled("C(1,1)-FC10").arrays().items()
        for name, array in each.items()
    }
    np.savez(path, **arrays)
    return path


def test_where_channels_lie_is_asked_in_a_terminal(
    command: Command, tmp_path: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = save_ambiguous(tmp_path / "a.npz")
    arguments = ["import", str(path), "--model", "C(1,1)-FC10"]
    assert command(*arguments) == 2
    assert "Add --layout first, or --layout last." in capsys.readouterr().err.replace("\n", " ")
    typed = iter(["both", "last", "q"])
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("menu.prompts._read_line", lambda *more: next(typed))
    assert command(*arguments, "--output", str(tmp_path / "x.npz")) == 0
    out = capsys.readouterr().out.replace("\n", " ")
    assert "as PyTorch's, or behind, as Keras'." in out and "Channels are first or last: 'both' was given." in out
    assert "parameters, channels last, test accuracy" in out
    assert command(*arguments, "--output", str(tmp_path / "z.npz")) == 130
    assert "Interrupted." in capsys.readouterr().err and not (tmp_path / "z.npz").exists()
    assert command(*arguments, "--layout", "first", "--output", str(tmp_path / "y.npz")) == 0
    assert "parameters, channels first, test accuracy" in capsys.readouterr().out
