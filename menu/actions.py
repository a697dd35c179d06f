"""What the menu and the command line do: load, call a routine, show its progress and its result, save."""

import platform
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from tempfile import TemporaryFile
from time import perf_counter

import numpy as np
from rich.console import Console

from cnn.architecture import Specs, to_string
from cnn.evaluation import Evaluation, evaluate
from cnn.network import Network
from cnn.npz import NpzError
from cnn.training import EpochResult, TrainingError, images_per_pass, train
from cnn.weights import WeightFile, WeightFileError, load, model_of_name, save
from cnn.workers import WorkerError, available_cores
from menu import catalog
from menu.interrupt import deferred_interrupt
from menu.render import EPOCH_HEADING, epoch_line, evaluation_report, layers_table, percent, progress_bar, say
from preprocessing.mnist import Dataset, load_dataset, load_mnist


@dataclass(frozen=True)
class TrainingSettings:
    """What is trained, how, on what (None is MNIST), and where the weights go."""

    specs: Specs
    learning_rate: float
    epochs: int
    batch_size: int
    seed: int
    workers: int
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


def load_data(console: Console, path: Path | None) -> Dataset:
    """The data of a file, or MNIST.

    Raises:
        DataError: where they cannot be had.
    """
    with console.status("Loading the data"):
        return load_dataset(path) if path else load_mnist()


def run_training(
    console: Console,
    settings: TrainingSettings,
    data: Dataset,
    on_epoch: Callable[[EpochResult], None] = lambda result: None,
) -> TrainingRun:
    """Train a new network, with a progress bar and a row for each epoch, until done, Ctrl-C or an infinite loss.

    Raises:
        WeightFileError, TrainingError: before it starts, where the output or a setting makes no sense.
    """
    check_output(settings.output, settings.specs)
    generator = np.random.default_rng(settings.seed)
    network = Network(settings.specs, images_per_pass(settings.batch_size, settings.workers))
    network.initialize(generator)
    total = len(data.x_train)
    results: list[EpochResult] = []
    with progress_bar(console) as bar, deferred_interrupt() as check_interrupt:
        task = bar.add_task("", total=settings.epochs * total, note="")

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
            progress=show,
        )
        console.print()
        console.print(layers_table(settings.specs))
        console.print()
        say(console, EPOCH_HEADING, "bold")
        start = perf_counter()
        stopped, interrupted = "", False
        try:
            for result in training:
                results.append(result)
                say(console, epoch_line(result))
                on_epoch(result)
        except (TrainingError, WorkerError) as error:
            stopped = str(error)
        except KeyboardInterrupt:
            stopped, interrupted = f"Interrupted in epoch {len(results) + 1} of {settings.epochs}.", True
    return TrainingRun(network, results, perf_counter() - start, stopped, interrupted)


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
        _draw(console, "Loss graph", lambda: figures.draw_losses(run.results, output.stem))


def evaluate_model(console: Console, weights: WeightFile, data: Dataset) -> Evaluation:
    """Evaluate a model on the test images, with a progress bar, and show the figures."""
    network = weights.network()
    with progress_bar(console) as bar:
        task = bar.add_task("Evaluating", total=len(data.x_test), note="")
        evaluation = evaluate(
            network,
            data.x_test,
            data.y_test,
            available_cores(),
            lambda images: bar.update(task, completed=images),
        )
    console.print(evaluation_report(evaluation))
    return evaluation


def draw_evaluation(console: Console, weights: WeightFile, data: Dataset, evaluation: Evaluation) -> None:
    """Save the pictures of an evaluation and print their paths."""
    from menu import figures

    name = weights.path.stem
    _draw(console, "Confusion matrix", lambda: figures.draw_confusion_matrix(evaluation, name))
    _draw(console, "Misread digits", lambda: figures.draw_misread(evaluation, data.x_test, data.y_test, name))


def _draw(console: Console, title: str, draw: Callable[[], Path | None]) -> None:
    with console.status(f"Drawing: {title}"):
        try:
            path = draw()
        except OSError as error:  # the result stands without its picture
            say(console, f"{title}: the picture could not be saved ({error.strerror or error}).", "yellow")
            return
    say(console, f"{title}: {path}" if path else f"{title}: none")


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
        "augmentation": False,
        "stopped": run.stopped,
        "seconds": run.seconds,
        "date": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        "history": [
            {"mean_loss": result.mean_loss, "median_loss": result.median_loss, "accuracy": result.accuracy}
            for result in run.results
        ],
        "versions": {"python": platform.python_version(), "numpy": np.__version__},
    }
