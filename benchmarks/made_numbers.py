"""Pictures of numbers that are made of MNIST's digits: touching ones, rows, decimals, and digits on their side."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from benchmarks.pictures import Case
from preprocessing.datasets import Dataset
from preprocessing.touching import crop

Made = tuple[NDArray[np.uint8], str]  # a picture, and what it shows
LENGTHS = (2, 3, 4)
# How far digits overlap once their ink met, in pixels of MNIST's.
CONTACTS = {"just meet": 0, "overlap by half a pixel": 0.5, "overlap by a pixel": 1}
SCALE = 4
INK = 100  # of 255: what is brighter is ink that meets
LARGE = 8  # pixels to one of MNIST's, in which digits are written
# Of a row's height:
HEIGHTS = (24, 40, 70, 120, 200)  # pixels
PENS = (-5, -3, 0, 0, 5, 9)  # of LARGE pixels, by which strokes are thicker
SPACES = (0.08, 0.2, 0.4, 1.0)  # between digits,
LEADS = (0.25, 0.5, 1.0)  # and rows
SIZES = (0.03, 0.1, 0.2)  # deviation of the logarithm of a digit's height
MARGINS = (0.5, 1.0, 3.0)
CONTRASTS = (0.3, 0.6, 0.9)  # of the paper's brightness
GRAINS = (0.005, 0.02, 0.05)  # of the range from black to white


def touching(folder: Path, data: Dataset, count: int) -> list[Case]:
    """Make pictures of touching digits of a data set's test images, so many of each length and contact."""
    generator = np.random.default_rng(0)
    cases = []
    for length in LENGTHS:
        for contact, overlap in CONTACTS.items():
            for number in range(count):
                chosen = generator.integers(len(data.x_test), size=length)
                picture = _slide([data.x_test[index] for index in chosen], overlap)
                paper = np.pad(picture, 8 * SCALE)
                if number % 2:  # of the size of MNIST's, dark on light
                    small = (paper.shape[1] // SCALE, paper.shape[0] // SCALE)
                    paper = 255 - np.asarray(Image.fromarray(paper).resize(small, Image.Resampling.BOX))
                path = folder / f"{length}-{overlap}-{number}.png"
                Image.fromarray(paper).save(path)
                label = "".join(str(data.y_test[index]) for index in chosen)
                cases.append(Case(path, label, f"{length} digits, {contact}", "touching"))
    return cases


def _slide(images: Sequence[NDArray[np.uint8]], overlap: float) -> NDArray[np.uint8]:
    """Slide digits (28, 28) together from side to side until their ink meets, and so many pixels more."""
    large = [
        np.asarray(Image.fromarray(image).resize((28 * SCALE, 28 * SCALE), Image.Resampling.BICUBIC))
        for image in images
    ]
    picture = np.zeros((28 * SCALE, 28 * SCALE * len(images)), np.uint8)
    picture[:, : 28 * SCALE] = large[0]
    place = 28 * SCALE
    for image in large[1:]:
        while place and not _meet(picture[:, place - 1 :], image):
            place -= 1
        place = max(0, place - round(overlap * SCALE))
        part = picture[:, place : place + 28 * SCALE]
        np.maximum(part, image[:, : part.shape[1]], out=part)
        place += 28 * SCALE
    inked = np.flatnonzero(picture.any(axis=0))
    return np.ascontiguousarray(picture[:, inked[0] : inked[-1] + 1])


def _meet(part: NDArray[np.uint8], image: NDArray[np.uint8]) -> bool:
    width = min(part.shape[1], image.shape[1])
    return bool(((part[:, :width] > INK) & (image[:, :width] > INK)).any())


@dataclass(frozen=True)
class Writer:
    """Writes digits of a data set's test images; ink is 0 to 1."""

    data: Dataset
    generator: np.random.Generator

    def digit(self, height: float, pen: int) -> tuple[NDArray[np.float32], str]:
        """Return the ink (H, W) of a digit of such a height, and its name; its strokes hang together."""
        index = int(self.generator.integers(len(self.data.x_test)))
        large = cv2.resize(self.data.x_test[index], None, fx=LARGE, fy=LARGE, interpolation=cv2.INTER_CUBIC)
        grey = cv2.GaussianBlur(large, (0, 0), 2)
        for level in (0.45, 0.3, 0.15):
            written = (grey > level * grey.max()).astype(np.uint8)
            if pen:
                element = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (abs(pen), abs(pen)))
                written = np.asarray((cv2.dilate if pen > 0 else cv2.erode)(written, element), np.uint8)
            if cv2.connectedComponents(written)[0] == 2:
                break
        ink = crop(written).astype(np.float32)
        scale = min(height / ink.shape[0], 1.3 * height / ink.shape[1])
        size = (max(2, round(ink.shape[1] * scale)), max(3, round(ink.shape[0] * scale)))
        shown = np.asarray(cv2.resize(ink, size, interpolation=cv2.INTER_AREA), np.float32)
        return shown, str(self.data.y_test[index])

    def choose(self, values: Sequence[float]) -> float:
        """Return one of some values."""
        return float(self.generator.choice(values))

    def photo(self, ink: NDArray[np.float32]) -> NDArray[np.uint8]:
        """Return ink (H, W) on paper, unevenly lit, with grain; one in five light on dark."""
        rows, columns = np.indices(ink.shape) / np.array(ink.shape)[:, None, None]
        angle, fall = self.generator.uniform(0, 2 * np.pi), self.generator.uniform(0, 0.4)
        light = 1 - fall * (columns * np.cos(angle) + rows * np.sin(angle))
        seen = self.generator.uniform(0.6, 0.95) * (1 - self.choose(CONTRASTS) * ink) * light
        if self.generator.random() < 0.2:
            seen = 1 - seen
        seen = seen + self.generator.normal(0, self.choose(GRAINS), ink.shape)
        return np.asarray(np.rint(255 * np.clip(seen, 0, 1)), np.uint8)


