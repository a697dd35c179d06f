"""A weight folder, data and terminal for each test alone."""

import io
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from rich.console import Console

from menu import actions, catalog, loop, pictures
from preprocessing.mnist import Dataset
from tests.squares import dataset


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A weight folder of the test's own, empty, and beside it the place of a picture folder."""
    made = tmp_path / "weight_output"
    made.mkdir()
    monkeypatch.setattr(catalog, "WEIGHT_FOLDER", made)
    monkeypatch.setattr(pictures, "PICTURE_FOLDER", tmp_path / "custom_test_images")
    return made


@pytest.fixture
def small_data(monkeypatch: pytest.MonkeyPatch) -> Dataset:
    """Squares in the place of MNIST."""
    data = dataset()
    monkeypatch.setattr(actions, "load_mnist", lambda: data)
    return data


Session = Callable[[str], tuple[int, str]]


@pytest.fixture
def session(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Session:
    """Type something into the menu; returns the exit status and the transcript, its times and folder made constant."""

    def run(typed: str) -> tuple[int, str]:
        screen = io.StringIO()
        monkeypatch.setattr("sys.stdin", io.StringIO(typed))
        status = loop.run(Console(file=screen, width=100))
        transcript = screen.getvalue().replace(str(folder), "FOLDER")
        transcript = re.sub(r"\d+\.\d+ s", "T s", transcript)
        transcript = re.sub(r"^( +\d+/\d+ .* T s) +[\d,]+$", r"\1 RATE", transcript, flags=re.MULTILINE)
        transcript = re.sub(r"\([\d,]+ images/s\)", "(RATE)", transcript)
        return status, re.sub(r" +$", "", transcript, flags=re.MULTILINE)

    return run
