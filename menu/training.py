"""What the menu and the command line do to train: check, train with a progress bar, save, say what came of it."""

import platform
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from pathlib import Path
from tempfile import TemporaryFile
from time import perf_counter
from typing import Any
from zlib import crc32

import numpy as np
from rich.console import Console

from cnn.architecture import Specs, to_string
from cnn.augmentation import Augmentation
from cnn.checkpoint import Checkpoint, CheckpointError, checkpoint_path, load_checkpoint, save_checkpoint
from cnn.evaluation import Evaluation, evaluate
from cnn.network import Network
from cnn.npz import NpzError
from cnn.optimizer import AveragedAdam
from cnn.training import EpochResult, TrainingError, check_settings, images_per_pass, train
from cnn.weights import WeightFileError, load, model_of_name, save
from cnn.workers import WorkerError
from menu import catalog
from menu.actions import save_figure
from menu.interrupt import deferred_interrupt
from menu.render import EPOCH_HEADING, epoch_line, layers_table, percent, progress_bar, say
from preprocessing import augment
from preprocessing.mnist import Dataset

# What a checkpoint keeps of the settings.
_KEPT_SETTINGS: dict[str, Any] = {
    "learning_rate": float,
    "epochs": int,
    "batch_size": int,
    "seed": int,
    "workers": int,
    "augment": bool,
}
MAX_WORKERS = 1024


@dataclass(frozen=True)
class TrainingSettings:
    """What is trained, how, on what (None is MNIST), and where the weights go."""

    specs: Specs
    learning_rate: float
    epochs: int
    batch_size: int
    seed: int
    workers: int
    augment: bool
    data: Path | None
    output: Path

    @property
    def model(self) -> str:
        """The canonical model string."""
        return to_string(self.specs)


@dataclass(frozen=True)
class TrainingRun:
    """A network as training left it.

    stopped: why it ended early, by Ctrl-C (`interrupted`) or an infinite loss; empty where it did not.
    """

    network: Network
    results: Sequence[EpochResult]
    seconds: float
    stopped: str = ""
    interrupted: bool = False

    @property
    def worth_keeping(self) -> bool:
        """Whether the network learned anything."""
        return self.interrupted or bool(self.results)


def unfinished_output(output: Path) -> Path:
    """Where a network goes whose training ended early, so that it takes no finished one's place."""
    return output.with_name(f"unfinished_{output.name}")


def say_stopped(console: Console, settings: TrainingSettings, run: TrainingRun) -> None:
    """Say why training ended early, and what is kept of it."""
    say(console, run.stopped, "yellow")
    if checkpoint_path(settings.output).exists():
        kept = f"Its state after epoch {len(run.results)} is kept"
        say(console, f"{kept}: to go on, train it again (with --resume, without the menu).")


def find_checkpoint(settings: TrainingSettings) -> Checkpoint | None:
    """The checkpoint of a training that was interrupted, if there is one.

    Raises:
        NpzError: where there is one that cannot be used.
    """
    path = checkpoint_path(settings.output)
    return load_checkpoint(path, settings.specs) if path.exists() else None


def settings_of(settings: TrainingSettings, checkpoint: Checkpoint) -> TrainingSettings:
    """The settings with those replaced that a checkpoint was trained with.

    Raises:
        CheckpointError: where they make no sense.
    """
    try:
        numbers = {name: kind(checkpoint.settings[name]) for name, kind in _KEPT_SETTINGS.items()}
        check_settings(numbers["learning_rate"], numbers["epochs"], numbers["batch_size"])
        if not (1 <= numbers["workers"] <= MAX_WORKERS and len(checkpoint.results) <= numbers["epochs"]):
            raise ValueError(numbers)
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        path = checkpoint_path(settings.output)
        raise CheckpointError(f"{path}: the settings of this checkpoint make no sense. Delete the file.") from error
    return replace(settings, **numbers)


