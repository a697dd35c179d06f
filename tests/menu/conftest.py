"""Places, data and a terminal for each test alone."""

import io
import re
import signal
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

import cv2
import numpy as np
import pytest
from rich.console import Console

from menu import command_line, loop
from preprocessing.datasets import Dataset
from preprocessing.mnist import load_mnist
from routines.places import Places
from tests.shipped import LARGEST
from tests.squares import dataset

MODEL = "C(4,5)-P4-FC10"
Captured = pytest.CaptureFixture[str]
WhenShown = Callable[..., None]
Command = Callable[..., int]
Train = Callable[..., int]


def save_data(path: Path, data: Dataset) -> Path:
    """Write a data set as an .npz file."""
    np.savez(path, x_train=data.x_train, y_train=data.y_train, x_test=data.x_test, y_test=data.y_test)
    return path


@pytest.fixture
def places(tmp_path: Path) -> Places:
    """Places of the test's own: no models, no pictures, and squares in the place of MNIST."""
    made = replace(Places.of(tmp_path, save_data(tmp_path / "squares.npz", dataset())), input=tmp_path / "input.png")
    made.weights.mkdir()
    return made


@pytest.fixture
def folder(places: Places) -> Path:
    """The weight folder, empty."""
    return places.weights


class Watched:
    """A stream that does something when a text that matches is written to it."""

    def __init__(self, stream: Any, pattern: str, action: Callable[[], object]) -> None:
        self._stream, self._pattern, self._action = stream, pattern, action

    def write(self, text: str) -> int:
        written: int = self._stream.write(text)
        if re.search(self._pattern, text, re.MULTILINE):
            self._action()
        return written

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def once(action: Callable[[], object]) -> Callable[[], None]:
    """Return what does something the first time that it is called."""
    actions = [action]

    def act() -> None:
        if actions:
            actions.pop()()

    return act


def press_ctrl_c() -> None:
    """Send this process what the terminal sends for Ctrl-C."""
    signal.raise_signal(signal.SIGINT)


HEADING = "epoch +loss"  # the last line before training begins
DIVERGING = "FC256-" * 30 + "FC10"  # at a learning rate of 1, in the first epoch


def after_epoch(number: int) -> str:
    """What is written after an epoch, as a line or as JSON."""
    return rf'^ +{number}/\d+ |"epoch": {number},'


class Session(Protocol):
    """Type something into the menu; do something when the screen shows what matches a pattern."""

    def __call__(self, typed: Any, when: str = "", action: Callable[[], object] = press_ctrl_c) -> tuple[int, str]:
        """Return the exit status and the transcript, its times and folder made constant."""


@pytest.fixture
def session(places: Places, monkeypatch: pytest.MonkeyPatch) -> Session:
    """A menu in the test's places."""

    def run(typed: Any, when: str = "", action: Callable[[], object] = press_ctrl_c) -> tuple[int, str]:
        screen = io.StringIO()
        monkeypatch.setattr("sys.stdin", io.StringIO(typed) if isinstance(typed, str) else typed)
        file: Any = Watched(screen, when, once(action)) if when else screen
        status = loop.run(Console(file=file, width=100), places)
        transcript = screen.getvalue().replace(str(places.weights), "FOLDER")
        transcript = re.sub(r"\d+\.\d+ s", "T s", transcript)
        transcript = re.sub(r"^( +\d+/\d+ .* T s) +[\d,]+$", r"\1 RATE", transcript, flags=re.MULTILINE)
        transcript = re.sub(r"\([\d,]+ images/s\)", "(RATE)", transcript)
        return status, re.sub(r" +$", "", transcript, flags=re.MULTILINE)

    return run


@pytest.fixture
def when_shown(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Do something when standard output or standard error show what matches a pattern."""

    def watch(pattern: str, action: Callable[[], object] = press_ctrl_c) -> None:
        act = once(action)
        for name in ("stdout", "stderr"):
            monkeypatch.setattr(sys, name, Watched(getattr(sys, name), pattern, act))

    return watch


@pytest.fixture
def data_file(tmp_path: Path) -> Path:
    """Squares, some of the test labels wrong, so that figures of training and test images differ."""
    data = dataset()
    data.y_test[:20] = (data.y_test[:20] + 1) % 10
    return save_data(tmp_path / "data.npz", data)


@pytest.fixture
def command(places: Places) -> Command:
    """A command line in the test's places."""
    return lambda *arguments: command_line.run(list(arguments), places)


@pytest.fixture
def train(command: Command, data_file: Path) -> Train:
    """A short training; what is given more replaces what is given here."""

    def run(output: Path, *more: str) -> int:
        arguments = ["train", "--model", MODEL, "--data", str(data_file), "--output", str(output)]
        return command(*arguments, "--learning-rate", "0.01", "--epochs", "3", "--batch-size", "20", *more)

    return run


SEVEN, TWO = 0, 1  # of the test images


def put_picture(path: Path, *indices: int) -> Path:
    """Write test digits side by side on white paper, in a file."""
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
def predict(places: Places) -> Command:
    """The command that reads pictures, in the test's places."""
    return lambda *arguments: command_line.run(["predict", "--weights", str(LARGEST), *arguments], places)
