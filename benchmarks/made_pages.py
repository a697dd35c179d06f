"""Pages that are made of MNIST's digits: tables, sheets askew, low pictures of decimals; and what is no digit."""

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.made_numbers import Made, Writer, decimals, rows
from system.arrays import Array

Ink = NDArray[np.float32]
Points = NDArray[np.float64]

# Of tables, in heights of a digit:
TABLE_HEIGHTS = (20, 30, 50, 80)  # pixels
CELLS = ((1.8, 2.6, 3.5), (1.35, 1.6, 2.2))  # widths and heights
LINES, STRENGTHS = (0.03, 0.06, 0.1), (0.5, 0.8, 1.0)  # how thick, and how dark beside ink
EMPTY = 0.15  # share of cells
SCATTER = 0.01  # of a page's side, by which its corners are moved
DEGREES = {"straight": (-3, 3), "askew": (6, 20)}  # by which it is turned, in either direction
LETTERS = "ABCDEFGHJKLMNPRTUVWXYabcdehknrtuvwy"
FONTS = range(8)  # of OpenCV


def tables(writer: Writer, turned: str = "straight") -> Made:
    """Return a picture of a table with one to three digits in most cells, and these."""
    generator, height, pen = writer.generator, writer.choose(TABLE_HEIGHTS), int(writer.choose((-3, 0, 0, 5)))
    lines, columns = int(generator.integers(2, 7)), int(generator.integers(2, 6))
    width, depth = (height * writer.choose(sizes) for sizes in CELLS)
    strength, thickness = writer.choose(STRENGTHS), max(1, round(height * writer.choose(LINES)))
    margin = height * writer.choose((0.5, 1.5))
    page = np.zeros((round(2 * margin + lines * depth), round(2 * margin + columns * width)), np.float32)
    text = ""
    most = int(generator.integers(1, max(1, min(3, int((width - 0.3 * height) / (0.75 * height)))) + 1))
    for line in range(lines):
        for column in range(columns):
            if generator.random() > EMPTY:
                left, top = margin + column * width, margin + line * depth
                text += _in_cell(writer, page[round(top) :, round(left) :], (width, depth), height, pen, most)
    for line in range(lines + 1):
        _rule(page, (margin, margin + line * depth), (margin + columns * width, margin + line * depth), thickness)
    for column in range(columns + 1):
        _rule(page, (margin + column * width, margin), (margin + column * width, margin + lines * depth), thickness)
    page[page > 1] = strength
    degrees = generator.uniform(*DEGREES[turned]) * generator.choice([-1, 1])
    return writer.photo(_laid(page, generator, degrees, SCATTER)[0]), text


def tables_askew(writer: Writer) -> Made:
    """Return the same, turned by some degrees."""
    return tables(writer, "askew")


def sheets(writer: Writer) -> Made:
    """Return a picture of a sheet with rows of digits, askew on a darker table, and these."""
    generator = writer.generator
    while True:
        paper, text = rows(writer)
        if paper.mean() > 90:
            break
    laid, is_paper = _laid(paper.astype(np.float32), generator, generator.normal(0, 6), 2 * SCATTER)
    margin = round(max(paper.shape) * writer.choose((0.05, 0.15, 0.3)))
    laid, is_paper = np.pad(laid, margin), np.pad(is_paper, margin)
    grain = cv2.GaussianBlur(generator.normal(0, 1, laid.shape), (0, 0), writer.choose((2, 8)))
    table = 255 * generator.uniform(0.1, 0.5) * (1 + 0.15 * grain * writer.choose((3, 10)))
    return np.clip(laid * is_paper + np.clip(table, 0, 255) * (1 - is_paper), 0, 255).astype(np.uint8), text


def low(writer: Writer) -> Made:
    """Return a picture, of 28 pixels or some more, of a number with a point or a comma, and that."""
    picture, text = decimals(writer)
    height = max(28, round(28 * writer.generator.uniform(1, 2.2)))
    width = max(20, round(picture.shape[1] * height / picture.shape[0]))
    return np.asarray(cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA), np.uint8), text


def nothing(writer: Writer) -> Made:
    """Return a picture of a letter, a word, a scribble, a shape, clouds, stripes, dots or objects, and no text."""
    generator = writer.generator
    shape = (int(generator.integers(150, 700)), int(generator.integers(150, 700)))
    ink = (_word, _scribble, _shape, _clouds, _stripes, _dots)[int(generator.integers(6))](generator, shape)
    return writer.photo(ink), ""


def _in_cell(writer: Writer, cell: Ink, size: tuple[float, float], height: float, pen: int, most: int) -> str:
    """Write one to some digits into a cell, at the upper left of a page; return them."""
    generator, space = writer.generator, 0.12 * height
    count = most if generator.random() < 0.7 else 1
    digits = [writer.digit(height * np.exp(generator.normal(0, 0.08)), pen) for _ in range(count)]
    if sum(ink.shape[1] + space for ink, _ in digits) > size[0] - 0.2 * height:
        digits = digits[:1]
    left = (size[0] - sum(ink.shape[1] + space for ink, _ in digits)) * generator.uniform(0.2, 0.8)
    for ink, _ in digits:
        top = max(2, (size[1] - len(ink)) * generator.uniform(0.2, 0.8))
        part = cell[round(top) :, max(0, round(left)) :][: len(ink), : ink.shape[1]]
        np.maximum(part, ink[: part.shape[0], : part.shape[1]], out=part)
        left += ink.shape[1] + space
    return "".join(name for _, name in digits)


