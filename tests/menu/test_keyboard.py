"""The keyboard of a real terminal: line editing, history, and keys that nobody waits for."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from menu.keyboard import LONG

if sys.platform == "win32":
    pytest.skip("needs a POSIX terminal", allow_module_level=True)

import fcntl
import pty
import termios

ROOT = Path(__file__).parents[2]
ASKING = """
from rich.console import Console
from menu import prompts
print("=", repr(prompts.ask(Console(), "First", str)), repr(prompts.ask(Console(), "Second", str)))
"""
WORKING = """
import sys
from pathlib import Path
from rich.console import Console
from menu import prompts
from menu.progress import Follower
from routines.events import Noted

def work():
    yield Noted("begun")
    while not Path(sys.argv[1]).exists():
        pass
    yield Noted("done")

Follower(Console()).follow(work(), lambda event: print(event.text))
print("=", repr(prompts.ask(Console(), "Answer", str)))
"""


class Terminal:
    """A program in a terminal of its own, and all that its screen has shown."""

    def __init__(self, code: str, *arguments: str) -> None:
        self._ours, theirs = pty.openpty()
        self._process = subprocess.Popen(
            [sys.executable, "-c", code, *arguments],
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
            env={**os.environ, "TERM": "xterm"},
            cwd=ROOT,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
        )
        os.close(theirs)
        self.screen = ""

    def type(self, keys: str) -> None:
        os.write(self._ours, keys.encode())

    def wait_for(self, text: str) -> None:
        """Read what is shown until a text is among it, or the program has ended."""
        with suppress(OSError):
            while text not in self.screen:
                self.screen += os.read(self._ours, 4096).decode(errors="replace")
        assert text in self.screen

    def close(self) -> None:
        self._process.kill()
        self._process.wait()
        os.close(self._ours)


Start = Callable[..., Terminal]


@pytest.fixture
def start() -> Iterator[Start]:
    """Start programs, which end with the test."""
    started: list[Terminal] = []

    def begin(code: str, *arguments: str) -> Terminal:
        started.append(Terminal(code, *arguments))
        return started[-1]

    yield begin
    for terminal in started:
        terminal.close()


def test_a_line_can_be_edited_and_an_earlier_one_fetched(start: Start) -> None:
    pytest.importorskip("readline")
    terminal = start(ASKING)
    terminal.wait_for("First: ")
    terminal.type("bc\x1b[D\x1b[Da\r")  # two arrows to the left
    terminal.wait_for("Second: ")
    terminal.type("\x1b[A!\r")  # an arrow up
    terminal.wait_for("= 'abc' 'abc!'")


def test_keys_typed_during_work_are_neither_shown_nor_taken_for_an_answer(start: Start, tmp_path: Path) -> None:
    terminal = start(WORKING, str(tmp_path / "go"))
    terminal.wait_for("begun")
    terminal.type("meddling\n")
    time.sleep(LONG)  # for an echo that must not come
    (tmp_path / "go").touch()
    terminal.wait_for("Answer: ")
    terminal.type("meant\r")
    terminal.wait_for("= 'meant'")
    assert "meddling" not in terminal.screen and "meant\r\n" in terminal.screen


def test_what_is_typed_ahead_of_questions_is_taken(start: Start) -> None:
    terminal = start(ASKING)
    terminal.type("a\nb\n")
    terminal.wait_for("= 'a' 'b'")


def test_what_is_typed_ahead_of_a_moment_s_work_is_taken(start: Start, tmp_path: Path) -> None:
    (tmp_path / "go").touch()
    terminal = start(WORKING, str(tmp_path / "go"))
    terminal.type("meant\n")
    terminal.wait_for("= 'meant'")
