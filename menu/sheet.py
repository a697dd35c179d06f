"""Contact sheets: of each picture the original, what the network saw, and its answer."""

import warnings
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from feature_visualize.palette import BLUE, VERMILION
from menu.pictures import ResizedFolder
from menu.render import literal, percent
from preprocessing.files import THUMBNAIL
from preprocessing.prediction import Prediction

COLUMNS, ROWS = 6, 12  # of pictures on a page
GAP, LINE, MARGIN = 10, 34, 28  # pixels: around pictures, for the text under them, for the title
CELL_WIDTH, CELL_HEIGHT = 2 * THUMBNAIL + 2 * GAP, THUMBNAIL + LINE + GAP
LETTERS = 30  # of a name or a number, which stay in their cell


class ContactSheets:
    """Pages of pictures, each written when it is full, so that few pictures are held at a time."""

    def __init__(self, folder: ResizedFolder, title: str) -> None:
        self._folder, self._title = folder, title
        self._waiting: list[Prediction] = []
        self.paths: list[Path] = []

    def add(self, prediction: Prediction) -> None:
        """Take a prediction in.

        Raises:
            FolderError: where a page cannot be written.
        """
        self._waiting.append(prediction)
        if len(self._waiting) == COLUMNS * ROWS:
            self.finish()

    def finish(self) -> None:
        """Write what waits, if anything does.

        Raises:
            FolderError: where it cannot be written.
        """
        if self._waiting:
            self.paths.append(self._folder.write("contact_sheet", _page(self._waiting, self._title)))
            self._waiting = []


def _page(predictions: list[Prediction], title: str) -> bytes:
    """A page as a PNG file."""
    from matplotlib.figure import Figure

    columns = min(COLUMNS, len(predictions))
    rows = -(-len(predictions) // columns)
    width, height = columns * CELL_WIDTH + GAP, rows * CELL_HEIGHT + MARGIN
    paper = np.full((height, width, 3), 255, np.uint8)
    page = BytesIO()
    figure = Figure(figsize=(width / 100, height / 100), dpi=100)
    axes = figure.add_axes((0, 0, 1, 1), xlim=(0, width), ylim=(height, 0))
    axes.axis("off")

    def write(x: float, y: float, text: str, **style: Any) -> None:
        axes.text(x, y, text, va="top", parse_math=False, **style)  # a name may have dollar signs

    write(GAP, 8, title, fontsize=9, weight="bold")
    for index, prediction in enumerate(predictions):
        top, left = MARGIN + index // columns * CELL_HEIGHT, GAP + index % columns * CELL_WIDTH
        _paste(paper, prediction.file.thumbnail, top, left)
        if prediction.digits:
            _paste(paper, _seen(prediction), top, left + THUMBNAIL + GAP // 2)
        text, colour = _caption(prediction)
        write(left, top + THUMBNAIL + 3, _cut(literal(prediction.file.path.name)), fontsize=7, color="0.35")
        write(left, top + THUMBNAIL + 17, _cut(text), fontsize=8, color=colour, weight="bold")
    axes.imshow(paper, extent=(0, width, height, 0), interpolation="nearest", aspect="auto")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # letters that the font lacks are drawn as boxes
        figure.savefig(page, format="png")
    return page.getvalue()


def _seen(prediction: Prediction) -> NDArray[np.uint8]:
    """What the network saw, (H, W, 3), at most THUMBNAIL on a side: its digits side by side."""
    images = np.hstack([read.found.image for read in prediction.digits])
    if images.shape[1] <= THUMBNAIL:
        times = THUMBNAIL // images.shape[1]
        images = images.repeat(times, axis=0).repeat(times, axis=1)
    else:
        step = -(-images.shape[1] // THUMBNAIL)
        images = images[::step, ::step]
    return np.repeat(images[..., np.newaxis], 3, axis=2)


def _paste(paper: NDArray[np.uint8], picture: NDArray[np.uint8] | None, top: int, left: int) -> None:
    if picture is not None:
        height, width = picture.shape[:2]
        top, left = top + (THUMBNAIL - height) // 2, left + (THUMBNAIL - width) // 2
        paper[top : top + height, left : left + width] = picture


def _caption(prediction: Prediction) -> tuple[str, str]:
    """What stands under a picture, and its colour: vermilion where somebody should look."""
    if prediction.file.error:
        return "not read", VERMILION
    if not prediction.digits:
        return "nothing found", VERMILION
    return f"{prediction.number}  {percent(prediction.confidence)}", VERMILION if prediction.warnings else BLUE


def _cut(text: str) -> str:
    return text if len(text) <= LETTERS else f"{text[: LETTERS - 1]}…"
