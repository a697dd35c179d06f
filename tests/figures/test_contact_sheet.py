"""Pages of contact sheets."""

from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from figures.contact_sheet import CELL_HEIGHT, CELL_WIDTH, COLUMNS, GAP, MARGIN, THUMBNAIL, Cell, draw_page
from preprocessing import files


def page(cells: list[Cell]) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    return np.asarray(Image.open(BytesIO(draw_page(cells, "Title"))).convert("RGB"))


def test_a_thumbnail_is_as_large_as_those_that_are_made() -> None:
    assert THUMBNAIL == files.THUMBNAIL


@pytest.mark.parametrize(("count", "columns", "rows"), [(1, 1, 1), (COLUMNS, COLUMNS, 1), (COLUMNS + 1, COLUMNS, 2)])
def test_a_page_is_as_large_as_its_cells(count: int, columns: int, rows: int) -> None:
    refused = Cell("$x$.png", "not read", True, None, None)
    assert page([refused] * count).shape == (rows * CELL_HEIGHT + MARGIN, columns * CELL_WIDTH + GAP, 3)


@pytest.mark.parametrize("digits", [1, 3, 10])
def test_a_cell_has_the_original_and_what_the_network_saw(digits: int) -> None:
    original = np.full((THUMBNAIL, 50, 3), (10, 200, 90), np.uint8)
    pixels = page([Cell("x.png", "7  99%", False, original, np.full((28, 28 * digits), 40, np.uint8))])
    middle = MARGIN + THUMBNAIL // 2
    assert pixels[middle, GAP + THUMBNAIL // 2].tolist() == [10, 200, 90]
    assert pixels[middle, GAP + THUMBNAIL + GAP // 2 + THUMBNAIL // 2].tolist() == [40, 40, 40]
