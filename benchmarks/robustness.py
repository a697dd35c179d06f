"""How well shifted, turned, thicker, thinner and noisy test digits are read, with and without augmentation in training.

python -m benchmarks.robustness [--models M ...]

The models in weight_output/ were trained with augmentation. Beside each, one is trained here without, for as many
epochs.
"""

import argparse
from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import track

from benchmarks.results import publish
from cnn.architecture import parse
from cnn.model import Model
from cnn.recipe import Recipe
from cnn.training import epochs
from figures.style import BLUE, VERMILION
from preprocessing.mnist import load_mnist
from routines.models import SHIPPED, find_model
from routines.places import PLACES
from system.arrays import Array
from system.processes import available_cores

Images = NDArray[np.uint8]
SIDE = 28
CROSS = np.array([[0, 1, 0], [1, 1, 1], [0, 1, 0]], np.uint8)
DIRECTIONS = [(0, 1), (1, 0), (0, -1), (-1, 0)]


@dataclass(frozen=True)
class Change:
    """What is done to images; each strength gives one or more sets of images, whose accuracies are averaged."""

    name: str
    unit: str
    strengths: tuple[float, ...]
    apply: Callable[[Images, float], list[Images]]


def shift(images: Images, pixels: float) -> list[Images]:
    """Moved by whole pixels to each of four sides."""
    return [
        _warp(images, np.array([[1, 0, pixels * right], [0, 1, pixels * down]], np.float32))
        for down, right in DIRECTIONS
    ]


def turn(images: Images, degrees: float) -> list[Images]:
    """Turned about the centre, both ways."""
    centre = ((SIDE - 1) / 2, (SIDE - 1) / 2)
    return [_warp(images, np.asarray(cv2.getRotationMatrix2D(centre, way * degrees, 1))) for way in (1, -1)]


def thicken(images: Images, pixels: float) -> list[Images]:
    """Strokes thicker by so many pixels on each side, or thinner, below 0; of a part of a pixel, a mixture."""
    changed = images.astype(np.float32)
    for part in [1.0] * int(abs(pixels)) + [abs(pixels) % 1]:
        morph = cv2.dilate if pixels > 0 else cv2.erode
        changed += part * (np.stack([np.asarray(morph(image, CROSS)) for image in changed]) - changed)
    return [np.rint(changed).astype(np.uint8)]


def add_noise(images: Images, deviation: float) -> list[Images]:
    """Normal noise on every pixel, its deviation as a share of full brightness."""
    noise = np.random.default_rng(0).normal(0, 255 * deviation, images.shape)
    return [np.rint(np.clip(images + noise, 0, 255)).astype(np.uint8)]


CHANGES = (
    Change("shifted", "pixels to a side", (0, 1, 2, 3, 4, 5, 6), shift),
    Change("turned", "degrees", (0, 10, 20, 30, 40, 50, 60), turn),
    Change(
        "thinner or thicker strokes", "pixels on each side", (-1, -0.75, -0.5, -0.25, 0, 0.5, 1, 1.5, 2, 3), thicken
    ),
    Change("noise", "deviation, share of full brightness", (0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6), add_noise),
)


def _warp(images: Images, matrix: Array) -> Images:
    return np.stack([np.asarray(cv2.warpAffine(image, matrix, (SIDE, SIDE))) for image in images])


def plainly_trained(like: Model) -> Model:
    """Return a model of the same kind, trained as long, without augmentation."""
    model, recipe = Model.create(like.specs), Recipe(epochs=like.metadata["epochs"], augment=False)
    training = epochs(model, load_mnist(), recipe, workers=available_cores())
    for _ in track(training, "Training without augmentation", total=recipe.epochs, console=Console(stderr=True)):
        pass
    return model


def accuracies(models: dict[str, Model]) -> dict[str, dict[str, list[float]]]:
    """The share of test digits read right, by change and network, for each strength."""
    data = load_mnist()
    found: dict[str, dict[str, list[float]]] = {change.name: {name: [] for name in models} for change in CHANGES}
    steps = [(change, strength) for change in CHANGES for strength in change.strengths]
    for change, strength in track(steps, "Reading", console=Console(stderr=True)):
        sets = change.apply(data.x_test, strength)
        for name, each in models.items():
            shares = [(each.logits(images).argmax(axis=1) == data.y_test).mean() for images in sets]
            found[change.name][name].append(float(np.mean(shares)))
    return found


def table(found: dict[str, dict[str, list[float]]]) -> str:
    """The accuracies as Markdown, a row for each strength."""
    names = next(iter(found.values()))
    lines = [f"| digits | {' | '.join(names)} |", "|---" * (1 + len(names)) + "|"]
    for change in CHANGES:
        for place, strength in enumerate(change.strengths):
            cells = [f"{shares[place]:.2%}" for shares in found[change.name].values()]
            lines.append(f"| {change.name}: {strength:g} {change.unit} | {' | '.join(cells)} |")
    return "\n".join(lines)


def plot(found: dict[str, dict[str, list[float]]], model: str) -> Figure:
    """A panel for each change: accuracy against its strength."""
    figure = Figure(figsize=(12, 7.2), layout="constrained")
    figure.suptitle(f"Test digits that were changed, read by {model}", fontsize=13)
    styles = zip((BLUE, VERMILION), ("o-", "s--"), strict=True)
    looks = dict(zip(next(iter(found.values())), styles, strict=False))
    for axes, change in zip(figure.subplots(2, 2).flat, CHANGES, strict=True):
        for name, (colour, marker) in looks.items():
            axes.plot(
                change.strengths, [100 * share for share in found[change.name][name]], marker, color=colour, label=name
            )
        axes.set(title=change.name, xlabel=change.unit, ylabel="read right, %", ylim=(0, 102))
        axes.grid(alpha=0.3)
        axes.spines[["top", "right"]].set_visible(False)
        axes.legend(loc="lower left" if change.strengths[0] == 0 else "lower center")
    return figure


def main() -> None:
    """Measure and publish; the plot is of the last model."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", nargs="+", default=SHIPPED[-1:])
    options = parser.parse_args()
    parts = []
    for model in options.models:
        shipped = find_model(PLACES, parse(model))
        models = {"with augmentation": shipped, "without": plainly_trained(shipped)}
        found = accuracies(models)
        parts.append(f"`{model}`\n\n{table(found)}")
    publish("robustness", "\n\n".join(parts), plot(found, model))


if __name__ == "__main__":
    main()
