"""Digits drawn in the terminal, whatever it can show."""

import io
import os
import re

import numpy as np
import pytest
from numpy.typing import NDArray
from rich.console import Console

from menu.drawing import BLOCKS, SHADES, digit_lines


class Screen(io.StringIO):
    """What is written, in some encoding."""

    encoding = ""

    def __init__(self, encoding: str) -> None:
        super().__init__()
        self.encoding = encoding


def console(width: int = 80, encoding: str = "utf-8", color_system: str = "", no_color: bool = False) -> Console:
    return Console(
        file=Screen(encoding),
        width=width,
        force_terminal=bool(color_system),
        color_system=color_system or None,  # type: ignore[arg-type]
        no_color=no_color,
    )


def drawn(images: list[NDArray[np.uint8]], on: Console) -> list[str]:
    """What a console shows, line by line."""
    for line in digit_lines(images, on):
        on.print(line, no_wrap=True, overflow="crop")
    assert isinstance(on.file, io.StringIO)
    return on.file.getvalue().splitlines()


@pytest.fixture
def image() -> NDArray[np.uint8]:
    """A square at the left edge, a grey one beside it, and a black rest."""
    made = np.zeros((28, 28), np.uint8)
    made[2:6, 0:4] = 255
    made[2:6, 4:6] = 80
    made[27, 27] = 255
    return made


def test_where_there_are_greys_a_cell_is_a_pixel_over_another(image: NDArray[np.uint8]) -> None:
    lines = list(digit_lines([image, image], console(color_system="truecolor")))
    assert [line.plain for line in lines] == ["▀" * 57] * 14
    assert [str(lines[1].spans[column].style) for column in (0, 4, 6, 28, 29)] == [
        "rgb(255,255,255) on rgb(255,255,255)",
        "rgb(80,80,80) on rgb(80,80,80)",
        "rgb(0,0,0) on rgb(0,0,0)",
        "rgb(0,0,0) on rgb(0,0,0)",
        "rgb(255,255,255) on rgb(255,255,255)",
    ]
    assert str(lines[13].spans[27].style) == "rgb(0,0,0) on rgb(255,255,255)"


def test_small_greys_are_means(image: NDArray[np.uint8]) -> None:
    lines = list(digit_lines([image] * 3, console(color_system="truecolor")))
    assert [line.plain for line in lines] == ["▀" * 44] * 7
    assert str(lines[1].spans[2].style) == "rgb(80,80,80) on rgb(0,0,0)"
    assert str(lines[6].spans[13].style) == "rgb(0,0,0) on rgb(64,64,64)"


def test_without_colours_blocks_are_drawn(image: NDArray[np.uint8]) -> None:
    large = ["", "████", "████", *[""] * 10, " " * 27 + "▄"]
    for each in (
        console(),  # a pipe, and TERM=dumb
        console(color_system="truecolor", no_color=True),
        console(color_system="standard"),  # whose greys are anybody's guess
    ):
        assert drawn([image], each) == large
    assert drawn([image], console(width=20)) == ["▄▄", "▀▀", *[""] * 4, " " * 13 + "▗"]


@pytest.mark.parametrize(
    ("environment", "in_grey"),
    [
        ({"TERM": "xterm-256color"}, True),
        ({"TERM": "xterm", "COLORTERM": "truecolor"}, True),
        ({"TERM": "xterm-256color", "NO_COLOR": "1"}, False),
        ({"TERM": "dumb"}, False),
        ({"TERM": "linux"}, False),
    ],
)
@pytest.mark.skipif(os.name == "nt", reason="Windows has no TERM")
def test_the_environment_says_what_a_terminal_shows(
    environment: dict[str, str], in_grey: bool, image: NDArray[np.uint8]
) -> None:
    screen = Screen("utf-8")
    terminal = Console(file=screen, force_terminal=True, width=80, _environ=environment)
    drawn([image], terminal)
    assert ("\x1b[38;" in screen.getvalue()) == in_grey
    assert ("▀" * 28 in re.sub("\x1b\\[[0-9;]*m", "", screen.getvalue())) == in_grey


def test_small_blocks_have_four_quarters_a_cell() -> None:
    image = np.zeros((28, 28), np.uint8)
    for code in range(16):  # in cells of four rows and two columns of pixels, two lines of eight
        top, left = 4 * (code // 8), 2 * (code % 8)
        image[top : top + 2, left] = 255 * (code >> 3 & 1)
        image[top : top + 2, left + 1] = 255 * (code >> 2 & 1)
        image[top + 2 : top + 4, left] = 255 * (code >> 1 & 1)
        image[top + 2 : top + 4, left + 1] = 255 * (code & 1)
    assert drawn([image], console(width=20))[:2] == [BLOCKS[:8], BLOCKS[8:]]


@pytest.mark.parametrize("encoding", ["ascii", "ANSI_X3.4-1968", "latin-1", "cp1252", "cp437", "no such encoding"])
def test_where_there_are_no_blocks_ascii_is_drawn(encoding: str, image: NDArray[np.uint8]) -> None:
    for color_system in ("", "truecolor"):
        lines = drawn([image], console(encoding=encoding, color_system=color_system))
        assert lines == ["", "@@@@==".replace("=", SHADES[80 * 10 // 256]), "@@@@" + 2 * SHADES[3], *lines[3:]]
        assert lines[13].strip() == SHADES[4] and "".join(lines).isascii()


@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
@pytest.mark.parametrize("color_system", ["", "truecolor"])
@pytest.mark.parametrize(
    ("digits", "width", "lines"),
    [
        *((1, 80, 14), (2, 80, 14), (3, 80, 7), (5, 80, 7), (6, 80, 15), (2, 60, 14), (3, 60, 7)),
        *((6, 200, 14), (13, 200, 7), (14, 200, 15), (1, 20, 7), (2, 10, 15)),
    ],
)
def test_rows_have_as_many_digits_as_fit(
    digits: int, width: int, lines: int, color_system: str, encoding: str, image: NDArray[np.uint8]
) -> None:
    image[:, 0] = image[:, 27] = 255
    shown = list(digit_lines([image] * digits, console(width, encoding, color_system)))
    assert len(shown) == lines
    assert max(len(line.plain) for line in shown) <= max(width, 14)
