"""Pictures of what was found where."""

import io

import numpy as np
from PIL import Image

from figures.boxes import MAX_SIDE, Mark, draw_boxes


def test_boxes_are_drawn_on_the_picture_in_two_colours() -> None:
    paper = np.full((500, 800, 3), 255, np.uint8)
    file = draw_boxes(paper, [Mark((100, 200, 60, 90), "7"), Mark((400, 200, 60, 90), "")])
    drawn = np.asarray(Image.open(io.BytesIO(file)), np.int64)
    assert drawn.shape == (500, 800, 3)
    red, blue = drawn[245, 400], drawn[245, 100]
    assert red[0] > red[2] + 50 and blue[2] > blue[0] + 50
    assert (drawn[150:195, 90:160].min(axis=2) < 150).any()  # the reading above its box
    assert (drawn[150:195, 390:460] > 240).all()


def test_large_pictures_are_reduced_and_small_ones_enlarged() -> None:
    for side, expected in ((4000, MAX_SIDE), (50, 200)):
        file = draw_boxes(np.full((side, side, 3), 255, np.uint8), [])
        assert Image.open(io.BytesIO(file)).size == (expected, expected)
