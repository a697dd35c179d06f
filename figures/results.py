"""Figures of training and evaluation: losses, the confusion matrix, and what was misread."""

from collections.abc import Sequence
from textwrap import wrap
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnn.evaluation import Evaluation
from cnn.training import EpochResult
from figures.style import BLUE, ORANGE, SMALL, VERMILION, has_long_names, short_name

MISREAD_SHOWN = 60
SMALLEST_LOSS, SMALLEST_SHARE = 1e-8, 1e-4  # that are drawn
DECADE = 10.0  # the least that a logarithmic axis spans


def draw_losses(results: Sequence[EpochResult], title: str, augmented: bool) -> Any:
    """Draw the mean and the median loss against the epoch, and below, with validation, what was misread.

    augmented: whether the images that were trained on were distorted, which makes them harder to read.
    """
    from matplotlib.figure import Figure

    validated = results[-1].validation_accuracy is not None
    figure = Figure(figsize=(7, 7.5 if validated else 4.5), layout="constrained")
    losses, *others = figure.subplots(1 + validated, squeeze=False)[:, 0]
    epochs = [result.epoch for result in results]
    images = "distorted training images" if augmented else "training images"
    _curve(losses, epochs, [result.mean_loss for result in results], "mean", "o-", BLUE)
    _curve(losses, epochs, [result.median_loss for result in results], "median", "s--", VERMILION)
    losses.set(title=f"Loss on {images}\n{_lines(title)}", ylabel="cross-entropy of an image (nats)")
    for axes in others:
        misread = [1 - result.accuracy for result in results]
        validation = [1 - (result.validation_accuracy or 0) for result in results]
        _curve(axes, epochs, misread, images, "o-", BLUE, SMALLEST_SHARE)
        _curve(axes, epochs, validation, "validation images", "D-", ORANGE, SMALLEST_SHARE)
        axes.set(ylabel="share misread")
    for axes in (losses, *others):
        _finish(axes, epochs)
    return figure


def _curve(
    axes: Any,
    epochs: list[int],
    values: Sequence[float],
    label: str,
    style: str,
    colour: str,
    smallest: float = SMALLEST_LOSS,
) -> None:
    """Draw a curve whose label gives its last value; markers where there is room for them.

    smallest: where 0 is drawn, which a logarithmic axis does not have.
    """
    every = max(1, len(epochs) // 30)
    last = f"{label}: {values[-1]:.3g}"
    axes.plot(epochs, np.maximum(values, smallest), style, color=colour, label=last, markevery=every)


def _finish(axes: Any, epochs: list[int]) -> None:
    """Give axes of curves whole epochs, a logarithmic scale with plain numbers, and a legend."""
    from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator

    axes.set(xlabel="epoch", yscale="log", xlim=(epochs[0] - 0.5, epochs[-1] + max(0.5, len(epochs) / 50)))
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1, steps=(1, 2, 5, 10)))
    low, high = axes.get_ylim()
    if high / low < DECADE:  # of one epoch, say, whose values a wider scale puts into the picture's middle
        middle = (low * high) ** 0.5
        axes.set_ylim(middle / DECADE**0.5, middle * DECADE**0.5)
    axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5) if high / low < DECADE**4 else (1,)))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, place: f"{value:g}"))
    axes.yaxis.set_minor_formatter(FuncFormatter(lambda value, place: ""))
    axes.grid(alpha=0.3)
    axes.legend(title=f"after epoch {epochs[-1]}")


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
