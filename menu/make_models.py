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
from cnn.errors import UserError
from cnn.network import Network
from cnn.training import BATCH_SIZE, LEARNING_RATE, SEED
from cnn.weights import file_name
from cnn.workers import available_cores
from menu import catalog, prompts, training
from menu.render import FAILURES, explain, percent, say
from menu.training_settings import TrainingSettings, check_output
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


class StoppedError(UserError):
    """A training that ended early."""


def make(console: Console, model: str, seed: int, folder: Path) -> None:
    """Make one model and write it into a folder, with what was held out in its metadata.

    Raises:
        StoppedError: where a training ended early; KeyboardInterrupt: where that was by Ctrl-C.
    """
    data, specs = load_mnist(), parse(model)

    def settings(place: Path) -> TrainingSettings:
        output = place / file_name(specs)
        workers = available_cores()
        return TrainingSettings(specs, LEARNING_RATE, EPOCHS, BATCH_SIZE, seed, workers, True, None, output)

    final = settings(folder)
    check_output(final.output, specs)
    with TemporaryDirectory() as elsewhere:
        part = split(data)
        held_out = read_held_out(_trained(console, settings(Path(elsewhere)), part).network, part)
    say(
        console,
        f"Of {HELD_OUT:,} held-out images {percent(held_out.accuracy)} are read right; temperature "
        f"{held_out.temperature:.2f}.",
        "bold",
    )
    run = _trained(console, final, data)
    run.network.temperature = held_out.temperature
    kept = {"held_out_accuracy": held_out.accuracy, "temperature": held_out.temperature}
    training.finish_training(console, final, data, run, final.output, kept)


def _trained(console: Console, settings: TrainingSettings, data: Dataset) -> training.TrainingRun:
    run = training.run_training(console, settings, data)
    if run.stopped:
        # Without the held-out images, nobody should go on from there.
        training.discard_checkpoint(console, settings)
        if run.interrupted:
            raise KeyboardInterrupt
        raise StoppedError(run.stopped)
    return run


def read_held_out(network: Network, part: Dataset) -> HeldOut:
    """What a network makes of the held-out images of `split`."""
    logits = network.logits(part.x_test)
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
        for model in options.models:
            make(console, model, options.seed, options.output.absolute())
    except FAILURES as error:
        say(console, explain(error), "red")
        return 2
    except KeyboardInterrupt:
        say(console, "\nInterrupted.")
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
