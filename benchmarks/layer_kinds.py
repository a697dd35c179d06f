"""What kinds of layers bring: accuracy on 10,000 images held out of the training set, and seconds of training.

python -m benchmarks.layer_kinds [--epochs 3] [--seeds 0 1 2] [--models M ...] [--groups]

A row for each model string, under 200,000 parameters; first the shipped three. Seconds are those of one core, by one
process, which what else a machine does hardly changes; the least of the seeds. With --groups: a model with batch
normalisation over groups of 8 to 128 images of a batch, in place of what the program takes.
"""

import argparse
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain
from time import process_time

import numpy as np
from rich.console import Console
from rich.progress import track

from cnn.architecture import Specs, parameter_counts, parse
from cnn.evaluation import evaluate
from cnn.layers import BatchNormalisation
from cnn.model import Model
from cnn.recipe import Recipe
from cnn.training import train
from preprocessing.mnist import load_mnist
from routines.make_models import MODELS, split

OTHERS = (
    "C(8,5)-BN-P2-C(16,3)-BN-P2-FC128-FC10",
    "C(8,5)-P2-C(16,3)-P2-FC128-D(0.5)-FC10",
    "C(8,5)-A2-C(16,3)-A2-FC128-FC10",
    "C(16,5,s2)-C(32,3,s2)-FC128-FC10",
    "C(16,3,p1)-P2-C(32,3,p1)-P2-C(64,3)-A5-FC10",
    "C(16,3,p1)-P2-C(32,3,p1)-P2-C(64,3,p1)-P2-FC128-FC10",
    "C(16,3)-C(16,3)-P2-C(32,3)-C(32,3)-P2-FC128-FC10",
    "C(16,3,p1)-BN-P2-C(32,3,p1)-BN-P2-C(64,3)-BN-A5-FC10",
    "C(16,3,p1)-BN-P2-C(32,3,p1)-BN-P2-C(64,3,p1)-BN-P2-FC128-BN-D(0.3)-FC10",
    "C(16,3)-BN-C(16,3)-BN-P2-C(32,3)-BN-C(32,3)-BN-P2-FC128-BN-D(0.3)-FC10",
)
GROUPS = (8, 32, 64, 128)


@dataclass(frozen=True)
class Row:
    """What the seeds gave of one model: held-out accuracies, from 0 to 1, and seconds of training."""

    accuracies: tuple[float, ...]
    seconds: tuple[float, ...]

    def __str__(self) -> str:
        mean, lowest, highest = np.mean(self.accuracies), min(self.accuracies), max(self.accuracies)
        return f"{mean:.2%} | {lowest:.2%} to {highest:.2%} | {min(self.seconds):.1f}"


def measure(specs: Specs, epochs: int, seeds: Iterable[int]) -> Row:
    """Train on the images that are not held out, once for each seed."""
    data, accuracies, seconds = split(load_mnist()), [], []
    for seed in seeds:
        model, start = Model.create(specs, seed), process_time()
        train(model, data, Recipe(epochs=epochs, seed=seed))
        seconds.append(process_time() - start)
        accuracies.append(evaluate(model, data).accuracy)
    return Row(tuple(accuracies), tuple(seconds))


def grouped(specs: Specs, images: int) -> Specs:
    """Return specs in which batch normalisation goes by groups of so many images, at most."""
    kind = type("Grouped", (BatchNormalisation,), {"images_together": images})
    return tuple(kind() if isinstance(spec, BatchNormalisation) else spec for spec in specs)


def main() -> None:
    """Print a Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--models", nargs="+", default=list(chain(MODELS, OTHERS)))
    parser.add_argument("--groups", action="store_true")
    options = parser.parse_args()
    rows = [(f"`{string}`", parse(string)) for string in options.models]
    if options.groups:
        string, specs = OTHERS[0], parse(OTHERS[0])
        rows = [(f"`{string}`, groups of {images}", grouped(specs, images)) for images in GROUPS]
    out = Console()
    out.print("|  | parameters | held-out accuracy, mean | from, to | seconds |", soft_wrap=True, markup=False)
    out.print("|---" * 5 + "|", markup=False)
    for name, specs in track(rows, console=Console(stderr=True)):
        row = measure(specs, options.epochs, options.seeds)
        line = f"| {name} | {sum(parameter_counts(specs)):,} | {row} |"
        out.print(line, soft_wrap=True, markup=False, highlight=False)


if __name__ == "__main__":
    main()
