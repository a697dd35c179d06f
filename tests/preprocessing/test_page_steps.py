"""The steps that only pages have: each can be replaced, and counts."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from benchmarks.without_steps import WITHOUT
from cnn import Model
from preprocessing.judge import Judge
from preprocessing.page_reading import read_page
from preprocessing.steps import STEPS
from system.arrays import Array
from tests.preprocessing.drawings import table
from tests.preprocessing.page_pictures import (
    askew,
    cards,
    colourful,
    in_shadow,
    on_a_line,
    squared,
    table_askew,
    touching,
    with_a_point,
)
from tests.preprocessing.pages import read, texts

# A picture on which each step that only pages have shows.
PICTURES: dict[str, Callable[[], Array]] = {
    "open_cards": cards,
    "straighten": lambda: askew()[0],
    "show_colours": colourful,
    "remove_near_light": in_shadow,
    "remove_faint_lines": squared,
    "corners_of_table": table_askew,
    "find_grids": table,
    "ledger_lines": on_a_line,
    "find_cuts": touching,
    "find_sign": with_a_point,
}


@pytest.mark.parametrize("step", list(WITHOUT))
def test_every_step_of_a_page_can_be_replaced_and_counts(model: Model, step: str) -> None:
    picture = PICTURES[step]()
    without = read_page(picture, Judge(model), replace(STEPS, **{step: WITHOUT[step]}))
    with_it = read(model, picture)
    boxes = [[one.digit.box for one in page.digits] for page in (with_it, without)]
    assert texts(model, without) != texts(model, with_it) or boxes[0] != boxes[1]
