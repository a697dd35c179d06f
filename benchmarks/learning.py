"""What a model learns from a few pictures of a hand: error before and after on others, and what is forgotten.

python -m benchmarks.learning [--model M] [--styles S ...] [--misread] [--shown 5 10 20 100] [--seeds 3]
    [--folders FOLDER ...] [--writers NAME ...] [--workers N]

Styles are made of MNIST: shown are training images in that style (with --misread, such as the model misreads), read are
the test images of that digit in it, which neither model has seen in any form. A folder has labels.csv with the column
`source`; of each source with enough pictures, those not shown are read. As in the program, the old model stays where
the new one is not kept: then the error after is that before. MNIST's test set, as it is, is read for the report alone:
nothing here was chosen by it.
"""

import argparse
import csv
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from threading import Event as Flag

import cv2
import numpy as np
from numpy.typing import NDArray
from rich.console import Console

from benchmarks.results import RESULTS
from cnn.architecture import parse
from cnn.model import Model
from preprocessing.datasets import Dataset
from preprocessing.mnist import load_mnist
from preprocessing.picture import PictureError
from routines.fine_tune import RECIPE, Hand
from routines.learn_pictures import Labelled, problem_of, read_digits
from routines.learn_stages import Stages
from routines.models import SHIPPED, find_model
from routines.places import PLACES
from routines.teach import Taught, teach
from system.arrays import Array
from system.processes import available_cores
from system.steps import finish

Image = NDArray[np.uint8]
READ = 2000  # at most, of a style
LEAST = 5  # pictures of a writer that are read, beside those that are shown


def _ink(image: Image) -> tuple[int, int, int, int]:
    """Return first and last row, and first and last column, of the ink."""
    rows, columns = np.flatnonzero(image.max(axis=1) > 90), np.flatnonzero(image.max(axis=0) > 90)
    return rows[0], rows[-1], columns[0], columns[-1]


def crossed(image: Image) -> Image:
    """Return a 7 with a stroke across its middle."""
    top, bottom, _, _ = _ink(image)
    row = (top + bottom) // 2
    column = int(np.average(np.arange(28), weights=image[row].astype(float) + 1e-9))
    return np.asarray(
        cv2.line(image.copy(), (column - 5, row + 1), (column + 5, row - 1), 255, 2, cv2.LINE_AA), np.uint8
    )


def with_base(image: Image) -> Image:
    """Return a 1 with a stroke below."""
    _, bottom, _, _ = _ink(image)
    column = int(np.average(np.arange(28), weights=image[bottom].astype(float) + 1e-9))
    return np.asarray(cv2.line(image.copy(), (column - 5, bottom), (column + 5, bottom), 255, 2, cv2.LINE_AA), np.uint8)


