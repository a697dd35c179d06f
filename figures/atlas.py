"""Figures of all channels of a layer: what excites each most, page by page, and the filters of the first."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from cnn.model import Model
from feature_visualize.channel_images import ChannelImage
from feature_visualize.channel_report import first_filters
from figures.panel import put_image
from figures.style import (
    GREY,
    LARGE,
    NORMAL,
    SMALL,
    channel_name,
    describe,
    describe_example,
    plural,
    short_name,
)

PAGE = 64  # channels of an atlas that fit on a screen, with names that can be read there
LONGEST = 6  # letters of a name that leave room beside it
CELL, LABEL = 1.15, 0.2  # inches: side of a channel's cell, and height of the line above its image


def pages_of(channels: int) -> list[range]:
    """Return the channels of each page of an atlas, from 0."""
    return [range(first, min(first + PAGE, channels)) for first in range(0, channels, PAGE)]


def draw_atlas(model: Model, layer: int, channel_images: Sequence[ChannelImage], page: range) -> Any:
    """Draw the channels of a page of a layer, in order, those that are dead named so; the images may be of fewer."""
    from matplotlib.figure import Figure

    channels, unit = model.layer(layer).channels, model.layer(layer).unit
    columns = 5 if len(page) == 10 else int(np.ceil(np.sqrt(len(page) * 1.6)))
    rows = -(-len(page) // columns)
    head, gap = 0.9, 0.12
    width, height = max(columns * CELL, 7.2) + 2 * gap, rows * (CELL + LABEL) + head + gap
    figure = Figure(figsize=(width, height))
    some = f", {plural(unit)} {page[0]} to {page[-1]}" if len(page) < channels else ""
    title = f"{describe(model, layer)}{some}: what excites each {unit} most"
    _put_heading(figure, title, _atlas_note(model, channels, unit, channel_images))
    place = gap / width, gap / height, columns * CELL / width, rows * (CELL + LABEL) / height
    axes = figure.add_axes(place)
    axes.axis("off")
    for each in channel_images:
        if each.channel in page:
            row, column = divmod(each.channel - page[0], columns)
            _put_cell(axes, each, channel_name(model, layer, each.channel), row * (CELL + LABEL), column * CELL)
    axes.set(xlim=(0, columns * CELL), ylim=(rows * (CELL + LABEL), 0), aspect="auto")
    return figure


def _put_heading(figure: Any, title: str, note: str) -> None:
    width, height = figure.get_size_inches()
    figure.text(0.2 / width, 1 - 0.3 / height, title, fontsize=LARGE, weight="bold", va="center")
    figure.text(0.2 / width, 1 - 0.62 / height, note, fontsize=SMALL, color=GREY, va="center")


def _atlas_note(model: Model, channels: int, unit: str, channel_images: Sequence[ChannelImage]) -> str:
    dead = sum(each.dead for each in channel_images)
    note = model.string
    if unit != "class" or any(len(short_name(name)) <= LONGEST for name in model.class_names):
        note += f"; to the right, how many times as much as the strongest test {describe_example(model)}"
    note += f"; {dead} of {channels} {plural(unit)} are dead" if dead else ""
    return note + (f"; interrupted after {len(channel_images)}" if len(channel_images) < channels else "")


def _put_cell(axes: Any, made: ChannelImage, name: str, top: float, left: float) -> None:
    """Put the image of a channel under its name; top, left: inches from the corner of the atlas."""
    from matplotlib.patches import Rectangle

    side, below = 0.92 * CELL, top + LABEL
    axes.text(left, below - 0.05, name, fontsize=SMALL + 1, weight="bold", va="baseline")
    if made.dead:
        words = {"ha": "center", "va": "center", "color": GREY, "fontsize": SMALL + 1}
        axes.text(left + side / 2, below + side / 2, "dead", **words)
        axes.add_patch(Rectangle((left, below), side, side, fill=False, edgecolor="0.85", linewidth=0.5))
        return
    if made.highest > 0 and len(name) <= LONGEST:
        times = f"{made.activation / made.highest:.1f}x"
        axes.text(left + side, below - 0.05, times, fontsize=SMALL - 1, color=GREY, ha="right", va="baseline")
    edges = left, left + side, below + side, below
    axes.imshow(made.image, cmap="gray", vmin=0, vmax=255, extent=edges, interpolation="nearest")
    axes.add_patch(Rectangle((left, below), side, side, fill=False, edgecolor=GREY, linewidth=0.5))


def draw_filters(model: Model) -> Any:
    """Draw the weights of the filters of the first layer, a convolution, in order and on one scale."""
    from matplotlib.figure import Figure

    filters = first_filters(model)
    if filters is None:
        raise ValueError(f"The first layer of {model.string} has no filters.")
    columns = min(8, len(filters))
    rows = -(-len(filters) // columns)
    width, height = max(1.6 * columns + 0.2, 8.0), 1.85 * rows + 0.75
    figure = Figure(figsize=(width, height))
    note = f"{model.string}; blue is positive, vermilion negative, white 0, on one scale"
    _put_heading(figure, f"{describe(model, 1)}: the filters", note)
    largest = float(np.abs(filters).max())
    for channel, weights in enumerate(filters):
        row, column = divmod(channel, columns)
        place = ((0.2 + 1.6 * column) / width, 1 - (0.65 + 1.85 * row + 1.8) / height, 1.4 / height)
        put_image(figure, place, weights, str(channel), "black", NORMAL, largest)
    return figure