def rows(writer: Writer) -> Made:
    """Return a picture of one to four rows of two to eight digits, and these."""
    generator, height, pen = writer.generator, writer.choose(HEIGHTS), int(writer.choose(PENS))
    space, lead, size = writer.choose(SPACES), writer.choose(LEADS), writer.choose(SIZES)
    slope, margin = generator.normal(0, 0.03), writer.choose(MARGINS) * height
    placed, text = [], ""
    for row in range(int(generator.choice([1, 1, 1, 2, 3, 4]))):
        left, foot = margin, margin + (row + 1) * height * (1.25 + lead)
        for _ in range(generator.integers(2, 9)):
            ink, name = writer.digit(height * np.exp(generator.normal(0, size)), pen)
            placed.append((left, foot - len(ink) + generator.normal(0, 0.05 * height) + slope * left, ink))
            left += ink.shape[1] + max(2, height * space * generator.uniform(0.6, 1.6))
            text += name
    return writer.photo(_written(placed, round(margin))), text


def decimals(writer: Writer) -> Made:
    """Return a picture of a number with a point or a comma, and that."""
    generator, height, pen = writer.generator, writer.choose(HEIGHTS), int(writer.choose((-3, 0, 0, 5)))
    left, foot, placed, text = height, 2 * height, [], ""
    whole, parts = generator.integers(1, 3, 2)
    for place in range(whole + parts):
        if place == whole:
            thick = max(2.0, height * (0.07 + 0.012 * (pen + 3)))
            is_comma = generator.random() < 0.4
            sign = np.zeros((round(0.5 * height), round(2 * thick)), np.float32)
            if is_comma:
                end = (round(0.3 * thick), round(thick / 2 + 0.3 * height))
                cv2.line(sign, (round(thick), round(thick / 2)), end, 1.0, max(1, round(0.7 * thick)))
            else:
                cv2.circle(sign, (round(0.7 * thick), round(0.7 * thick)), max(1, round(0.6 * thick)), 1.0, -1)
            left += height * generator.uniform(0.02, 0.15)
            placed.append((left, foot - thick * generator.uniform(0.3, 1.3), sign))
            left += sign.shape[1] + height * generator.uniform(0.02, 0.15)
            text += "," if is_comma else "."
        ink, name = writer.digit(height * np.exp(generator.normal(0, 0.06)), pen)
        placed.append((left, foot - len(ink) + generator.normal(0, 0.04 * height), ink))
        left += ink.shape[1] + height * generator.uniform(0.08, 0.25)
        text += name
    return writer.photo(_written(placed, round(height))), text


def sideways(writer: Writer) -> Made:
    """Return a picture of a digit on its side, and that; none is a 1, which may be anything so."""
    while True:
        ink, name = writer.digit(260, 0)
        if name != "1":
            break
    quarters = int(writer.generator.choice([1, 3]))
    return np.ascontiguousarray(np.rot90(writer.photo(np.pad(ink, 120)), quarters)), name


def _written(placed: Sequence[tuple[float, float, NDArray[np.float32]]], margin: int) -> NDArray[np.float32]:
    """Return a page (H, W) of ink: each by its left and its top."""
    height = max(round(top) + ink.shape[0] for _, top, ink in placed) + margin
    width = max(round(left) + ink.shape[1] for left, _, ink in placed) + margin
    page = np.zeros((height, width), np.float32)
    for left, top, ink in placed:
        part = page[max(0, round(top)) :, round(left) :][: ink.shape[0], : ink.shape[1]]
        np.maximum(part, ink[: part.shape[0]], out=part)
    return page
