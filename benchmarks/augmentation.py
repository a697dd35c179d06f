"""What augmentation costs, and what it makes of one digit of each class.

python -m benchmarks.augmentation [--rounds 200]
"""

import argparse
from collections.abc import Callable
from time import perf_counter

import numpy as np
from matplotlib.figure import Figure
from rich.console import Console
from rich.progress import track

from benchmarks.results import publish
from cnn.loss import cross_entropy
from cnn.model import Model
from cnn.network import IMAGES_PER_PASS
from cnn.optimizer import Adam
from cnn.recipe import Recipe
from preprocessing.augment import augment, draw
from preprocessing.datasets import Dataset
from preprocessing.mnist import load_mnist
from routines.models import SHIPPED
from system.arrays import Array
from system.threads import single_threaded_blas

BATCH_SIZE = Recipe().batch_size
DRAWS = 16


def step(model: str, images: Array, labels: Array) -> Callable[[], None]:
    """One step of training on a batch, without augmentation."""
    network = Model.create(model).network()
    optimizer = Adam(network.model.parameters)

    def run() -> None:
        total = np.zeros_like(network.gradient)
        for first in range(0, len(images), IMAGES_PER_PASS):
            part = slice(first, first + IMAGES_PER_PASS)
            _, gradient = cross_entropy(network.forward(images[part]), labels[part])
            network.backward(gradient)
            total += network.gradient
        optimizer.step(total / len(images), 1e-3)

    return run


def pictures(data: Dataset, generator: np.random.Generator) -> Figure:
    """One digit of each class as it is, and as some draws make it."""
    rows = []
    for digit in range(10):
        image = data.x_train[generator.choice(np.flatnonzero(data.y_train == digit))]
        new = augment(np.repeat(image[None], DRAWS, axis=0), draw(generator, DRAWS))
        rows.append(np.concatenate([image, np.full((28, 4), 128, np.uint8), *new], axis=1))
    grid = np.concatenate(rows)
    figure = Figure(figsize=(grid.shape[1] / 50, grid.shape[0] / 50))
    axes = figure.add_axes((0, 0, 1, 1))
    axes.imshow(grid, cmap="gray", vmin=0, vmax=255, interpolation="nearest")
    axes.axis("off")
    return figure


def main() -> None:
    """Print a Markdown table of augmentation beside a training step of each model, taking turns."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=200)
    rounds = parser.parse_args().rounds
    data, generator = load_mnist(), np.random.default_rng(0)
    images, labels = data.x_train[:BATCH_SIZE], data.y_train[:BATCH_SIZE]
    draws = draw(generator, BATCH_SIZE)

    def apply(size: int) -> None:
        for first in range(0, BATCH_SIZE, size):
            augment(images[first : first + size], draws[first : first + size])

    tasks: dict[str, Callable[[], object]] = {
        "draw": lambda: draw(generator, BATCH_SIZE),
        f"augment, {IMAGES_PER_PASS} at a time": lambda: apply(IMAGES_PER_PASS),
        f"augment, {BATCH_SIZE} at a time": lambda: apply(BATCH_SIZE),
    }
    tasks |= {f"step of `{model}`": step(model, images, labels) for model in SHIPPED}
    seconds: dict[str, list[float]] = {name: [] for name in tasks}
    with single_threaded_blas():
        for _ in track(range(rounds), console=Console(stderr=True)):
            for name, task in tasks.items():
                start = perf_counter()
                task()
                seconds[name].append(perf_counter() - start)
    median = {name: float(np.median(taken)) / BATCH_SIZE * 1e6 for name, taken in seconds.items()}
    cost = median["draw"] + median[f"augment, {BATCH_SIZE} at a time"]
    lines = ["| part | microseconds an image, minimum | median | augmentation's share of both |", "|---|---|---|---|"]
    for name, taken in seconds.items():
        share = f"{cost / (cost + median[name]):.1%}" if name.startswith("step") else ""
        lines.append(f"| {name} | {min(taken) / BATCH_SIZE * 1e6:.1f} | {median[name]:.1f} | {share} |")
    publish("augmentation", "\n".join(lines), pictures(data, generator))


if __name__ == "__main__":
    main()
