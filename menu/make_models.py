"""Makes the models in weight_output/ from a seed: python -m menu.make_models [--seed 0] [--output FOLDER] [MODEL ...].

Each is trained twice, with the default settings for EPOCHS epochs: without HELD_OUT of the training images, which then
say how good the recipe is and what temperature its confidences need, and with all of them. The test images are read
once, at the end.
"""

import argparse
import sys
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from rich.console import Console

from cnn.architecture import parse
from cnn.calibration import fit_temperature
from cnn.network import Network
from cnn.training import BATCH_SIZE, LEARNING_RATE, SEED
from cnn.weights import file_name
from cnn.workers import available_cores
from menu import catalog, prompts, training
from menu.render import FAILURES, explain, percent, say
from menu.training_settings import TrainingSettings
from preprocessing.mnist import Dataset, load_mnist

MODELS = (
    "C(8,5)-P2-C(16,3)-P2-FC128-FC10",
    "C(8,5)-P2-C(16,3)-P2-C(32,3)-P2-FC256-FC10",
    "C(16,3)-P2-C(32,3)-P2-C(64,3)-P2-FC512-FC10",
)
EPOCHS = 60
HELD_OUT = 10_000
SPLIT_SEED = 1000


@dataclass(frozen=True)
class HeldOut:
    """What the held-out images say: accuracy from 0 to 1, and the temperature."""

    accuracy: float
    temperature: float


def split(data: Dataset) -> Dataset:
    """The training images, HELD_OUT of them in the place of the test images; the same ones each time."""
    order = np.random.default_rng(SPLIT_SEED).permutation(len(data.x_train))
    held_out, used = order[:HELD_OUT], order[HELD_OUT:]
    return Dataset(data.x_train[used], data.y_train[used], data.x_train[held_out], data.y_train[held_out])


def make(console: Console, model: str, seed: int, folder: Path) -> bool:
    """Make one model and write it into a folder, with what was held out in its metadata; False where it was stopped."""
    data, specs = load_mnist(), parse(model)

    def settings(place: Path) -> TrainingSettings:
        output = place / file_name(specs)
        workers = available_cores()
        return TrainingSettings(specs, LEARNING_RATE, EPOCHS, BATCH_SIZE, seed, workers, True, None, output)

    with TemporaryDirectory() as elsewhere:
        part = split(data)
        run = training.run_training(console, settings(Path(elsewhere)), part)
        if run.stopped:
            say(console, run.stopped, "yellow")
            return False
        held_out = read_held_out(run.network, part)
    say(
        console,
        f"Of {HELD_OUT:,} held-out images {percent(held_out.accuracy)} are read right; temperature "
        f"{held_out.temperature:.2f}.",
        "bold",
    )
    final = settings(folder)
    run = training.run_training(console, final, data)
    if run.stopped:
        training.say_stopped(console, final, run)
        return False
    run.network.temperature = held_out.temperature
    kept = {"held_out_accuracy": held_out.accuracy, "temperature": held_out.temperature}
    training.finish_training(console, final, data, run, final.output, kept)
    return True


def read_held_out(network: Network, part: Dataset) -> HeldOut:
    """What a network makes of the held-out images of `split`."""
    passes = range(0, len(part.x_test), network.images)
    logits = np.concatenate([network.forward(part.x_test[first : first + network.images]).T.copy() for first in passes])
    return HeldOut(float((logits.argmax(axis=1) == part.y_test).mean()), fit_temperature(logits, part.y_test))


def main() -> int:
    """Make the models; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", nargs="*", default=MODELS, metavar="MODEL")
    parser.add_argument("--seed", type=prompts.whole_number, default=SEED)
    parser.add_argument("--output", type=Path, default=catalog.WEIGHT_FOLDER, metavar="FOLDER")
    options = parser.parse_args()
    console = Console()
    try:
        options.output.mkdir(parents=True, exist_ok=True)
        done = all(make(console, model, options.seed, options.output.absolute()) for model in options.models)
    except FAILURES as error:
        say(console, explain(error), "red")
        return 2
    return 0 if done else 130


if __name__ == "__main__":
    sys.exit(main())
