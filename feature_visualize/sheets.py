"""Sheets of images that excite channels: one channel, a layer, the ten digits."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from cnn import Array
from cnn.architecture import DIGITS, FullyConnected, Specs, to_string
from feature_visualize.palette import BLUE, GREY, VERMILION
from feature_visualize.portraits import Portrait
from feature_visualize.study import Study
from feature_visualize.targets import WHOLE_LAYER

SMALL, NORMAL, LARGE = 9, 11, 15


def describe(specs: Specs, layer: int, channel: int | None = None) -> str:
    """A layer, or a channel of it, in words: 'Layer 3, C(16,3), channel 5'."""
    words = f"Layer {layer}, {specs[layer - 1]}"
    if channel is None:
        return words
    if channel == WHOLE_LAYER:
        return f"{words}, as a whole"
    if layer == len(specs):
        return f"{words}, digit {channel}"
    return f"{words}, {'unit' if isinstance(specs[layer - 1], FullyConnected) else 'channel'} {channel}"


def draw_study(specs: Specs, study: Study) -> Any:
    """A figure of one channel: what excites it most and least, in its receptive field, and in test digits."""
    from matplotlib.figure import Figure

    portrait = study.portrait
    is_last = portrait.layer == len(specs)
    figure = Figure(figsize=(12.8, 6.6))
    figure.text(0.03, 0.95, describe(specs, portrait.layer, portrait.channel), fontsize=18, weight="bold", va="center")
    figure.text(0.03, 0.9, to_string(specs), fontsize=NORMAL, color=GREY, va="center")
    note = "Numbers are logits." if is_last else "Numbers are mean activations, after ReLU; of the least, before it."
    figure.text(0.97, 0.9, note, fontsize=SMALL + 1, color=GREY, va="center", ha="right")

    _put(figure, (0.03, 0.03, 0.77), portrait.image, f"Excites it most: {number(portrait.activation)}", BLUE, LARGE)

    beside = [(study.least, f"Excites it least: {number(study.least_activation)}", VERMILION)]
    if study.field is not None:
        size = "x".join(map(str, study.field.shape))
        words = f"One unit, which sees\n{size} pixels: {number(study.field_activation)}"
        beside.insert(0, (study.field, words, BLUE))
    if study.filter is not None:
        beside.append((study.filter, "Its filter", "black"))
    side = (0.77 - 0.1 * (len(beside) - 1)) / max(len(beside), 2)
    for place, (image, title, colour) in enumerate(beside):
        _put(figure, (0.545 - side * 0.258, 0.8 - side - place * (side + 0.1), side), image, title, colour, NORMAL)

    figure.text(0.818, 0.82, "Test digits that excite it most", fontsize=LARGE, weight="bold", ha="center")
    for place, (image, activation) in enumerate(zip(study.examples, study.example_activations, strict=True)):
        row, column = divmod(place, 3)
        left, bottom = 0.655 + 0.11 * column, 0.03 + 0.257 * (2 - row)
        _put(figure, (left, bottom, 0.207), image, number(float(activation)), "black", SMALL + 1)
    return figure


def draw_atlas(specs: Specs, layer: int, portraits: Sequence[Portrait], channels: int) -> Any:
    """A figure of all channels of a layer, in order, those that are dead named so; the portraits may be fewer."""
    from matplotlib.figure import Figure
    from matplotlib.patches import Rectangle

    columns = int(np.ceil(np.sqrt(channels * 1.6)))
    if channels == DIGITS:
        columns = 5
    rows = -(-channels // columns)
    cell, head, gap = (1.35 if channels <= 32 else 0.95 if channels <= 128 else 0.62), 0.85, 0.1
    width, height = max(columns * cell, 6.4) + 2 * gap, rows * cell + head + gap
    figure = Figure(figsize=(width, height))
    unit = "digit" if layer == len(specs) else "unit" if isinstance(specs[layer - 1], FullyConnected) else "channel"
    title = f"{describe(specs, layer)}: what excites each {unit} most"
    figure.text(0.2 / width, 1 - 0.3 / height, title, fontsize=LARGE, weight="bold", va="center")
    dead = sum(portrait.dead for portrait in portraits)
    note = f"{to_string(specs)}, {channels} {unit}s"
    note += f", {dead} dead: no test digit excites them" if dead else ""
    note += f", interrupted after {len(portraits)}" if len(portraits) < channels else ""
    figure.text(0.2 / width, 1 - 0.62 / height, note, fontsize=SMALL, color=GREY, va="center")
    indent = gap
    axes = figure.add_axes((indent / width, gap / height, columns * cell / width, rows * cell / height))
    axes.set(xlim=(0, columns), ylim=(rows, 0))
    axes.axis("off")
    for portrait in portraits:
        row, column = divmod(portrait.channel, columns)
        axes.text(column + 0.08, row + 0.125, str(portrait.channel), fontsize=min(SMALL, 8 * cell), va="baseline")
        if portrait.dead:
            axes.text(column + 0.5, row + 0.56, "dead", ha="center", va="center", color=GREY, fontsize=min(9, 9 * cell))
            continue
        edges = (column + 0.08, column + 0.92, row + 0.995, row + 0.155)
        axes.imshow(portrait.image, cmap="gray", vmin=0, vmax=255, extent=edges, interpolation="nearest")
        corner = edges[0], edges[3]
        axes.add_patch(Rectangle(corner, 0.84, 0.84, fill=False, edgecolor=GREY, linewidth=0.5))
    axes.set(xlim=(0, columns), ylim=(rows, 0), aspect="auto")
    return figure


def draw_filters(specs: Specs, filters: Array) -> Any:
    """A figure of the weights of the first layer's filters, (filters, rows, columns), in order."""
    from matplotlib.figure import Figure

    columns = min(8, len(filters))
    rows = -(-len(filters) // columns)
    width, height = max(1.6 * columns + 0.2, 8.0), 1.85 * rows + 0.75
    figure = Figure(figsize=(width, height))
    title = f"{describe(specs, 1)}: the filters"
    figure.text(0.2 / width, 1 - 0.3 / height, title, fontsize=LARGE, weight="bold", va="center")
    note = f"{to_string(specs)}; blue is positive, vermilion negative, white 0, on one scale"
    figure.text(0.2 / width, 1 - 0.62 / height, note, fontsize=SMALL, color=GREY, va="center")
    largest = float(np.abs(filters).max())
    for channel, weights in enumerate(filters):
        row, column = divmod(channel, columns)
        place = ((0.2 + 1.6 * column) / width, 1 - (0.65 + 1.85 * row + 1.8) / height, 1.4 / height)
        _put(figure, place, weights, str(channel), "black", NORMAL, largest)
    return figure


def draw_digits(specs: Specs, portraits: Sequence[Portrait], probabilities: Array, examples: Array) -> Any:
    """A figure of the last layer in one row, over the test digit (10, 28, 28) that excites each most.

    probabilities: (10,), with which the network reads each portrait as its digit.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(15, 4.7))
    figure.text(0.045, 0.94, "What the network takes for the ten digits", fontsize=18, weight="bold", va="center")
    figure.text(0.045, 0.865, to_string(specs), fontsize=NORMAL, color=GREY, va="center")
    for digit, (portrait, probability) in enumerate(zip(portraits, probabilities, strict=True)):
        left, side = 0.045 + 0.0955 * digit, 0.285
        title = f"{digit}: {percent(float(probability))}"
        _put(figure, (left, 0.42, side), portrait.image, title, BLUE, LARGE - 1)
        _put(figure, (left, 0.03, side), examples[digit], number(portrait.highest), GREY, SMALL + 1)
    for height, words in ((0.5625, "made by ascent,\nhow surely read"), (0.1725, "best test digit,\nits logit")):
        figure.text(0.022, height, words, rotation=90, ha="center", va="center", fontsize=SMALL + 1)
    return figure


def _put(
    figure: Any,
    place: tuple[float, float, float],
    image: Array,
    title: str,
    colour: str,
    size: int,
    largest: float | None = None,
) -> None:
    """An image in a square, at (left, bottom, height) as shares of the figure, under its title.

    image: 0 to 255, or weights, whose full colour is `largest`, or their own largest.
    """
    left, bottom, height = place
    width, tall = figure.get_size_inches()
    axes = figure.add_axes((left, bottom, height * tall / width, height))
    if image.dtype == np.uint8:
        axes.imshow(image, cmap="gray", vmin=0, vmax=255, interpolation="nearest")
    else:
        _show_weights(axes, image, largest or float(np.abs(image).max()) or 1.0)
    axes.set(xticks=[], yticks=[])
    for spine in axes.spines.values():
        spine.set(color=GREY, linewidth=0.5)
    axes.set_title(title, fontsize=size, color=colour, weight="bold" if size >= LARGE else "normal", pad=5)


def _show_weights(axes: Any, weights: Array, largest: float) -> None:
    from matplotlib.colors import LinearSegmentedColormap

    colours = LinearSegmentedColormap.from_list("signed", [VERMILION, "white", BLUE])
    axes.imshow(weights, cmap=colours, vmin=-largest, vmax=largest, interpolation="nearest")
    for row, column in np.ndindex(weights.shape):
        value = float(weights[row, column])
        colour = "white" if abs(value) > 0.6 * largest else "black"
        size = 8 if len(weights) <= 3 else 6 if len(weights) <= 5 else 4
        if len(weights) <= 7:
            axes.text(column, row, f"{round(value, 1) + 0:.1f}", ha="center", va="center", fontsize=size, color=colour)


def number(value: float) -> str:
    """Three figures that count, with a minus as long as it should be."""
    text = f"{value:#.3g}".rstrip(".") if abs(value) >= 0.001 else f"{value:.0e}" if value else "0"
    return text.replace("-", "\N{MINUS SIGN}", 1) if value < 0 else text


def percent(share: float) -> str:
    """A share as a percentage of at most two decimals; 100% only where it is all, 0% where it is nothing."""
    if 0.9999 < share < 1:
        return "99.99%"
    return f"{round(100 * share, 2):g}%" if share >= 0.0001 or not share else "<0.01%"
