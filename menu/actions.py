"""What the menu and the command line do with data: load them, evaluate a model, draw."""

from collections.abc import Callable
from pathlib import Path

from rich.console import Console

from cnn.evaluation import Evaluation, evaluate
from cnn.weights import WeightFile
from cnn.workers import available_cores
from menu.render import evaluation_report, progress_bar, say
from preprocessing.mnist import Dataset, load_dataset, load_mnist


def load_data(console: Console, path: Path | None) -> Dataset:
    """The data of a file, or MNIST.

    Raises:
        DataError: where they cannot be had.
    """
    with console.status("Loading the data"):
        return load_dataset(path) if path else load_mnist()


def evaluate_model(console: Console, weights: WeightFile, data: Dataset) -> Evaluation:
    """Evaluate a model on the test images, with a progress bar, and show the figures."""
    network = weights.network()
    with progress_bar(console) as bar:
        task = bar.add_task("Evaluating", total=len(data.x_test), things="images", note="")
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
    save_figure(console, "Confusion matrix", lambda: figures.draw_confusion_matrix(evaluation, name))
    save_figure(console, "Misread digits", lambda: figures.draw_misread(evaluation, data.x_test, data.y_test, name))


def save_figure(console: Console, title: str, draw: Callable[[], Path | None]) -> None:
    """Draw a picture and print its path, or why there is none."""
    with console.status(f"Drawing: {title}"):
        try:
            path = draw()
        except OSError as error:  # the result stands without its picture
            say(console, f"{title}: the picture could not be saved ({error.strerror or error}).", "yellow")
            return
    say(console, f"{title}: {path}" if path else f"{title}: none")