def opened(image: Image) -> Image:
    """Return a 4 whose top, between its two strokes, is wiped away."""
    top, _, left, right = _ink(image)
    changed = image.copy()
    changed[top : top + 4, (left + right) // 2 - 2 : (left + right) // 2 + 2] = 0
    return np.asarray(changed, np.uint8)


def slanted(image: Image) -> Image:
    """Return any digit, sheared by 25 degrees."""
    slope = np.tan(np.radians(25))
    moved = np.array([[1, -slope, slope * 13.5], [0, 1, 0]], np.float32)
    return np.asarray(cv2.warpAffine(image, moved, (28, 28)), np.uint8)


def mirrored(image: Image) -> Image:
    """Return a 2 from right to left."""
    return np.asarray(image[:, ::-1].copy(), np.uint8)


STYLES: dict[str, tuple[Callable[[Image], Image], int | None]] = {
    "crossed 7s": (crossed, 7),
    "1s with a base": (with_base, 1),
    "open 4s": (opened, 4),
    "slanted by 25 degrees": (slanted, None),
    "mirrored 2s": (mirrored, 2),
    "as they are": (np.copy, None),
}

# What is shown, with a seed, and what is read: two hands.
Shown = Callable[[int], tuple[Hand, Hand] | None]


def hand_of(style: str, images: Array, labels: Array, count: int, generator: np.random.Generator) -> Hand:
    """Return up to so many of some images in a style, each a picture."""
    change, digit = STYLES[style]
    order = generator.permutation(len(labels) if digit is None else np.flatnonzero(labels == digit))[:count]
    return Hand(np.array([change(image) for image in images[order]]), labels[order], np.arange(len(order)))


def shown_of(
    data: Dataset, style: str, count: int, generator: np.random.Generator, misread_by: Model | None = None
) -> Hand:
    """Return up to so many training images in a style; where a model is given, of those that it misreads."""
    if not misread_by:
        return hand_of(style, data.x_train, data.y_train, count, generator)
    hand = hand_of(style, data.x_train, data.y_train, READ, generator)
    misread = misread_by.logits(hand.images).argmax(axis=1) != hand.labels
    chosen = hand.where(misread & (np.cumsum(misread) <= count))
    return replace(chosen, pictures=np.arange(len(chosen.labels)))


def of_style(data: Dataset, style: str, shown: int, misread_by: Model | None, seed: int) -> tuple[Hand, Hand]:
    """Return what is shown and read of a style."""
    generator = np.random.default_rng(seed)
    learned = shown_of(data, style, shown, generator, misread_by)
    return learned, hand_of(style, data.x_test, data.y_test, READ, generator)


def of_writer(hand: Hand, shown: int, seed: int) -> tuple[Hand, Hand] | None:
    """Return what is shown and read of a writer's pictures; None where they are too few."""
    count = int(hand.pictures.max()) + 1
    if count < shown + LEAST:
        return None
    place = np.random.default_rng(seed).permutation(count)[hand.pictures]
    placed = replace(hand, pictures=place)
    return placed.where(place < shown), placed.where(place >= shown)


def writers(model: Model, folder: Path, names: list[str]) -> Iterator[tuple[str, Hand]]:
    """Yield each source of a folder, or those of some names, with the digits of its pictures that can have labels."""
    sources = defaultdict(list)
    with (folder / "labels.csv").open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            if not names or row["source"] in names:
                sources[row["source"]].append(Labelled(row["path"], folder / row["path"], row["label"]))
    for name, pictures in sources.items():
        images: list[Array] = []
        labels: list[str] = []
        for picture in pictures if len(pictures) >= 2 * LEAST else ():
            try:
                digits = read_digits(model, picture)
            except PictureError:
                continue
            if not problem_of(picture, digits):
                images.append(digits.images)
                labels.append(picture.label)
        if len(labels) >= 2 * LEAST:
            of = np.repeat(np.arange(len(labels)), [len(each) for each in labels])
            yield name, Hand(np.concatenate(images), np.array(list(map(int, "".join(labels))), np.uint8), of)


def right(model: Model, images: Array, labels: Array) -> float:
    """Return the share of images that is read right."""
    return float((model.logits(images).argmax(axis=1) == labels).mean())


def row_of(name: str, model: Model, data: Dataset, shown: int, seeds: int, workers: int, given: Shown) -> str | None:
    """Return a row of the table: a hand, with so many pictures shown; None where it has too few."""
    before, after, steps, changes, kept, digits = [], [], [], [], 0, 0
    for seed in range(seeds):
        hands = given(seed)
        if hands is None:
            return None
        learned, read = hands
        taught: Taught = finish(teach(model, learned, data, replace(RECIPE, seed=seed), workers, Flag(), Stages()))
        used = taught.model if taught.helped else model
        before.append(1 - right(model, read.images, read.labels))
        after.append(1 - right(used, read.images, read.labels))
        steps.append(taught.step)
        changes.append(right(used, data.x_test, data.y_test) - right(model, data.x_test, data.y_test))
        kept, digits = kept + taught.helped, len(read.labels)
    errors = f"{np.mean(before):.1%} | {np.mean(after):.1%}"
    went = f"{kept} of {seeds} | {np.mean(steps):.0%}"
    return f"| {name} | {shown} | {digits:,} | {errors} | {went} | {min(changes):+.2%} |"


def main() -> None:
    """Measure and publish."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default=SHIPPED[0])
    parser.add_argument("--styles", nargs="*", default=list(STYLES), choices=list(STYLES))
    parser.add_argument("--misread", action="store_true", help="show only what the model misreads")
    parser.add_argument("--shown", nargs="+", type=int, default=[5, 10, 20])
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--folders", nargs="*", type=Path, default=[])
    parser.add_argument("--writers", nargs="+", default=[], help="of the folders; all where none are named")
    parser.add_argument("--workers", type=int, default=available_cores())
    options = parser.parse_args()
    model, data = find_model(PLACES, parse(options.model)), load_mnist()
    found = [each for folder in options.folders for each in writers(model, folder, options.writers)]
    lines = [
        "| hand | pictures shown | digits read | error before | after | kept | of the way | MNIST's test set, worst |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for shown in options.shown:
        hands: list[tuple[str, Shown]] = [
            (name, partial(of_style, data, name, shown, model if options.misread else None)) for name in options.styles
        ]
        hands += [(name, partial(of_writer, hand, shown)) for name, hand in found]
        for name, given in hands:
            if row := row_of(name, model, data, shown, options.seeds, options.workers, given):
                lines.append(row)
                Console().print(row, soft_wrap=True, markup=False, highlight=False)
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "learning.md").write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
