"""Every step from a picture to its digits can be replaced, and counts; those of a page: test_page_steps.py."""

from collections.abc import Callable
from dataclasses import fields, replace
from typing import Any

import cv2
import numpy as np
import pytest

from benchmarks import without_steps
from preprocessing.box import Box
from preprocessing.digits import find_digits
from preprocessing.steps import STEPS
from system.arrays import Array
from tests.preprocessing.drawings import draw, handwritten, image_of, lined, pen, shadow, sheet, to_picture, write


def on_a_table() -> Array:
    table = np.full((500, 480), 0.1)
    table[40:470, 60:450] = write(sheet(430, 390), handwritten(3, 200), 90, 100)
    return to_picture(table)


def torn() -> Array:
    ink = handwritten(8, 280)
    ink[90:98] = 0
    return to_picture(write(sheet(450, 420), ink, 80, 80))


# What takes the place of each step, and a picture on which that shows.
WITHOUT: dict[str, tuple[Any, Callable[[], Array]]] = {
    "is_mnist_form": (lambda picture: False, lambda: image_of(2)),
    "find_page": (lambda grey: Box(0, 0, grey.shape[1], grey.shape[0]), on_a_table),
    "is_dark_on_light": (lambda grey: False, lambda: to_picture(pen(4))),
    "min_length": (500, lambda: to_picture(pen(4))),
    "max_components": (0, lambda: to_picture(pen(4))),
    "choose": (lambda candidates, join: [], lambda: to_picture(pen(4))),
    "views": (1, lambda: to_picture(write(sheet(1500, 2000), handwritten(2, 60), 1300, 700))),
    "remove_light": (lambda grey: np.maximum(grey - np.median(grey), 0), lambda: to_picture(pen(6) * shadow(400, 360))),
    "remove_ruled_lines": (
        lambda strength: strength,
        lambda: to_picture(write(lined(90, 0.7, False), draw(7, 260, 16), 130, 110)),
    ),
    "connect_faint": (lambda strength: strength > 1, lambda: to_picture(pen(5) + noise(400, 360))),
    "leave_out_frame": (lambda components, labels: components, lambda: on_a_box(9)),
    "join_parts": (lambda components: components, torn),
    "wanted_width": (lambda width: width, lambda: to_picture(write(np.ones((700, 600)), draw(2, 500, 1), 90, 90, 0))),
}


def noise(height: int, width: int) -> Array:
    return np.random.default_rng(0).normal(0, 0.05, (height, width))


def on_a_box(digit: int) -> Array:
    boxed = write(sheet(400, 440), handwritten(digit, 200), 110, 90)
    cv2.rectangle(boxed, (20, 20), (420, 380), 0.2, 4)
    return to_picture(boxed)


@pytest.mark.parametrize("step", [field.name for field in fields(STEPS) if field.name not in without_steps.WITHOUT])
def test_every_step_can_be_replaced_and_counts(step: str) -> None:
    replacement, picture = WITHOUT[step]
    with_it = find_digits(picture())
    without = find_digits(picture(), replace(STEPS, **{step: replacement}))
    assert [digit.image.tobytes() for digit in with_it.digits] != [digit.image.tobytes() for digit in without.digits]
    assert find_digits(picture(), replace(STEPS)).digits[0].box == with_it.digits[0].box
