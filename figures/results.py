"""Figures of training and evaluation: losses, the confusion matrix, and what was misread."""

from collections.abc import Sequence
from textwrap import wrap
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnn.evaluation import Evaluation
from cnn.training import EpochResult
from figures.style import BLUE, SMALL, VERMILION, has_long_names, short_name

MISREAD_SHOWN = 60


def draw_losses(results: Sequence[EpochResult], title: str) -> Any:
    """Draw the mean and the median loss against the epoch."""
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
        title=f"Loss in training\n{_lines(title)}",
        xlabel="epoch",
        ylabel="cross-entropy of an image (nats)",
        yscale="log",
    )
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.grid(alpha=0.3, which="both")
    axes.legend()
    return figure


def draw_confusion_matrix(evaluation: Evaluation, title: str) -> Any:
    """Draw the confusion matrix, coloured by the misread images."""
    from matplotlib.figure import Figure
    from matplotlib.patches import Rectangle

    matrix, names = evaluation.confusion_matrix, list(map(short_name, evaluation.class_names))
    classes = len(names)
    misread = matrix * (1 - np.eye(classes, dtype=int))
    side = max(7, 0.55 * classes + 1.5)  # inches
    figure = Figure(figsize=(side, side), layout="constrained")
    axes = figure.subplots()
    # The diagonal is a hundred times the rest, and would leave nothing to see of it.
    axes.imshow(misread, cmap="Oranges", vmin=0, vmax=max(1, misread.max()) * 1.3)
    for place in range(classes):
        axes.add_patch(Rectangle((place - 0.5, place - 0.5), 1, 1, color=BLUE))
    for row, column in np.ndindex(matrix.shape):
        count, right = matrix[row, column], row == column
        if count:
            axes.text(column, row, f"{count}", ha="center", va="center", color="white" if right else "black")
    axes.set(title=f"{_lines(title)}\n{evaluation.correct:,} of {evaluation.images:,} read right")
    axes.set(xlabel="read as", ylabel="is")
    axes.set_xticks(range(classes), names, rotation=90 if has_long_names(names) else 0)
    axes.set_yticks(range(classes), names)
    return figure


def draw_misread(
    evaluation: Evaluation,
    images: NDArray[np.uint8],
    labels: NDArray[np.integer[Any]],
    title: str,
) -> Any | None:
    """Draw the misread images, the surest mistakes first; None where nothing was misread.

    images: (N, 28, 28), what was evaluated. labels: (N,), what they are.
    """
    from matplotlib.figure import Figure

    misread = np.flatnonzero(evaluation.predictions != labels)
    if not len(misread):
        return None
    shown = misread[np.argsort(-evaluation.confidences[misread])][:MISREAD_SHOWN]
    columns = min(10, len(shown))
    rows = -(-len(shown) // columns)
    names = list(map(short_name, evaluation.class_names))
    # Longer names than those of digits have a line each, and wider columns.
    between, wide = ("\n", 1.6) if has_long_names(names) else (", ", 1.25)
    figure = Figure(figsize=(max(wide * columns, 5), 1.55 * rows + 0.8), layout="constrained")
    for axes in (grid := figure.subplots(rows, columns, squeeze=False)).flat:
        axes.axis("off")
    for axes, index in zip(grid.flat, shown, strict=False):
        axes.imshow(images[index], cmap="gray_r", vmin=0, vmax=255)
        answer = f"{names[labels[index]]}{between}read {names[evaluation.predictions[index]]}"
        axes.set_title(f"{answer}\n{_sure(evaluation.confidences[index])}", fontsize=SMALL)
    some = f"the {len(shown)} surest of " if len(shown) < len(misread) else ""
    figure.suptitle(f"{_lines(title)}\nMisread: {some}{len(misread)} of {evaluation.images:,}")
    return figure


def _sure(share: float) -> str:
    """Return a confidence, rounded down, so that only certainty is 100%."""
    return f"{int(share * 1000) / 10:g}% sure"


def _lines(title: str) -> str:
    """Return a title, which may be a file's name, in lines that fit above a picture."""
    return "\n".join(wrap(title, 60)).replace("$", r"\$")
