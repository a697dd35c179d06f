"""What the recipe of training was chosen by: accuracy on 10,000 images held out of the training set.

python -m benchmarks.recipe [--model M] [--epochs 1 5] [--seeds 0 1 2]

Each row differs from the recipe in one thing; all have augmentation, where it does not say otherwise.
"""

import argparse
from dataclasses import replace

import numpy as np
from rich.console import Console
from rich.progress import track

from cnn.architecture import EXAMPLE
from cnn.evaluation import evaluate
from cnn.model import Model
from cnn.recipe import Recipe
from cnn.training import train
from preprocessing.mnist import load_mnist
from routines.make_models import split
from system.processes import available_cores

LAST_ONLY = 1e12  # as averaging: the running mean is then the last parameters
RECIPE = Recipe()
ROWS: dict[str, Recipe] = {
    "the recipe": RECIPE,
    "the last parameters, not their mean": replace(RECIPE, averaging=LAST_ONLY),
    "cool-down over the last 30% of the steps": replace(RECIPE, cool_down=0.3),
    "the same, and the last parameters": replace(RECIPE, cool_down=0.3, averaging=LAST_ONLY),
    "a mean over a longer time: t^4": replace(RECIPE, averaging=4),
    "a mean over a shorter time: t^19": replace(RECIPE, averaging=19),
    "no weight decay": replace(RECIPE, weight_decay=0),
    "three times the weight decay": replace(RECIPE, weight_decay=0.3),
    "half the learning rate": replace(RECIPE, learning_rate=RECIPE.learning_rate / 2),
    "twice the learning rate": replace(RECIPE, learning_rate=RECIPE.learning_rate * 2),
    "no augmentation": replace(RECIPE, augment=False),
}


def held_out_accuracy(string: str, recipe: Recipe) -> float:
    """Train on the images that are not held out; return the share of the others that is read right."""
    data, model = split(load_mnist()), Model.create(string, recipe.seed)
    train(model, data, recipe, workers=available_cores())
    return evaluate(model, data).accuracy


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
            np.mean(
                [held_out_accuracy(options.model, replace(row, epochs=epochs, seed=seed)) for seed in options.seeds]
            )
            for epochs in options.epochs
        ]
        lines.append(f"| {name} | {' | '.join(f'{mean:.2%}' for mean in means)} |")
    Console().print("\n".join(lines), soft_wrap=True, markup=False, highlight=False)


if __name__ == "__main__":
    main()
