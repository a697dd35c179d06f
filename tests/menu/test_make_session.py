"""The sessions that the README shows are what the program does today; the typist who types them."""

import io
import re
from functools import partial
from xml.etree import ElementTree

import pytest
from rich.text import Text

from menu import make_session
from menu.make_session import BLOCK, CHOICE, README, SVG, WIDTH, Typist, draw, plain

CHARACTER, LINE = 12.2, 24.4  # pixels of the SVG that rich draws


def lines_of(svg: str) -> str:
    """Return the text of a picture, its window's title apart."""
    lines: dict[int, str] = {}
    for element in ElementTree.fromstring(svg).iter("{http://www.w3.org/2000/svg}text"):  # noqa: S314 - it is our own
        if "title" not in element.attrib["class"]:
            row, column = (float(element.attrib["y"]) - 20) / LINE, float(element.attrib["x"]) / CHARACTER
            text = (element.text or "").replace("\xa0", " ")
            lines[round(row)] = lines.get(round(row), "").ljust(round(column)) + text
    return "".join(f"{lines.get(row, '').rstrip()}\n" for row in range(max(lines) + 1))


def steady(session: str) -> str:
    """Return a session without what differs from machine to machine and from day to day."""
    session = re.sub(r"\d{4}-\d\d-\d\d", "DATE", session.replace("\\", "/"))
    session = re.sub(r"^( +\d+/\d+) .*", r"\1 EPOCH", session, flags=re.MULTILINE)
    session = re.sub(r"\(then \d", "(then DIGIT", session)
    return re.sub(r" *\d+\.\d+(%| s|,)", r" FIGURE\1", session)


def test_the_sessions_of_the_readme_are_what_the_program_does() -> None:
    recording = make_session.record()
    (shown,) = BLOCK.findall(README.read_text(encoding="utf-8"))
    assert steady(shown) == steady(plain(recording.reading))
    assert steady(lines_of(SVG.read_text(encoding="utf-8"))) == steady(plain(recording.training))
    assert "-> 2 with" in shown
    assert recording.sheet.startswith(b"\x89PNG")


def test_what_is_drawn_is_what_was_said_and_loads_nothing() -> None:
    session = Text("a <b> & [c]\n\n  d").append("e" * 5, "red")
    svg = draw(session, "title")
    assert lines_of(svg) == "a <b> & [c]\n\n  deeeee\n"
    assert not re.search(r"url\((?!#)|href|src|@import|@font-face", svg)


def test_no_line_of_the_picture_is_cut() -> None:
    assert max(map(len, lines_of(SVG.read_text(encoding="utf-8")).splitlines())) <= WIDTH


def test_a_choice_is_typed_as_the_key_of_its_line() -> None:
    screen = partial(Text, "1  A  99%\n10  To go\n2  A longer\nChoose: ")
    typist = Typist(screen, [(CHOICE, "To go"), (CHOICE, "A")])
    assert [typist.readline() for _ in range(3)] == ["10\n", "1\n", ""]
    assert typist.typed == [len(screen().plain)] * 2


def test_other_questions_get_their_default_and_none_without_one() -> None:
    questions = io.StringIO("Epochs [5]: ")
    typist = Typist(lambda: Text(questions.getvalue()), [("Learning rate", "1")])
    assert typist.readline() == "\n"
    questions.write("Epochs, how many: ")
    questions.seek(0)
    with pytest.raises(RuntimeError, match=r"'Learning rate'.*'Epochs, how many"):
        typist.readline()
