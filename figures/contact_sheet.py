"""A page of a contact sheet: of each picture the original, what the network saw, and its answer."""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import numpy as np
from numpy.typing import NDArray

from figures.style import BLUE, VERMILION
from system.text import cut

COLUMNS, ROWS = 6, 12  # of pictures on a page
THUMBNAIL = 96  # pixels of a side, at most
GAP, LINE, MARGIN = 10, 34, 28  # pixels: around pictures, for the text under them, for the title
CELL_WIDTH, CELL_HEIGHT = 2 * THUMBNAIL + 2 * GAP, THUMBNAIL + LINE + GAP
LETTERS = 30  # of a name or a number, which stay in their column
DIGIT = 56  # pixels of a side of one digit among several, at which it can be told


@dataclass(frozen=True)
class Cell:
    """A picture of a contact sheet.

    name: of the file, safe to print. caption: the answer. doubtful: somebody should look.
    thumbnail: (H, W, 3) uint8, red first, at most THUMBNAIL on a side; None where the file could not be read.
    image: what the network saw, (28, 28 times the digits) uint8, its digits side by side; None where it saw none.
    """

    name: str
    caption: str
    doubtful: bool
    thumbnail: NDArray[np.uint8] | None
    image: NDArray[np.uint8] | None


def draw_page(cells: Sequence[Cell], title: str) -> bytes:
    """Draw a page of at most COLUMNS * ROWS pictures, and return it as a PNG file."""
    from matplotlib.figure import Figure

    places, rows = _places(cells)
    columns = max(column + _span(cell) for (_, column), cell in zip(places, cells, strict=True))
    width, height = columns * CELL_WIDTH + GAP, rows * CELL_HEIGHT + MARGIN
    paper = np.full((height, width, 3), 255, np.uint8)
    figure = Figure(figsize=(width / 100, height / 100), dpi=100)
    axes = figure.add_axes((0, 0, 1, 1), xlim=(0, width), ylim=(height, 0))
    axes.axis("off")

    def write(x: float, y: float, text: str, **style: Any) -> None:
        axes.text(x, y, text, va="top", parse_math=False, **style)  # a name may have dollar signs

    write(GAP, 8, title, fontsize=9, weight="bold")
    for (row, column), cell in zip(places, cells, strict=True):
        top, left, span = MARGIN + row * CELL_HEIGHT, GAP + column * CELL_WIDTH, _span(cell)
        if cell.thumbnail is not None:
            _paste(paper, cell.thumbnail, top, left)
        if cell.image is not None:
            seen = _fitted(cell.image, _room(span))
            _paste(paper, seen, top, left + THUMBNAIL + GAP // 2, max(THUMBNAIL, seen.shape[1]))
        colour = VERMILION if cell.doubtful else BLUE
        write(left, top + THUMBNAIL + 3, cut(cell.name, LETTERS * span), fontsize=7, color="0.35")
        write(left, top + THUMBNAIL + 17, cut(cell.caption, LETTERS * span), fontsize=8, color=colour, weight="bold")
    axes.imshow(paper, extent=(0, width, height, 0), interpolation="nearest", aspect="auto")
    page = BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # letters that the font lacks are drawn as boxes
        figure.savefig(page, format="png")
    return page.getvalue()


def _places(cells: Sequence[Cell]) -> tuple[list[tuple[int, int]], int]:
    """Return row and column of each cell, in order, and the number of rows; long numbers take several columns."""
    places, row, column = [], 0, 0
    for cell in cells:
        if column + _span(cell) > COLUMNS:
            row, column = row + 1, 0
        places.append((row, column))
        column += _span(cell)
    return places, row + 1


def _span(cell: Cell) -> int:
    """Return how many columns a cell takes, so that each digit of its number is DIGIT pixels wide."""
    digits = 1 if cell.image is None else cell.image.shape[1] // cell.image.shape[0]
    return next((span for span in range(1, COLUMNS) if digits == 1 or digits * DIGIT <= _room(span)), COLUMNS)


def _room(span: int) -> int:
    """Return the width, in pixels, that a cell of so many columns has for what the network saw."""
    return span * CELL_WIDTH - THUMBNAIL - GAP - GAP // 2 - (GAP // 2 if span == 1 else GAP)


def _fitted(image: NDArray[np.uint8], room: int) -> NDArray[np.uint8]:
    """Return an image (rows, columns) enlarged, or thinned out, to a width and a height that it has, (H, W, 3)."""
    if image.shape[1] <= room:
        times = min(room // image.shape[1], THUMBNAIL // image.shape[0])
        image = image.repeat(times, axis=0).repeat(times, axis=1)
    else:
        step = -(-image.shape[1] // room)
        image = image[::step, ::step]
    return np.repeat(image[..., np.newaxis], 3, axis=2)


def _paste(paper: NDArray[np.uint8], picture: NDArray[np.uint8], top: int, left: int, width: int = THUMBNAIL) -> None:
    """Put a picture into the middle of a place, THUMBNAIL high."""
    rows, columns = picture.shape[:2]
    top, left = top + (THUMBNAIL - rows) // 2, left + (width - columns) // 2
    paper[top : top + rows, left : left + columns] = picture
