"""The table that grows while a network is trained: a heading, and a line after each epoch."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from cnn.recipe import Recipe
from cnn.training import EpochResult
from system.text import percent


class _Column(NamedTuple):
    """The lines of a heading, parted by slashes, how wide it is with the space before it, and what stands in it."""

    heading: str
    width: int
    cell: Callable[[EpochResult], str]


def epoch_heading(recipe: Recipe, width: int) -> str:
    """Return the heading, in three lines, for a terminal of so many columns."""
    columns = list(_columns(recipe.epochs, recipe.augment, recipe.validation > 0, width))
    return "\n".join(
        "".join(f"{column.heading.split('/', 2)[line]:>{column.width}}" for column in columns) for line in range(3)
    )


def epoch_line(result: EpochResult, width: int) -> str:
    """Return the line of an epoch, for a terminal of so many columns."""
    columns = _columns(result.epochs, True, result.validation_accuracy is not None, width)
    return "".join(f"{column.cell(result):>{column.width}}" for column in columns)


def _loss(value: float, decimals: int) -> str:
    """Return a loss in at most seven letters, also where it goes beyond all bounds."""
    return f"{value:.{decimals}f}" if value < 10 else f"{value:.5g}" if value < 1e5 else f"{value:.0e}"


def _columns(epochs: int, augmented: bool, validation: bool, width: int) -> Iterator[_Column]:
    """Yield the columns that fit, from left to right; all of them do into 60, for less than 100 epochs."""
    images = "distorted" if augmented else "training"
    columns = [
        _Column("//epoch", max(5, len(f"{epochs}/{epochs}")), lambda result: f"{result.epoch}/{result.epochs}"),
        _Column("/mean/loss", 8, lambda result: _loss(result.mean_loss, 4)),
        _Column("/median/loss", 8, lambda result: _loss(result.median_loss, 5)),
        _Column(f"accuracy,/{images}/images", 10, lambda result: percent(result.accuracy)),
        _Column("accuracy,/validation/images", 11, lambda result: percent(result.validation_accuracy or 0)),
        _Column("//time", 9, lambda result: f"{result.seconds:.1f} s"),
        _Column("//images/s", 9, lambda result: f"{result.images_per_second:,.0f}"),
    ]
    for column in columns if validation else columns[:4] + columns[5:]:
        width -= column.width
        if width < 0:
            return
        yield column
