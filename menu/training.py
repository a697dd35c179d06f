"""What the menu and the command line do to train: train with a progress bar, save, say what came of it."""

import platform
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from time import perf_counter
from typing import Any
from zlib import crc32

import numpy as np
from rich.console import Console

from cnn.augmentation import Augmentation
from cnn.checkpoint import Checkpoint, CheckpointError, checkpoint_path, save_checkpoint
from cnn.evaluation import Evaluation, evaluate
from cnn.network import Network
from cnn.npz import NpzError
from cnn.optimizer import AVERAGING, COOL_DOWN, REFERENCE_BATCH, WARM_UP, WEIGHT_DECAY, AveragedAdam
from cnn.training import EpochResult, TrainingError, images_per_pass, train
from cnn.weights import save
from cnn.workers import WorkerError
from menu.actions import save_figure
from menu.interrupt import deferred_interrupt
from menu.render import EPOCH_HEADING, epoch_line, layers_table, percent, progress_bar, say
from menu.training_settings import KEPT_SETTINGS, TrainingSettings, check_output
from preprocessing import augment
from preprocessing.mnist import Dataset

# What no setting changes, for the metadata.
RECIPE = {
    "optimizer": "Adam",
    "weight_decay": WEIGHT_DECAY,
    "schedule": f"up over {WARM_UP:.0%} of the steps, down over the last {COOL_DOWN:.0%}",
    "learning_rate_is_for": f"batches of {REFERENCE_BATCH}, and goes with the square root",
    "kept": f"running mean of the parameters, of which step t weighs about t^{AVERAGING}",
}


@dataclass(frozen=True)
class TrainingRun:
    """A network as training left it.

    stopped: why it ended early, by Ctrl-C (`interrupted`), an infinite loss, or the end of another process; empty
        where it did not.
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


def say_stopped(console: Console, settings: TrainingSettings, run: TrainingRun) -> None:
    """Say why training ended early, and what is kept of it."""
    say(console, run.stopped, "yellow")
    if run.results and checkpoint_path(settings.output).exists():
        kept = f"Its state after epoch {len(run.results)} is kept"
        say(console, f"{kept}: to go on, train it again (with --resume, without the menu).")


def run_training(
    console: Console,
    settings: TrainingSettings,
    data: Dataset,
    checkpoint: Checkpoint | None = None,
    on_epoch: Callable[[EpochResult], None] = lambda result: None,
) -> TrainingRun:
    """Train a network, with a progress bar and a row for each epoch, until done or stopped.

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
    kept = {name: getattr(settings, name) for name in KEPT_SETTINGS}
    kept["data"] = crc32(data.y_train.tobytes(), crc32(data.x_train.tobytes()))
    if checkpoint:
        if checkpoint.settings.get("data") != kept["data"]:
            raise CheckpointError(
                f"{checkpoint_path(settings.output)}: this training was begun with other data. Give those, or leave "
                "--resume out."
            )
        checkpoint.restore(network, optimizer, generator)
        results.extend(checkpoint.results)
    else:
        _set_aside(console, checkpoint_path(settings.output))
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
                _keep(console, checkpoint_path(settings.output), network, optimizer, generator, kept, results)
                say(console, epoch_line(result))
                on_epoch(result)
        except TrainingError as error:
            stopped = str(error)
            discard_checkpoint(console, settings)  # from there it would go the same way
        except WorkerError as error:
            stopped = str(error)
        except KeyboardInterrupt:
            stopped, interrupted = f"Interrupted in epoch {len(results) + 1} of {settings.epochs}.", True
    return TrainingRun(network, results, before + perf_counter() - start, stopped, interrupted)


def discard_checkpoint(console: Console, settings: TrainingSettings) -> None:
    """Remove the checkpoint of a training that nobody has to go on with."""
    path = checkpoint_path(settings.output)
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        say(console, f"{path}: the checkpoint is not needed, but could not be removed ({error.strerror}).", "yellow")


def _set_aside(console: Console, path: Path) -> None:
    """Keep the checkpoint of an earlier training, in whose place this one's will be."""
    if path.exists():
        earlier = path.with_name(path.name.replace("checkpoint_", "checkpoint_earlier_", 1))
        path.replace(earlier)
        say(console, f"The checkpoint of an interrupted training is now {earlier}. To go on with it, name it back.")


def _keep(console: Console, path: Path, *state: Any) -> None:
    try:
        save_checkpoint(path, *state)
    except NpzError as error:  # the training is worth more than its checkpoint
        say(console, str(error), "yellow")


def finish_training(
    console: Console,
    settings: TrainingSettings,
    data: Dataset,
    run: TrainingRun,
    output: Path,
    more: Mapping[str, object] | None = None,
) -> Evaluation:
    """Save what was trained, evaluate it on the test images, and say both.

    more: what else the metadata are to hold.

    Raises:
        WeightFileError: where the weights cannot be written.
    """
    metadata = _metadata(settings, data, run) | dict(more or {})
    save(output, run.network, metadata)  # before the evaluation too, which can be interrupted
    with console.status("Evaluating"):
        evaluation = evaluate(run.network, data.x_test, data.y_test)
    save(output, run.network, metadata | {"accuracy": evaluation.accuracy, "precision": evaluation.precision})
    say(
        console,
        f"Test accuracy {percent(evaluation.accuracy)}, precision {percent(evaluation.precision)}"
        + (f", final loss {run.results[-1].mean_loss:.4f}" if run.results else "")
        + f", time taken {run.seconds:.1f} s",
        "bold",
    )
    say(console, f"Weights: {output}")
    if not run.stopped:
        discard_checkpoint(console, settings)
    return evaluation


def draw_training(console: Console, run: TrainingRun, output: Path) -> None:
    """Save the graph of the losses and print its path."""
    from menu import figures

    if run.results:
        save_figure(console, "Loss graph", lambda: figures.draw_losses(run.results, output.stem))


def history(results: Sequence[EpochResult]) -> list[dict[str, float]]:
    """Losses and accuracy of each epoch, to six digits: of the longest training, as much as metadata may hold."""
    names = ("mean_loss", "median_loss", "accuracy")
    return [{name: float(f"{getattr(result, name):.6g}") for name in names} for result in results]


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
        "recipe": RECIPE,
        "stopped": run.stopped,
        "final_loss": run.results[-1].mean_loss if run.results else None,
        "seconds": run.seconds,
        "date": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        "history": history(run.results),
        "versions": {"python": platform.python_version(), "numpy": np.__version__},
    }