def run_training(
    console: Console,
    settings: TrainingSettings,
    data: Dataset,
    checkpoint: Checkpoint | None = None,
    on_epoch: Callable[[EpochResult], None] = lambda result: None,
) -> TrainingRun:
    """Train a network, with a progress bar and a row for each epoch, until done, Ctrl-C or an infinite loss.

    settings: those of the checkpoint, where there is one to go on from. After each epoch a new one is written.

    Raises:
        WeightFileError, TrainingError: before it starts, where the output or a setting makes no sense;
        CheckpointError: where the checkpoint is of other data.
    """
    check_output(settings.output, settings.specs)
    generator = np.random.default_rng(settings.seed)
    network = Network(settings.specs, images_per_pass(settings.batch_size, settings.workers))
    network.initialize(generator)
    optimizer = AveragedAdam(network.parameters)
    total = len(data.x_train)
    results: list[EpochResult] = []
    kept = {name: getattr(settings, name) for name in _KEPT_SETTINGS}
    kept["data"] = crc32(data.y_train.tobytes(), crc32(data.x_train.tobytes()))
    if checkpoint:
        if checkpoint.settings.get("data") != kept["data"]:
            raise CheckpointError(
                f"{checkpoint_path(settings.output)}: this training was begun with other data. Give those, or leave "
                "--resume out."
            )
        checkpoint.restore(network, optimizer, generator)
        results.extend(checkpoint.results)
    with progress_bar(console) as bar, deferred_interrupt() as check_interrupt:
        task = bar.add_task("", total=settings.epochs * total, things="images", note="")

        def show(images: int, loss: float) -> None:
            done = len(results) * total + images
            epoch = f"Epoch {len(results) + 1}/{settings.epochs}"
            bar.update(task, completed=done, description=epoch, note=f"loss {loss:.4f}")
            check_interrupt()

        training = train(
            network,
            data.x_train,
            data.y_train,
            generator,
            learning_rate=settings.learning_rate,
            epochs=settings.epochs,
            batch_size=settings.batch_size,
            workers=settings.workers,
            augmentation=Augmentation(augment.draw, augment.augment) if settings.augment else None,
            optimizer=optimizer,
            epochs_done=len(results),
            progress=show,
        )
        console.print()
        console.print(layers_table(settings.specs))
        console.print()
        say(console, EPOCH_HEADING, "bold")
        for result in results:
            say(console, epoch_line(result))
        before = sum(result.seconds for result in results)
        start = perf_counter()
        stopped, interrupted = "", False
        try:
            for result in training:
                results.append(result)
                say(console, epoch_line(result))
                on_epoch(result)
                _keep(console, checkpoint_path(settings.output), network, optimizer, generator, kept, results)
        except TrainingError as error:
            stopped = str(error)
            checkpoint_path(settings.output).unlink(missing_ok=True)  # from there it would go the same way
        except WorkerError as error:
            stopped = str(error)
        except KeyboardInterrupt:
            stopped, interrupted = f"Interrupted in epoch {len(results) + 1} of {settings.epochs}.", True
    return TrainingRun(network, results, before + perf_counter() - start, stopped, interrupted)


def _keep(console: Console, path: Path, *state: Any) -> None:
    try:
        save_checkpoint(path, *state)
    except NpzError as error:  # the training is worth more than its checkpoint
        say(console, str(error), "yellow")


def finish_training(
    console: Console, settings: TrainingSettings, data: Dataset, run: TrainingRun, output: Path
) -> Evaluation:
    """Save what was trained, evaluate it on the test images, and say both.

    Raises:
        WeightFileError: where the weights cannot be written.
    """
    metadata = _metadata(settings, data, run)
    save(output, run.network, metadata)  # before the evaluation too, which can be interrupted
    with console.status("Evaluating"):
        evaluation = evaluate(run.network, data.x_test, data.y_test)
    save(output, run.network, metadata | {"accuracy": evaluation.accuracy, "precision": evaluation.precision})
    if not run.stopped:
        checkpoint_path(settings.output).unlink(missing_ok=True)
    say(
        console,
        f"Test accuracy {percent(evaluation.accuracy)}, precision {percent(evaluation.precision)}"
        + (f", final loss {run.results[-1].mean_loss:.4f}" if run.results else "")
        + f", time taken {run.seconds:.1f} s",
        "bold",
    )
    say(console, f"Weights: {output}")
    return evaluation


def draw_training(console: Console, run: TrainingRun, output: Path) -> None:
    """Save the graph of the losses and print its path."""
    from menu import figures

    if run.results:
        save_figure(console, "Loss graph", lambda: figures.draw_losses(run.results, output.stem))


def check_output(output: Path, specs: Specs) -> None:
    """Nothing, where weights can be written: hours of training should not end at a folder that is not there.

    Raises:
        WeightFileError: otherwise, and where a file would be replaced that holds no weights.
    """
    if output.parent == catalog.WEIGHT_FOLDER:
        output.parent.mkdir(exist_ok=True)
    if output.suffix != ".npz" or output.is_dir() or not output.parent.is_dir():
        raise WeightFileError(
            f"{output}: weights go into an .npz file in a folder that is there. Choose another place."
        )
    if (named := model_of_name(output)) and named != specs:
        raise WeightFileError(
            f"{output}: a name that holds a model string holds the one that is trained, but this is "
            f"{to_string(specs)}. Choose another name."
        )
    if output.exists():
        try:
            load(output)
        except NpzError as error:
            raise WeightFileError(
                f"{output}: only weights are replaced by weights, but this file holds none that can be read. "
                "Delete it, or choose another name."
            ) from error
    try:
        with TemporaryFile(dir=output.parent):
            pass
    except OSError as error:
        raise WeightFileError(
            f"{output}: nothing can be written there ({error.strerror}). Choose another place."
        ) from error


def _metadata(settings: TrainingSettings, data: Dataset, run: TrainingRun) -> dict[str, object]:
    return {
        "data": settings.data.name if settings.data else "MNIST",
        "training_images": len(data.x_train),
        "test_images": len(data.x_test),
        "epochs": len(run.results),
        "learning_rate": settings.learning_rate,
        "batch_size": settings.batch_size,
        "seed": settings.seed,
        "workers": settings.workers,
        "augmentation": settings.augment,
        "stopped": run.stopped,
        "seconds": run.seconds,
        "date": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        "history": [
            {"mean_loss": result.mean_loss, "median_loss": result.median_loss, "accuracy": result.accuracy}
            for result in run.results
        ],
        "versions": {"python": platform.python_version(), "numpy": np.__version__},
    }
