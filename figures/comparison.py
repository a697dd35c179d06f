"""Figures of a comparison: accuracy against cost with the front of the best, and the losses of a few."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from figures.style import BLUE, GREY, ORANGE, SKY_BLUE, SMALL, VERMILION
from system.text import cut

STYLES = ((BLUE, "o-"), (VERMILION, "s--"), (ORANGE, "D-."), (SKY_BLUE, "^:"), (GREY, "v-"))
NAME = 76  # characters of a name, of which two have room below the plots
LOGARITHMIC = 10.0  # costs are drawn so where the largest is so many times the smallest


@dataclass(frozen=True)
class Point:
    """A network with its number in the table: what it reads right, and what it costs.

    accuracy: a share from 0 to 1. error: its standard error, or None. smallest, fastest: whether it is on the front.
    """

    number: int
    name: str
    accuracy: float
    error: float | None
    parameters: int
    seconds: float
    smallest: bool
    fastest: bool


def draw_fronts(points: Sequence[Point]) -> Any:
    """Draw accuracy against parameters and against seconds; the front of the best is a line, numbered and named."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(13, 6.5), layout="constrained")
    left, right = figure.subplots(1, 2, sharey=True)
    _draw_front(left, [(point.parameters, point) for point in points], [point.smallest for point in points])
    _draw_front(right, [(point.seconds, point) for point in points], [point.fastest for point in points])
    left.set(xlabel="parameters", ylabel="validation images read right (%)", title="Accuracy and size")
    right.set(xlabel="seconds of a training", title="Accuracy and time")
    named = [point for point in points if point.smallest or point.fastest]
    lines = [cut(f"{point.number}: {point.name}", NAME) for point in named]
    half = -(-len(lines) // 2)
    pairs = [f"{one:<{NAME + 2}}{other}" for one, other in zip(lines[:half], [*lines[half:], ""], strict=False)]
    figure.supxlabel("\n".join(pairs), fontsize=SMALL, family="monospace", ha="left", x=0.03)
    return figure


def _draw_front(axes: Any, points: Sequence[tuple[float, Point]], on_front: Sequence[bool]) -> None:
    """Draw points (cost, point) with their standard errors, and a line through those on the front."""
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

    for (cost, point), front in zip(points, on_front, strict=True):
        error = None if point.error is None else 100 * point.error
        colour = VERMILION if front else GREY
        axes.errorbar(cost, 100 * point.accuracy, error, fmt="o", color=colour, capsize=3, alpha=1 if front else 0.6)
        if front:
            place = {"xytext": (6, -12), "textcoords": "offset points"}
            axes.annotate(str(point.number), (cost, 100 * point.accuracy), fontsize=SMALL, color=VERMILION, **place)
    costs = [cost for cost, _ in points]
    line = sorted((cost, 100 * point.accuracy) for (cost, point), front in zip(points, on_front, strict=True) if front)
    axes.plot(
        [cost for cost, _ in line], [accuracy for _, accuracy in line], "-", color=VERMILION, label="front of the best"
    )
    if max(costs) > LOGARITHMIC * max(min(costs), 1e-9):
        axes.set_xscale("log")
        axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axes.xaxis.set_minor_formatter(NullFormatter())
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, place: f"{value:,g}"))
    axes.grid(alpha=0.3)
    axes.legend(loc="lower right")


def draw_loss_curves(curves: Sequence[tuple[str, Sequence[float]]]) -> Any:
    """Draw the mean loss of each epoch, in nats, of at most five networks (name, losses)."""
    from matplotlib.figure import Figure
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    figure = Figure(figsize=(8, 5), layout="constrained")
    axes = figure.subplots()
    for (name, losses), (colour, style) in zip(curves, STYLES, strict=False):
        axes.plot(range(1, len(losses) + 1), np.maximum(losses, 1e-8), style, color=colour, label=name)
    axes.set(xlabel="epoch", ylabel="mean loss of a training image (nats)", yscale="log", title="Loss of the best")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    for axis in (axes.yaxis.set_major_formatter, axes.yaxis.set_minor_formatter):
        axis(FuncFormatter(lambda value, place: f"{value:.2g}"))
    axes.grid(alpha=0.3, which="both")
    axes.legend(fontsize=SMALL)
    return figure
