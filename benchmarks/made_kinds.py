"""The kinds of pictures that are made of MNIST's digits, by what they are called."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image

from benchmarks import made_numbers, made_pages
from benchmarks.made_numbers import Made, Writer
from benchmarks.pictures import Case
from preprocessing.datasets import Dataset

MADE: dict[str, Callable[[Writer], Made]] = {
    "made rows": made_numbers.rows,
    "made decimals": made_numbers.decimals,
    "made low decimals": made_pages.low,
    "made sideways": made_numbers.sideways,
    "made sheets": made_pages.sheets,
    "made tables": made_pages.tables,
    "made tables askew": made_pages.tables_askew,
    "made no digit": made_pages.nothing,
}


def made(folder: Path, data: Dataset, kind: str, count: int) -> list[Case]:
    """Make so many pictures of a kind of MADE, of a data set's test images."""
    cases = []
    for number in range(count):
        picture, text = MADE[kind](Writer(data, np.random.default_rng([number, *kind.encode()])))
        path = folder / f"{kind} {number}.png"
        Image.fromarray(picture).save(path)
        cases.append(Case(path, text, "MNIST", kind))
    return cases
