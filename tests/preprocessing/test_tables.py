"""Tables: read cell by cell, also where they lie askew or their lines meet digits."""

from dataclasses import replace

import numpy as np
import pytest

from cnn import Model
from preprocessing.box import Box
from preprocessing.grid import Grid
from preprocessing.judge import Judge
from preprocessing.reading import FoundDigit, Number, Page
from preprocessing.table_reading import cell_of
from preprocessing.tables_or_rows import is_read_better
from tests.preprocessing.drawings import table
from tests.preprocessing.page_pictures import table_askew
from tests.preprocessing.pages import number, read, texts


def test_a_table_is_read_cell_by_cell_and_its_lines_are_no_digits(model: Model) -> None:
    assert texts(model, read(model, table())) == [["5", "3"], ["7"], ["2", "8"]]


def test_a_table_that_the_picture_cuts_off_ends_there(model: Model) -> None:
    assert texts(model, read(model, np.ascontiguousarray(table()[:, 75:]))) == [["5", "3"], ["7"], ["2", "8"]]


def test_a_narrow_table_is_no_digit(model: Model) -> None:
    cells = ((0, 0, 5), (0, 1, 3), (1, 1, 7), (2, 0, 4), (3, 0, 2), (3, 1, 8))
    assert texts(model, read(model, table(cells, columns=2))) == [["5", "3"], ["7"], ["4"], ["2", "8"]]


def test_a_table_askew_is_straightened_and_what_is_beside_it_is_left_out(model: Model) -> None:
    picture = table_askew()
    page = read(model, picture)
    assert texts(model, page) == [["5", "3"], ["7"], ["2", "8"]]
    (left_out,) = page.left_out
    assert left_out.left > picture.shape[1] - 150 and page.unread == 0
    first, second = (page.digits[place].digit.box for place in (0, 1))
    assert second.left > first.left + 150 and second.top < first.top - 20  # on the picture, which is turned


def bars(score: float, count: int) -> Number:
    """So many 1s."""
    return tuple(
        replace(one, probabilities=np.eye(10, dtype=np.float32)[1]) if isinstance(one, FoundDigit) else one
        for one in number(score, 0, 0, count)
    )


@pytest.mark.parametrize(
    ("rows", "cells", "is_better"),
    [
        ([number(-0.02, 0, 0, 2)], [number(-0.01, 0, 0, 2), bars(-0.3, 2)], True),  # 1s are what is left of lines
        ([number(-0.1, 0, 0, 2)], [number(-0.01, 0, 0, 2)], False),
        ([number(-0.01, 0, 0, 3), number(-3, 0, 0, 2)], [number(-0.1, 0, 0, 2)], False),
    ],
)
def test_faint_lines_part_digits_where_rows_read_no_better(
    model: Model, rows: list[Number], cells: list[Number], is_better: bool
) -> None:
    assert is_read_better(Page((tuple(rows),)), Page((tuple(cells),)), Judge(model)) == is_better


def test_a_digit_whose_stroke_is_taken_for_a_line_is_in_the_cell_around_it() -> None:
    cells = np.zeros((40, 60), np.int32)
    cells[2:38, 2:29], cells[2:38, 31:58] = 1, 2
    cells[2:30, 40:45] = 0  # the stroke
    grid = Grid(Box(100, 200, 60, 40), cells == 0, cells, (Box(2, 2, 27, 36), Box(31, 2, 27, 36)))
    assert cell_of(Box(135, 205, 15, 25), grid) == 2
    assert cell_of(Box(129, 205, 2, 25), grid) == 0  # what is left of a line
    assert cell_of(Box(170, 205, 15, 25), grid) == 0  # beside the table
