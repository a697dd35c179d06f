"""The steps that only pages have: each can be replaced, and counts."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from cnn import Model
from preprocessing.foreground import remove_light
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
    touching,
    with_a_point,
)
from tests.preprocessing.pages import read, texts

# What takes the place of each step that only pages have, and a picture on which that shows.
WITHOUT: dict[str, tuple[Any, Callable[[], Array]]] = {
    "open_cards": (lambda flat: flat, cards),
    "straighten": (lambda flat: None, lambda: askew()[0]),
    "show_colours": (lambda flat, least: flat, colourful),
    "remove_near_light": (lambda grey, height: remove_light(grey), in_shadow),
    "remove_faint_lines": (lambda strength, height: strength, squared),
    "find_grids": (lambda components, labels: [], table),
    "ledger_lines": (lambda mask, height: None, on_a_line),
    "find_cuts": (lambda mask: [], touching),
    "find_sign": (lambda one, row, others: "", with_a_point),
}


@pytest.mark.parametrize("step", list(WITHOUT))
def test_every_step_of_a_page_can_be_replaced_and_counts(model: Model, step: str) -> None:
    replacement, picture = WITHOUT[step]
    without = read_page(picture(), Judge(model), replace(STEPS, **{step: replacement}))
    with_it = read(model, picture())
    boxes = [[one.digit.box for one in page.digits] for page in (with_it, without)]
    assert texts(model, without) != texts(model, with_it) or boxes[0] != boxes[1]
