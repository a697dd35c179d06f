"""How much a model learns from a few pictures of a hand, and what it forgets.

python -m benchmarks.learning [--model M] [--styles S ...] [--shown 5 10 20 100] [--seeds 3] [--rate R]
    [--epochs N] [--images N] [--share S] [--folder FOLDER]

Styles are made of MNIST's training images of the last tenth: what is shown, and 200 others that are read before and
after. --folder has labels.csv as `benchmarks.pictures` takes it; of each source with more pictures than are shown,
those not shown are read. The last tenth itself is read too: it is not taught here, but the model was trained on it, so
that it shows less forgetting than MNIST's test set does.
"""

import argparse
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import replace
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
from routines import learn
from routines.learn_pictures import find_labelled, problem_of, read_digits
from routines.models import SHIPPED, find_model
from routines.places import PLACES
from system.arrays import Array
from system.processes import available_cores
from system.steps import finish

Image = NDArray[np.uint8]
READ = 200


def _middle(image: Image) -> tuple[int, int, int, int]:
    """Return first and last row, and first and last column, of the ink."""
    rows, columns = np.flatnonzero(image.max(axis=1) > 90), np.flatnonzero(image.max(axis=0) > 90)
    return rows[0], rows[-1], columns[0], columns[-1]


def crossed(image: Image) -> Image:
    """A 7 with a stroke across its middle."""
    top, bottom, _, _ = _middle(image)
    row = (top + bottom) // 2
    column = int(np.average(np.arange(28), weights=image[row].astype(float) + 1e-9))
    return np.asarray(
        cv2.line(image.copy(), (column - 5, row + 1), (column + 5, row - 1), 255, 2, cv2.LINE_AA), np.uint8
    )


def with_base(image: Image) -> Image:
    """A 1 with a stroke below."""
    _, bottom, _, _ = _middle(image)
    column = int(np.average(np.arange(28), weights=image[bottom].astype(float) + 1e-9))
    return np.asarray(cv2.line(image.copy(), (column - 5, bottom), (column + 5, bottom), 255, 2, cv2.LINE_AA), np.uint8)


def opened(image: Image) -> Image:
    """A 4 whose top, between its two strokes, is wiped away."""
    top, _, left, right = _middle(image)
    changed = image.copy()
    changed[top : top + 4, (left + right) // 2 - 2 : (left + right) // 2 + 2] = 0
    return np.asarray(changed, np.uint8)


def slanted(image: Image) -> Image:
    """Any digit, sheared by 25 degrees."""
    slope = np.tan(np.radians(25))
    moved = np.array([[1, -slope, slope * 13.5], [0, 1, 0]], np.float32)
    return np.asarray(cv2.warpAffine(image, moved, (28, 28)), np.uint8)


def mirrored(image: Image) -> Image:
    """A 2 from right to left."""
    return np.asarray(image[:, ::-1].copy(), np.uint8)


STYLES: dict[str, tuple[Callable[[Image], Image], int | None]] = {
    "crossed 7s": (crossed, 7),
    "1s with a base": (with_base, 1),
    "open 4s": (opened, 4),
    "slanted by 25 degrees": (slanted, None),
    "mirrored 2s": (mirrored, 2),
}


def style_images(data: Dataset, style: str, generator: np.random.Generator) -> tuple[Array, Array]:
    """Return images in a style, and labels, in random order."""
    change, digit = STYLES[style]
    last = np.arange(len(data.x_train) * 9 // 10, len(data.x_train))
    chosen = generator.permutation(last if digit is None else last[data.y_train[last] == digit])
    return np.array([change(image) for image in data.x_train[chosen]]), data.y_train[chosen]


def writers(model: Model, folder: Path) -> Iterator[tuple[str, Array, Array]]:
    """Yield the digits of each source, whose pictures can have their labels."""
    sources = defaultdict(list)
    for picture in find_labelled([folder / "labels.csv"]):
        sources[Path(picture.name).parent.name].append(picture)
    for name, pictures in sources.items():
        images: list[Array] = []
        labels: list[int] = []
        for picture in pictures:
            try:
                digits = read_digits(model, picture)
            except PictureError:
                continue
            if len(picture.label) == 1 and not problem_of(picture, digits):
                images.append(digits.images[0])
                labels.append(int(picture.label))
        yield name, np.array(images), np.array(labels, np.uint8)


def taught(model: Model, data: Dataset, images: Array, labels: Array, options: argparse.Namespace, seed: int) -> Model:
    """Return a copy of a model that learned some digits, as the routine teaches it."""
    learn.SHARE = options.share
    recipe = replace(learn.RECIPE, learning_rate=options.rate, epochs=options.epochs, seed=seed)
    request = learn.LearnRequest(model, (), Path(), recipe, available_cores())
    chosen = np.random.default_rng(seed).permutation(len(data.x_train) * 9 // 10)[: options.images]
    mixed = learn._mixed(data, chosen, learn._Shown(images, labels, np.arange(len(labels))))
    steps = learn._train(request, mixed, "", Flag())
    return finish(steps)


def right(model: Model, images: Array, labels: Array) -> float:
    """Return the share of images that is read right."""
    return float((model.logits(images).argmax(axis=1) == labels).mean())


def main() -> None:
    """Measure and publish."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default=SHIPPED[0])
    parser.add_argument("--styles", nargs="*", default=list(STYLES))
    parser.add_argument("--shown", nargs="+", type=int, default=[5, 10, 20, 100])
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--rate", type=float, default=learn.RECIPE.learning_rate)
    parser.add_argument("--epochs", type=int, default=learn.RECIPE.epochs)
    parser.add_argument("--images", type=int, default=learn.TRAINING_IMAGES)
    parser.add_argument("--share", type=float, default=learn.SHARE)
    parser.add_argument("--folder", type=Path)
    options = parser.parse_args()
    model, data = find_model(PLACES, parse(options.model)), load_mnist()
    test = right(model, data.x_test, data.y_test)
    tenth = len(data.x_train) * 9 // 10
    known = data.x_train[tenth:], data.y_train[tenth:]
    found = list(writers(model, options.folder)) if options.folder else []
    lines = [
        "| hand | shown | read | error before | after | change on the last tenth | on the test set, worst of each |"
    ]
    lines += ["|---|---|---|---|---|---|---|"]
    for name in [*options.styles, *(each[0] for each in found)]:
        for shown in options.shown:
            before, after, change, held, count = [], [], [], [], 0
            for seed in range(options.seeds):
                generator = np.random.default_rng(seed)
                if name in STYLES:
                    images, labels = style_images(data, name, generator)
                    images, labels = images[: shown + READ], labels[: shown + READ]
                else:
                    _, images, labels = next(each for each in found if each[0] == name)
                    order = generator.permutation(len(labels))
                    images, labels = images[order], labels[order]
                if (count := len(labels) - shown) < 2:
                    break
                new = taught(model, data, images[:shown], labels[:shown], options, seed)
                before.append(1 - right(model, images[shown:], labels[shown:]))
                after.append(1 - right(new, images[shown:], labels[shown:]))
                held.append(right(new, *known) - right(model, *known))
                change.append(right(new, data.x_test, data.y_test) - test)
            if before:
                errors = f"{np.mean(before):.1%} | {np.mean(after):.1%}"
                lines.append(f"| {name} | {shown} | {count} | {errors} | {min(held):+.2%} | {min(change):+.2%} |")
                Console().print(lines[-1], soft_wrap=True, markup=False, highlight=False)
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "learning.md").write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
