"""Pages of contact sheets."""

from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from figures.contact_sheet import CELL_HEIGHT, CELL_WIDTH, COLUMNS, DIGIT, GAP, MARGIN, THUMBNAIL, Cell, draw_page
from preprocessing import files


def page(cells: list[Cell]) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    return np.asarray(Image.open(BytesIO(draw_page(cells, "Title"))).convert("RGB"))


def test_a_thumbnail_is_as_large_as_those_that_are_made() -> None:
    assert THUMBNAIL == files.THUMBNAIL


@pytest.mark.parametrize(("count", "columns", "rows"), [(1, 1, 1), (COLUMNS, COLUMNS, 1), (COLUMNS + 1, COLUMNS, 2)])
def test_a_page_is_as_large_as_its_cells(count: int, columns: int, rows: int) -> None:
    refused = Cell("$x$.png", "not read", True, None, None)
    assert page([refused] * count).shape == (rows * CELL_HEIGHT + MARGIN, columns * CELL_WIDTH + GAP, 3)


@pytest.mark.parametrize("digits", [1, 2, 3, 10, 40])
def test_a_cell_has_the_original_and_what_the_network_saw(digits: int) -> None:
    original = np.full((THUMBNAIL, 50, 3), (10, 200, 90), np.uint8)
    pixels = page([Cell("x.png", "7  99%", False, original, np.full((28, 28 * digits), 40, np.uint8))])
    middle = MARGIN + THUMBNAIL // 2
    assert pixels[middle, GAP + THUMBNAIL // 2].tolist() == [10, 200, 90]
    seen = (pixels == 40).all(axis=2)
    assert seen[middle].sum() >= digits * (DIGIT if 1 < digits < 20 else 28)
    assert seen[middle].argmax() >= GAP + THUMBNAIL and not seen[middle, -GAP:].any()


def test_a_long_number_takes_several_columns_and_others_go_round_it() -> None:
    short = Cell("x.png", "7  99%", False, None, np.full((28, 28), 40, np.uint8))
    long = Cell("y.png", "7777777  99%", False, None, np.full((28, 28 * 7), 40, np.uint8))
    assert page([long]).shape == (CELL_HEIGHT + MARGIN, 3 * CELL_WIDTH + GAP, 3)
    assert page([short] * 3 + [long]).shape == (CELL_HEIGHT + MARGIN, COLUMNS * CELL_WIDTH + GAP, 3)
    assert page([short] * 4 + [long]).shape == (2 * CELL_HEIGHT + MARGIN, 4 * CELL_WIDTH + GAP, 3)
