"""Records what the README shows of the program: python -m menu.make_session.

It types into the real menu, in a folder of its own: a training becomes docs/pictures/training.svg, the reading of a
picture the session in README.md, and the contact sheet of the samples docs/pictures/samples.png.
"""

import io
import os
import re
import shutil
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal, TextIO, cast

from rich.console import Console
from rich.text import Text

from cnn.architecture import parse
from menu import loop
from routines.events import PicturesKept
from routines.models import SHIPPED, find_model, weight_path
from routines.places import PLACES, ROOT, Places
from routines.predict import PredictRequest, predict

README = ROOT / "README.md"
PICTURES = ROOT / "docs" / "pictures"
SVG, SHEET = PICTURES / "training.svg", PICTURES / "samples.png"
BLOCK = re.compile(r"(?<=<!-- python -m menu\.make_session -->\n```\n).*?(?=^```$)", re.DOTALL | re.MULTILINE)
WIDTH = 80  # characters of a line

# What a question begins with, and the answer; a choice is named as its line in the menu. Other questions get Enter.
Answers = Sequence[tuple[str, str]]
CHOICE = "Choose"
PICTURE = "2_ruled_paper.jpg"
TRAINING: Answers = (
    (CHOICE, "Train a new model"),
    ("Model string", "C(8,5)-P2-FC10"),
    ("Learning rate", "fast"),
    ("Epochs", "2"),
    ("More settings", "n"),
    (CHOICE, "Quit"),
)
READING: Answers = ((CHOICE, "C(8,5)-P2-FC10"), (CHOICE, "Read the pictures in custom_test_images"))  # and then Ctrl-D


@dataclass(frozen=True)
class Recording:
    """Both sessions, and the contact sheet, a PNG file."""

    training: Text
    reading: Text
    sheet: bytes


class Typist:
    """Standard input of somebody who answers what the screen asks, and then is gone.

    typed: where on the screen the answers begin, in characters.
    """

    def __init__(self, screen: Callable[[], Text], answers: Answers) -> None:
        self._screen, self._answers = screen, list(answers)
        self.typed: list[int] = []

    def isatty(self) -> bool:
        """Return that it is no terminal."""
        return False

    def readline(self) -> str:
        """Return the answer to the question on the screen; after the last, the end of input.

        Raises:
            RuntimeError: where the question is not the one that is to be answered, and has no default.
        """
        if not self._answers:
            return ""
        shown = self._screen().plain
        self.typed.append(len(shown))
        asked, (question, answer) = shown.splitlines()[-1], self._answers[0]
        if not asked.startswith(question):
            if "[" not in asked:
                raise RuntimeError(f"The next answer is to {question!r}, but the screen asks {asked!r}.")
            return "\n"
        del self._answers[0]
        if question == CHOICE:
            answer = re.findall(rf"^ *(\S+) +{re.escape(answer)}(?:  |$)", shown, re.MULTILINE)[-1]
        return f"{answer}\n"


def play(places: Places, answers: Answers, colours: Literal["standard"] | None = None) -> Text:
    """Return the transcript of a session in the menu, its paths beginning in the project's folder."""
    file = io.StringIO()

    def screen() -> Text:
        return Text.from_ansi(file.getvalue().replace(f"{places.weights.parent}{os.sep}", ""))

    before, typist = sys.stdin, Typist(screen, answers)
    try:
        sys.stdin = cast(TextIO, typist)
        loop.run(Console(file=file, width=WIDTH, color_system=colours, no_color=False), places)
    finally:
        sys.stdin = before
    shown = screen()
    for start in typist.typed:
        shown.stylize("bold #7fd5ea", start, shown.plain.find("\n", start))
    return shown


def contact_sheet(places: Places) -> bytes:
    """Return the contact sheet of the samples as the largest model reads them, a PNG file."""
    model = find_model(PLACES, parse(SHIPPED[-1]))
    for event in predict(PredictRequest(model, (PLACES.pictures,), places.resized), places, threading.Event()):
        if isinstance(event, PicturesKept):
            sheet = event.sheets[0]
    return sheet.read_bytes()


def record() -> Recording:
    """Play both sessions in a new folder, the second with what the first has trained."""
    with TemporaryDirectory() as folder:
        places = Places.of(Path(folder).resolve())
        for path in (places.weights, places.pictures):
            path.mkdir()
        for model in SHIPPED:
            shutil.copy(weight_path(PLACES, parse(model)), places.weights)
        shutil.copy(PLACES.pictures / PICTURE, places.pictures)
        return Recording(play(places, TRAINING, "standard"), play(places, READING), contact_sheet(places))


def draw(session: Text, title: str) -> str:
    """Return a session as an SVG file that loads nothing."""
    console = Console(file=io.StringIO(), width=WIDTH, record=True)
    console.print(session, overflow="fold", end="")
    svg = console.export_svg(title=title, unique_id="session")
    return re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL).replace("Fira Code, monospace", "monospace")


def plain(session: Text) -> str:
    """Return the lines of a session without blanks at their ends."""
    return "".join(f"{line.rstrip()}\n" for line in session.plain.splitlines())


def main() -> None:
    """Record, and replace the README's session and its pictures."""
    recording = record()
    readme, blocks = BLOCK.subn(lambda _: plain(recording.reading), README.read_text(encoding="utf-8"), 1)
    if blocks != 1:
        raise RuntimeError(
            f"{README} must have one session, under the comment that names this script: it has {blocks}."
        )
    PICTURES.mkdir(exist_ok=True)
    files = {README: readme.encode(), SVG: draw(recording.training, "make run").encode(), SHEET: recording.sheet}
    for path, content in files.items():
        path.write_bytes(content)


if __name__ == "__main__":
    main()
