"""A figure of how strongly an image excites every channel of a layer."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from cnn.model import Model
from figures.style import (
    BLUE,
    GREY,
    LARGE,
    NORMAL,
    SMALL,
    VERMILION,
    channel_name,
    describe,
    has_long_names,
    number,
    plural,
    short_name,
)
from system.arrays import Array

TICKS = 16  # numbers of channels below the bars, at most
APART = 0.075  # of the width: names of bars closer than that would collide


def draw_means(model: Model, layer: int, means: Array, marked: Sequence[int]) -> Any:
    """Draw a bar chart of the mean activation (channels,) of every channel of a layer, some of them marked."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(10, 4.8), layout="constrained")
    axes = figure.subplots()
    channels = np.arange(len(means))
    colours = np.where(np.isin(channels, marked), VERMILION, BLUE)
    axes.bar(channels, means, width=0.8 if len(means) <= 128 else 1.0, color=colours)
    if len(means) > 128:  # a bar of a pixel's width is not seen to be of another colour
        axes.plot(np.asarray(marked), means[np.asarray(marked)], "o", color=VERMILION, markersize=4)
    top, low = float(max(means.max(), 0)) or 1.0, min(0.0, float(means.min()))
    axes.set(xlim=(-0.6, len(means) - 0.4), ylim=(low * 1.05, top + 0.3 * (top - low)))
    axes.axhline(0, color="black", linewidth=0.8)
    info = model.layer(layer)
    axes.set_xlabel(info.unit, fontsize=NORMAL)
    axes.set_ylabel("logit" if info.is_output else "mean activation", fontsize=NORMAL)
    if info.is_output:
        name_classes(axes, model)
    else:
        axes.set_xticks(tick_channels(len(means)))
    axes.set_yticks([tick for tick in axes.get_yticks() if low * 1.05 <= tick <= top * 1.05])
    _name_bars(axes, [channel_name(model, layer, each) for each in marked], means, marked)
    axes.spines[["top", "right"]].set_visible(False)
    title = f"{describe(model, layer)}: how strongly the image excites each {info.unit}"
    axes.set_title(title, fontsize=LARGE, loc="left", pad=24)
    strongest = f"the strongest {info.unit}" if len(marked) == 1 else f"the {len(marked)} strongest {plural(info.unit)}"
    note = f"{strongest}, which the other pictures show, with what the image excites them to"
    axes.text(0, 1.02, note, transform=axes.transAxes, fontsize=SMALL + 1, color=VERMILION, va="bottom")
    return figure


def tick_channels(count: int) -> range:
    """Return which of so many channels have their number on an axis."""
    step = next(each for each in (1, 2, 5, 10, 20, 50, 100, 200, 500, count) if count / each <= TICKS)
    return range(0, count, step)


def _name_bars(axes: Any, names: Sequence[str], means: Array, marked: Sequence[int]) -> None:
    """Write names and means of marked channels in a row above all bars, each with a line to its own."""
    bottom, top = axes.get_ylim()
    ordered = sorted(zip(marked, names, strict=True))
    long = has_long_names(names)
    places = spread([(channel + 0.6) / len(means) for channel, _ in ordered], (1.8 if long else 1) * APART)
    for (channel, name), place in zip(ordered, places, strict=True):
        axes.annotate(
            f"{name}\n{number(float(means[channel]))}",
            (channel, max(float(means[channel]), 0)),
            xytext=(place * len(means) - 0.6, top - 0.02 * (top - bottom)),
            ha="center",
            va="top",
            color=VERMILION,
            weight="bold",
            fontsize=SMALL if long else NORMAL,
            arrowprops={"arrowstyle": "-", "color": GREY, "linewidth": 0.7},
        )


def spread(places: Sequence[float], apart: float) -> list[float]:
    """Return places in order, from 0 to 1, moved as little as needed to be so far apart, and from either end half."""
    moved = list(places)
    for index, place in enumerate(moved):
        moved[index] = max(place, moved[index - 1] + apart if index else apart / 2)
    for index in reversed(range(len(moved))):
        moved[index] = min(moved[index], moved[index + 1] - apart if index + 1 < len(moved) else 1 - apart / 2)
    return moved


def name_classes(axes: Any, model: Model) -> None:
    """Write the names of the classes below their bars, turned where they are long."""
    axes.set_xticks(range(model.classes), map(short_name, model.class_names))
    if has_long_names(model.class_names):
        axes.tick_params(axis="x", rotation=90)
