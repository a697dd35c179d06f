"""Pages that tests read, or make up of digits."""

import numpy as np

from cnn import Model
from preprocessing.box import Box
from preprocessing.digits import Digit
from preprocessing.judge import Judge
from preprocessing.page_reading import read_page
from preprocessing.reading import FoundDigit, Number, Page
from system.arrays import Array


def read(model: Model, picture: Array) -> Page:
    return read_page(picture, Judge(model))


def texts(model: Model, page: Page) -> list[list[str]]:
    names = model.class_names
    return [
        ["".join(i if isinstance(i, str) else names[int(i.probabilities.argmax())] for i in number) for number in line]
        for line in page.lines
    ]


def number(score: float, left: int, top: int, count: int, step: int = 30) -> Number:
    """So many digits of one score, side by side, each 20 wide and 40 high."""
    image = np.zeros((28, 28), np.uint8)
    probabilities = np.full(10, 0.1, np.float32)
    return tuple(
        FoundDigit(Digit(image, Box(left + step * place, top, 20, 40)), probabilities, score, 1.0)
        for place in range(count)
    )
