"""What the recipe of training was chosen by: accuracy on 10,000 images held out of the training set.

python -m benchmarks.recipe [--model M] [--epochs 1 5] [--seeds 0 1 2]

Each row differs from the recipe in one thing; all have augmentation, where it does not say otherwise.
"""

import argparse
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest.mock import patch

import numpy as np
from rich.console import Console
from rich.progress import track

from cnn import optimizer, training
from cnn.architecture import EXAMPLE, parse
from cnn.augmentation import Augmentation
from cnn.evaluation import evaluate
from cnn.network import Network
from cnn.workers import available_cores
from menu.make_models import split
from preprocessing import augment
from preprocessing.mnist import load_mnist

LAST_ONLY = 1e12  # in the place of AVERAGING: the running mean is then the last parameters
# What each row sets, in place of what is in cnn.optimizer and preprocessing.augment.
ROWS: dict[str, dict[str, Any]] = {
    "the recipe": {},
    "the last parameters, not their mean": {"AVERAGING": LAST_ONLY},
    "cool-down over the last 30% of the steps": {"COOL_DOWN": 0.3},
    "the same, and the last parameters": {"COOL_DOWN": 0.3, "AVERAGING": LAST_ONLY},
    "a mean over a longer time: t^4": {"AVERAGING": 4},
    "a mean over a shorter time: t^19": {"AVERAGING": 19},
    "no weight decay": {"WEIGHT_DECAY": 0},
    "three times the weight decay": {"WEIGHT_DECAY": 0.3},
    "half the learning rate": {"REFERENCE_BATCH": 128},
    "twice the learning rate": {"REFERENCE_BATCH": 8},
    "no augmentation": {"augment": False},
}


@contextmanager
def changed(row: dict[str, Any]) -> Iterator[Augmentation | None]:
    """The recipe with what a row sets; yields what is then done to the images."""
    with ExitStack() as stack:
        for name in filter(str.isupper, row):
            stack.enter_context(patch.object(optimizer, name, row[name]))
        yield Augmentation(augment.draw, augment.augment) if row.get("augment", True) else None


def held_out_accuracy(model: str, epochs: int, seed: int, row: dict[str, Any]) -> float:
    """Accuracy after some epochs on the other 50,000 images."""
    data = split(load_mnist())
    generator, cores = np.random.default_rng(seed), available_cores()
    network = Network(parse(model), training.images_per_pass(training.BATCH_SIZE, cores))
    network.initialize(generator)
    with changed(row) as augmentation:
        for _ in training.train(
            network, data.x_train, data.y_train, generator, epochs=epochs, workers=cores, augmentation=augmentation
        ):
            pass
    return evaluate(network, data.x_test, data.y_test).accuracy


def main() -> None:
    """Print a Markdown table: mean accuracy over the seeds."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default=EXAMPLE)
    parser.add_argument("--epochs", type=int, nargs="+", default=[1, 5])
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    options = parser.parse_args()
    heads = [f"{epochs} {'epoch' if epochs == 1 else 'epochs'}" for epochs in options.epochs]
    lines = [f"| {options.model} | {' | '.join(heads)} |", "|---" * (1 + len(heads)) + "|"]
    for name, row in track(ROWS.items(), console=Console(stderr=True)):
        means = [
            np.mean([held_out_accuracy(options.model, epochs, seed, row) for seed in options.seeds])
            for epochs in options.epochs
        ]
        lines.append(f"| {name} | {' | '.join(f'{mean:.2%}' for mean in means)} |")
    Console().print("\n".join(lines), soft_wrap=True, markup=False, highlight=False)


if __name__ == "__main__":
    main()
