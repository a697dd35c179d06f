"""The pictures of training and evaluation, drawn with matplotlib, which is loaded here and not before."""

from collections.abc import Sequence
from pathlib import Path
from textwrap import wrap
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnn.architecture import DIGITS
from cnn.evaluation import Evaluation
from cnn.training import EpochResult
from feature_visualize.palette import BLUE, VERMILION
from menu import catalog

MISREAD_SHOWN = 60
FOLDER = "figures"


def draw_losses(results: Sequence[EpochResult], name: str) -> Path:
    """A graph of mean and median loss against the epoch, named for a weight file's stem; returns its path."""
    from matplotlib.figure import Figure
    from matplotlib.ticker import MaxNLocator

    figure = Figure(figsize=(7, 4.5), layout="constrained")
    axes = figure.subplots()
    epochs = [result.epoch for result in results]
    # A loss can round to 0, which a logarithmic axis cannot show.
    means, medians = np.maximum([(result.mean_loss, result.median_loss) for result in results], 1e-8).T
    axes.plot(epochs, means, "o-", color=BLUE, label="mean")
    axes.plot(epochs, medians, "s--", color=VERMILION, label="median")
    axes.set(
        title=f"Loss in training\n{_title(name)}",
        xlabel="epoch",
        ylabel="cross-entropy of an image (nats)",
        yscale="log",
    )
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.grid(alpha=0.3, which="both")
    axes.legend()
    return _save(figure, f"{name}_loss.png")


def draw_confusion_matrix(evaluation: Evaluation, name: str) -> Path:
    """The confusion matrix, coloured by the misread images; returns its path."""
    from matplotlib.figure import Figure

    matrix = evaluation.confusion_matrix
    misread = matrix * (1 - np.eye(DIGITS, dtype=int))
    figure = Figure(figsize=(7, 7), layout="constrained")
    axes = figure.subplots()
    # The diagonal is a hundred times the rest, and would leave nothing to see of it.
    axes.imshow(misread, cmap="Oranges", vmin=0, vmax=max(1, misread.max()) * 1.3)
    for digit in range(DIGITS):
        axes.add_patch(_square(digit))
    for row, column in np.ndindex(matrix.shape):
        count, right = matrix[row, column], row == column
        if count:
            axes.text(column, row, f"{count}", ha="center", va="center", color="white" if right else "black")
    axes.set(
        title=f"{_title(name)}\n{evaluation.correct:,} of {evaluation.images:,} read right",
        xlabel="read as",
        ylabel="is",
        xticks=range(DIGITS),
        yticks=range(DIGITS),
    )
    return _save(figure, f"{name}_confusion_matrix.png")


def draw_misread(
    evaluation: Evaluation,
    images: NDArray[np.uint8],
    labels: NDArray[np.integer[Any]],
    name: str,
) -> Path | None:
    """A sheet of the misread digits, the surest mistakes first; returns its path, or None where nothing was misread."""
    from matplotlib.figure import Figure

    misread = np.flatnonzero(evaluation.predictions != labels)
    if not len(misread):
        return None
    shown = misread[np.argsort(-evaluation.confidences[misread])][:MISREAD_SHOWN]
    columns = min(10, len(shown))
    rows = -(-len(shown) // columns)
    figure = Figure(figsize=(max(1.25 * columns, 5), 1.55 * rows + 0.8), layout="constrained")
    for axes in (grid := figure.subplots(rows, columns, squeeze=False)).flat:
        axes.axis("off")
    for axes, index in zip(grid.flat, shown, strict=False):
        axes.imshow(images[index], cmap="gray_r", vmin=0, vmax=255)
        axes.set_title(
            f"{labels[index]}, read {evaluation.predictions[index]}\n{_percent(evaluation.confidences[index])}",
            fontsize=9,
        )
    some = f"the {len(shown)} surest of " if len(shown) < len(misread) else ""
    figure.suptitle(f"{_title(name)}\nMisread: {some}{len(misread)} of {evaluation.images:,}")
    return _save(figure, f"{name}_misread.png")


def _percent(share: float) -> str:
    """Rounded down, so that only certainty is 100%."""
    return f"{int(share * 1000) / 10:g}% sure"


def _title(name: str) -> str:
    """A weight file's stem as the model it holds, in lines that fit above a picture."""
    return "\n".join(wrap(name.replace("weight_details", ""), 60))


def _square(digit: int) -> Any:
    from matplotlib.patches import Rectangle

    return Rectangle((digit - 0.5, digit - 0.5), 1, 1, color=BLUE)


def _save(figure: Any, name: str) -> Path:
    folder = catalog.WEIGHT_FOLDER / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    figure.savefig(path, dpi=120)
    return path
