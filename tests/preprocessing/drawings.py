"""Pictures that tests make: digits drawn as strokes, or taken from MNIST's test images, on paper of many kinds."""

from collections.abc import Sequence
from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from preprocessing.datasets import Dataset
from preprocessing.mnist import load_mnist
from system.arrays import Array


def arc(x: float, y: float, width: float, height: float, start: float, end: float) -> list[tuple[float, float]]:
    """Points of an ellipse by its middle and radii, from one angle to another, degrees, clockwise from the right."""
    angles = np.radians(np.linspace(start, end, 40))
    return [(x + width * float(np.cos(angle)), y + height * float(np.sin(angle))) for angle in angles]


# Strokes of each digit in a box of 1 x 1.6, x to the right and y down.
STROKES = {
    0: [arc(0.5, 0.8, 0.45, 0.8, 0, 360)],
    1: [[(0.5, 0.0), (0.5, 1.6)]],
    2: [[*arc(0.5, 0.45, 0.42, 0.45, 180, 390), (0.05, 1.55), (0.95, 1.55)]],
    3: [[*arc(0.45, 0.4, 0.42, 0.4, 200, 440), *arc(0.45, 1.18, 0.48, 0.42, 280, 510)]],
    4: [[(0.4, 0.0), (0.05, 0.95), (0.95, 0.95)], [(0.7, 0.5), (0.65, 1.6)]],
    5: [[(0.15, 0.05), (0.1, 0.7), *arc(0.45, 1.1, 0.45, 0.5, 250, 500)], [(0.15, 0.05), (0.9, 0.0)]],
    6: [[(0.75, 0.0), *arc(0.5, 1.1, 0.42, 0.48, 215, 570)]],
    7: [[(0.0, 0.05), (0.95, 0.05), (0.4, 1.6)]],
    8: [arc(0.5, 0.38, 0.36, 0.36, 90, 450), arc(0.5, 1.17, 0.44, 0.43, -90, 270)],
    9: [arc(0.48, 0.45, 0.4, 0.43, 0, 360), [(0.88, 0.4), (0.75, 1.6)]],
}


def draw(digit: int, height: int, thickness: int) -> NDArray[np.float32]:
    """The ink (H, W), 0 to 1, of a digit so many pixels high, without a margin."""
    image = np.zeros((2 * height, 2 * height), np.uint8)
    for stroke in STROKES[digit]:
        points = np.rint((np.array(stroke) * (height - thickness) / 1.6 + height / 4) * 16).astype(np.int32)
        cv2.polylines(image, [points], False, 255, thickness, cv2.LINE_AA, 4)
    return crop(np.asarray(image, np.float32) / np.float32(255))


def crop(ink: NDArray[np.float32]) -> NDArray[np.float32]:
    """The ink within its box."""
    rows, columns = np.nonzero(ink > 0.2)
    return ink[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]


@cache
def data() -> Dataset:
    """MNIST, read once."""
    return load_mnist()


def image_of(digit: int, number: int = 0) -> NDArray[np.uint8]:
    """One of MNIST's test images of a digit."""
    return np.asarray(data().x_test[np.flatnonzero(data().y_test == digit)[number]])


def handwritten(digit: int, height: int, number: int = 0) -> NDArray[np.float32]:
    """The ink (H, W), 0 to 1, of a test image's digit, so many pixels high."""
    large = cv2.resize(image_of(digit, number).astype(np.float32) / 255, None, fx=12, fy=12)
    ink = crop(np.clip((cv2.GaussianBlur(large, (0, 0), 4) - 0.35) * 6, 0, 1).astype(np.float32))
    scale = height / len(ink)
    size = (max(1, round(ink.shape[1] * scale)), height)
    return np.asarray(cv2.resize(ink, size, interpolation=cv2.INTER_AREA), np.float32)


def write(paper: Array, ink: NDArray[np.float32], left: int, top: int, brightness: float = 0.25) -> Array:
    """The paper (H, W), 0 black to 1 white, with ink on it that lets so much of its light through."""
    written = paper.copy()
    height, width = ink.shape
    written[top : top + height, left : left + width] *= 1 - ink * (1 - brightness)
    return np.asarray(written)


def sheet(height: int, width: int, brightness: float = 0.85) -> Array:
    """Paper (H, W) with some grain."""
    return brightness + np.random.default_rng(0).normal(0, 0.01, (height, width))


def to_picture(field: Array) -> NDArray[np.uint8]:
    """Brightness, 0 black to 1 white, as a grey picture."""
    return np.asarray(np.rint(np.clip(field, 0, 1) * 255), np.uint8)


def pen(digit: int) -> Array:
    """A digit in pen on paper, (400, 360)."""
    return write(sheet(400, 360), handwritten(digit, 220), 90, 80)


def gradient(height: int, width: int) -> Array:
    """Light that falls off to the bottom and to the right."""
    rows, columns = np.indices((height, width))
    return 1 - 0.5 * rows / height - 0.2 * columns / width


def shadow(height: int, width: int) -> Array:
    """The shadow of something with a straight edge."""
    rows, columns = np.indices((height, width))
    return 1 - 0.5 / (1 + np.exp(-(columns - 0.6 * width + 0.3 * rows) / (0.02 * width)))


def vignette(height: int, width: int) -> Array:
    """Light that falls off to the corners."""
    rows, columns = np.indices((height, width))
    return 1 - 1.4 * ((rows / height - 0.5) ** 2 + (columns / width - 0.5) ** 2)


def lined(gap: int, darkness: float, squared: bool) -> Array:
    """Ruled or squared paper, (500, 500)."""
    paper = sheet(500, 500)
    for place in range(20, 560, gap):
        cv2.line(paper, (0, place), (500, place - 15), 0.85 * (1 - darkness), 2)
        if squared:
            cv2.line(paper, (place, 0), (place + 15, 500), 0.85 * (1 - darkness), 2)
    return paper


def rows(*numbers: str, gap: int = 40, rise: float = 0.0) -> Array:
    """Paper (H, W) with a number on each row, so many pixels between rows."""
    height = 100
    paper = sheet(300 + (height + gap) * len(numbers), 200 + 130 * max(map(len, numbers)))
    for row, number in enumerate(numbers):
        for column, digit in enumerate(number):
            top = 100 + (height + gap) * row + round(rise * 130 * column)
            paper = write(paper, handwritten(int(digit), height), 100 + 130 * column, top)
    return paper


CELLS = ((0, 0, 5), (0, 2, 3), (1, 1, 7), (3, 0, 2), (3, 3, 8))


def table(cells: Sequence[tuple[int, int, int]] = CELLS, columns: int = 4) -> Array:
    """A table of four rows with a digit in some cells: row, column and digit of each."""
    right = 60 + 100 * columns
    paper = sheet(500, right + 40)
    for place in range(60, 461, 100):
        cv2.line(paper, (60, place), (right, place), 0.2, 3)
    for place in range(60, right + 1, 100):
        cv2.line(paper, (place, 60), (place, 460), 0.2, 3)
    for row, column, digit in cells:
        paper = write(paper, handwritten(digit, 60), 90 + 100 * column, 80 + 100 * row)
    return to_picture(paper)