def _rule(page: Ink, start: tuple[float, float], end: tuple[float, float], thickness: int) -> None:
    """Draw a line of a table, where there is no ink, with a value of 2."""
    drawn = np.zeros(page.shape, np.uint8)
    cv2.line(drawn, (round(start[0]), round(start[1])), (round(end[0]), round(end[1])), 1, thickness)
    page[(drawn > 0) & (page < 0.5)] = 2


def _laid(page: Ink, generator: np.random.Generator, degrees: float, scatter: float) -> tuple[Ink, Ink]:
    """Return a page turned and a little in perspective, and where it is: from 0 to 1."""
    height, width = page.shape
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    radians = np.deg2rad(degrees)
    turn = np.array([[np.cos(radians), -np.sin(radians)], [np.sin(radians), np.cos(radians)]])
    moved = (corners + generator.normal(0, scatter * max(height, width), corners.shape)) @ turn.T
    moved -= moved.min(axis=0)
    matrix = cv2.getPerspectiveTransform(corners, moved.astype(np.float32))
    right, bottom = np.ceil(moved.max(axis=0)).astype(int).tolist()
    laid, is_paper = (
        np.asarray(cv2.warpPerspective(each, matrix, (right, bottom)), np.float32)
        for each in (page, np.ones_like(page))
    )
    return laid, is_paper


def _word(generator: np.random.Generator, shape: tuple[int, int]) -> Ink:
    height, width = shape
    count = int(generator.choice([1, *range(2, 9)], p=[0.5, *[0.5 / 7] * 7]))
    word = "".join(generator.choice(list(LETTERS[:21] if count == 1 else LETTERS), count))
    scale, font = generator.uniform(0.5, 0.8) * width / (22 * count), int(generator.choice(FONTS))
    thickness = max(1, round(scale * generator.uniform(1, 3)))
    (across, down), _ = cv2.getTextSize(word, font, scale, thickness)
    place = (max(2, (width - across) // 2), min(height - 5, (height + down) // 2))
    return _drawn(cv2.putText(np.zeros(shape, np.uint8), word, place, font, scale, 255, thickness, cv2.LINE_AA))


def _scribble(generator: np.random.Generator, shape: tuple[int, int]) -> Ink:
    steps = np.cumsum(generator.normal(0, 1, (int(generator.integers(8, 40)), 2)), axis=0)
    steps -= steps.min(axis=0)
    points = (steps / steps.max() * 0.7 + 0.15) * shape[::-1]
    return _outline(shape, points, False, int(generator.integers(2, 14)))


def _shape(generator: np.random.Generator, shape: tuple[int, int]) -> Ink:
    corners, is_star = int(generator.integers(3, 8)), generator.random() < 0.5
    angles = np.arange(corners * (1 + is_star)) * 2 * np.pi / (corners * (1 + is_star)) + generator.uniform(0, 6)
    radii = 0.35 * min(shape) * np.where(np.arange(len(angles)) % 2 & is_star, 0.45, 1)
    points = np.stack([radii * np.cos(angles), radii * np.sin(angles)], axis=1) + np.array(shape[::-1]) / 2
    if generator.random() < 0.5:
        return _drawn(cv2.fillPoly(np.zeros(shape, np.uint8), [np.rint(points).astype(np.int32)], 255))
    return _outline(shape, points, True, int(generator.integers(3, 14)))


def _clouds(generator: np.random.Generator, shape: tuple[int, int]) -> Ink:
    clouds = cv2.GaussianBlur(generator.normal(0, 1, shape), (0, 0), float(generator.choice([2, 5, 15, 40])))
    return np.asarray((clouds - clouds.min()) / np.ptp(clouds), np.float32)


def _stripes(generator: np.random.Generator, shape: tuple[int, int]) -> Ink:
    period, (rows_, columns) = int(generator.integers(8, 60)), np.indices(shape)
    if generator.random() < 0.5:
        return np.asarray((columns // period + rows_ // period) % 2, np.float32)
    return np.asarray((columns + rows_ * generator.uniform(-1, 1)) // period % 2, np.float32)


def _dots(generator: np.random.Generator, shape: tuple[int, int]) -> Ink:
    drawn = np.zeros(shape, np.uint8)
    for _ in range(int(generator.integers(3, 40))):
        middle = (int(generator.integers(shape[1])), int(generator.integers(shape[0])))
        cv2.circle(drawn, middle, int(generator.integers(2, 12)), 255, -1)
    return _drawn(drawn)


def _outline(shape: tuple[int, int], points: Points, is_closed: bool, thickness: int) -> Ink:
    drawn = np.zeros(shape, np.uint8)
    return _drawn(cv2.polylines(drawn, [np.rint(points).astype(np.int32)], is_closed, 255, thickness, cv2.LINE_AA))


def _drawn(picture: Array) -> Ink:
    return np.asarray(picture / 255, np.float32)
