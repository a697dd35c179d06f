"""Figures of images that excite channels: one channel, a layer, the filters, the classes."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from cnn.model import Model
from feature_visualize.channel_images import ChannelImage
from feature_visualize.channel_report import ChannelReport, first_filters
from figures.panel import put_image
from figures.style import (
    BLUE,
    GREY,
    LARGE,
    NORMAL,
    SMALL,
    TITLE,
    VERMILION,
    channel_name,
    describe,
    has_long_names,
    number,
    plural,
)
from system.arrays import Array
from system.text import percent

CLASSES_A_ROW = 10
ROW_HEIGHT = 3.8  # inches


def draw_report(model: Model, report: ChannelReport) -> Any:
    """Draw one channel: what excites it most and least, in its receptive field, and in test digits."""
    from matplotlib.figure import Figure

    made = report.channel_image
    figure = Figure(figsize=(12.8, 6.6))
    title = describe(model, made.layer, made.channel)
    figure.text(0.03, 0.95, title, fontsize=TITLE, weight="bold", va="center")
    figure.text(0.03, 0.9, model.string, fontsize=NORMAL, color=GREY, va="center")
    info = model.layer(made.layer)
    note = "Numbers are logits." if info.is_output else "Numbers are mean activations."
    if info.rectified:
        note = "Numbers are mean activations, after ReLU; of the least, before it."
    figure.text(0.97, 0.9, note, fontsize=SMALL + 1, color=GREY, va="center", ha="right")
    put_image(figure, (0.03, 0.03, 0.77), made.image, f"Excites it most: {number(made.activation)}", BLUE, LARGE)
    _put_beside(figure, report)
    _put_examples(figure, report)
    return figure


def _put_beside(figure: Any, report: ChannelReport) -> None:
    """Put the receptive field, the opposite and the filter into a column, as far as there are any."""
    beside: list[tuple[Array, str, str]] = []
    if report.field is not None:
        size = "x".join(map(str, report.field.shape))
        beside.append((report.field, f"One unit, which sees\n{size} pixels: {number(report.field_activation)}", BLUE))
    beside.append((report.least, f"Excites it least: {number(report.least_activation)}", VERMILION))
    if report.filter is not None:
        beside.append((report.filter, "Its filter", "black"))
    side = (0.77 - 0.1 * (len(beside) - 1)) / max(len(beside), 2)
    for row, (image, title, colour) in enumerate(beside):
        place = 0.545 - side * 0.258, 0.8 - side - row * (side + 0.1), side
        put_image(figure, place, image, title, colour, NORMAL)


def _put_examples(figure: Any, report: ChannelReport) -> None:
    figure.text(0.818, 0.82, "Test digits that excite it most", fontsize=LARGE, weight="bold", ha="center")
    for place, (image, activation) in enumerate(zip(report.examples, report.example_activations, strict=True)):
        row, column = divmod(place, 3)
        left, bottom = 0.655 + 0.11 * column, 0.03 + 0.257 * (2 - row)
        put_image(figure, (left, bottom, 0.207), image, number(float(activation)), "black", SMALL + 1)


def draw_atlas(model: Model, layer: int, channel_images: Sequence[ChannelImage]) -> Any:
    """Draw all channels of a layer, in order, those that are dead named so; the images may be of fewer."""
    from matplotlib.figure import Figure

    channels = model.layer(layer).channels
    columns = 5 if channels == 10 else int(np.ceil(np.sqrt(channels * 1.6)))
    rows = -(-channels // columns)
    cell, head, gap = (1.35 if channels <= 32 else 0.95 if channels <= 128 else 0.62), 0.85, 0.1
    width, height = max(columns * cell, 6.4) + 2 * gap, rows * cell + head + gap
    figure = Figure(figsize=(width, height))
    unit = model.layer(layer).unit
    title = f"{describe(model, layer)}: what excites each {unit} most"
    _put_heading(figure, title, _atlas_note(model, channels, unit, channel_images))
    axes = figure.add_axes((gap / width, gap / height, columns * cell / width, rows * cell / height))
    axes.set(xlim=(0, columns), ylim=(rows, 0))
    axes.axis("off")
    for each in channel_images:
        _put_cell(axes, each, channel_name(model, layer, each.channel), columns, cell)
    axes.set(xlim=(0, columns), ylim=(rows, 0), aspect="auto")
    return figure


def _put_heading(figure: Any, title: str, note: str) -> None:
    width, height = figure.get_size_inches()
    figure.text(0.2 / width, 1 - 0.3 / height, title, fontsize=LARGE, weight="bold", va="center")
    figure.text(0.2 / width, 1 - 0.62 / height, note, fontsize=SMALL, color=GREY, va="center")


def _atlas_note(model: Model, channels: int, unit: str, channel_images: Sequence[ChannelImage]) -> str:
    dead = sum(each.dead for each in channel_images)
    note = f"{model.string}, {channels} {plural(unit)}"
    note += f", {dead} dead: no test digit excites them" if dead else ""
    return note + (f", interrupted after {len(channel_images)}" if len(channel_images) < channels else "")


def _put_cell(axes: Any, made: ChannelImage, name: str, columns: int, cell: float) -> None:
    """Put the image of a channel into its cell of an atlas; cell: inches of a side."""
    from matplotlib.patches import Rectangle

    row, column = divmod(made.channel, columns)
    axes.text(column + 0.08, row + 0.125, name, fontsize=min(SMALL, 8 * cell), va="baseline")
    if made.dead:
        size = min(SMALL, 9 * cell)
        axes.text(column + 0.5, row + 0.56, "dead", ha="center", va="center", color=GREY, fontsize=size)
        return
    left, top = column + 0.08, row + 0.155
    edges = left, column + 0.92, row + 0.995, top
    axes.imshow(made.image, cmap="gray", vmin=0, vmax=255, extent=edges, interpolation="nearest")
    axes.add_patch(Rectangle((left, top), 0.84, 0.84, fill=False, edgecolor=GREY, linewidth=0.5))


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


def draw_digits(model: Model, channel_images: Sequence[ChannelImage], probabilities: Array, examples: Array) -> Any:
    """Draw the last layer, in rows of ten, over the test image (classes, 28, 28) that excites each unit most.

    channel_images: in the order of the classes. probabilities: (classes,), with which each is read as its class.
    """
    from matplotlib.figure import Figure

    rows = -(-model.classes // CLASSES_A_ROW)
    figure = Figure(figsize=(15, height := 4.7 + ROW_HEIGHT * (rows - 1)))
    what = "the ten digits" if model.layers[-1].unit == "digit" else f"the {model.classes} classes"
    title = f"What the network takes for {what}"
    figure.text(0.045, 1 - 0.282 / height, title, fontsize=TITLE, weight="bold", va="center")
    figure.text(0.045, 1 - 0.6345 / height, model.string, fontsize=NORMAL, color=GREY, va="center")
    side = 1.3395 / height
    between, size = ("\n", NORMAL) if has_long_names(model.class_names) else (": ", LARGE - 1)
    for channel, (made, probability) in enumerate(zip(channel_images, probabilities, strict=True)):
        row, column = divmod(channel, CLASSES_A_ROW)
        left, below = 0.045 + 0.0955 * column, ROW_HEIGHT * (rows - 1 - row)
        name = channel_name(model, len(model.specs), channel)
        title = f"{name}{between}{percent(float(probability), short=True)}"
        put_image(figure, (left, (below + 1.974) / height, side), made.image, title, BLUE, size)
        best = number(made.highest)
        put_image(figure, (left, (below + 0.141) / height, side), examples[channel], best, GREY, SMALL + 1)
    example = "digit" if model.layers[-1].unit == "digit" else "image"
    for row in range(rows):
        for inches, words in (
            (2.64375, "made by ascent,\nhow surely read"),
            (0.81075, f"best test {example},\nits logit"),
        ):
            y = (inches + ROW_HEIGHT * row) / height
            figure.text(0.022, y, words, rotation=90, ha="center", va="center", fontsize=SMALL + 1)
    return figure
