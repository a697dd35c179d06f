"""Figures of what layers make of a given image: its strongest channels, and every map of every layer."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnn.model import Model
from feature_visualize.channel_images import ChannelImage
from feature_visualize.transformations import SIDE
from figures.style import (
    BLUE,
    GREY,
    LARGE,
    NORMAL,
    SMALL,
    TITLE,
    VERMILION,
    describe,
    describe_channel,
    has_long_names,
    number,
    short_name,
)
from system.arrays import Array
from system.text import percent

# Blue and vermilion together are (0.84, 0.82, 0.70): this makes white of it.
WHITENING = np.array([1.2, 1.2, 1.4])

MAPS_A_ROW, UNITS_A_ROW = 16, 64
WIDTH, INDENT = 12.0, 2.1  # inches, of a figure of maps
LABEL = 0.45  # inches that the words beside the maps of a layer take
INNER = WIDTH - INDENT - 0.25
NAMED_BARS = 16  # of more probabilities, only those that count have their number


def draw_means(model: Model, layer: int, means: Array, marked: Sequence[int]) -> Any:
    """Draw a bar chart of the mean activation (channels,) of every channel of a layer, some of them marked."""
    from matplotlib.figure import Figure
    from matplotlib.ticker import MaxNLocator

    figure = Figure(figsize=(10, 4.6), layout="constrained")
    axes = figure.subplots()
    channels = np.arange(len(means))
    colours = np.where(np.isin(channels, marked), VERMILION, BLUE)
    axes.bar(channels, means, width=0.8 if len(means) <= 128 else 1.0, color=colours)
    if len(means) > 128:  # a bar of a pixel's width is not seen to be of another colour
        axes.plot(np.asarray(marked), means[np.asarray(marked)], "o", color=VERMILION, markersize=5)
    top = float(max(means.max(), 0)) or 1.0
    axes.set_ylim(min(0, float(means.min())) * 1.05, top * 1.14)
    axes.set_xlim(-1, len(means))
    axes.axhline(0, color="black", linewidth=0.8)
    info = model.layer(layer)
    axes.set_xlabel(info.unit, fontsize=NORMAL)
    axes.set_ylabel("logit" if info.is_output else "mean activation", fontsize=NORMAL)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=12))
    if info.unit == "class":
        _name_classes(axes, model)
    else:
        _name_bars(axes, means, marked)
    axes.spines[["top", "right"]].set_visible(False)
    title = f"{describe(model, layer)}: how strongly the image excites each {info.unit}"
    axes.set_title(title, fontsize=LARGE, loc="left")
    return figure


def _name_bars(axes: Any, means: Array, marked: Sequence[int]) -> None:
    """Write the numbers of marked channels above their bars, one higher where another is near."""
    for place, channel in enumerate(marked):
        crowded = any(abs(channel - other) < 0.03 * len(means) for other in marked[:place])
        axes.annotate(
            str(channel),
            (channel, max(means[channel], 0)),
            xytext=(0, 12 if crowded else 3),
            textcoords="offset points",
            ha="center",
            color=VERMILION,
            weight="bold",
            fontsize=NORMAL,
        )


def _name_classes(axes: Any, model: Model) -> None:
    """Write the names of the classes below their bars, turned where they are long."""
    axes.set_xticks(range(model.classes), map(short_name, model.class_names))
    if has_long_names(model.class_names):
        axes.tick_params(axis="x", rotation=90)


def draw_collage(model: Model, image: NDArray[np.uint8], channel_images: Sequence[ChannelImage], means: Array) -> Any:
    """Draw an image (28, 28) in grey, and each channel's image blended with it, under the same 3x3 grid.

    channel_images: of one layer. means: (channels,), the image's mean activation of every channel.
    """
    from matplotlib.figure import Figure

    rows = 1 if len(channel_images) < 3 else 2
    columns = -(-(len(channel_images) + 1) // rows)
    figure = Figure(figsize=(max(3.6 * columns, 7.2), 3.9 * rows + 1.1))
    layer = channel_images[0].layer
    width, height = figure.get_size_inches()
    words = f"{describe(model, layer)}: what the image excites most"
    figure.text(0.02, 1 - 0.32 / height, words, fontsize=LARGE, weight="bold", va="center")
    legend = (
        ("the image", BLUE, 0),
        ("what excites it most", VERMILION, 1.05),
        ("white where both are lit", GREY, 3.3),
    )
    for name, colour, inches in legend:
        left = 0.02 + inches / width
        figure.text(left, 1 - 0.68 / height, name, fontsize=NORMAL, color=colour, weight="bold", va="center")
    grid = figure.subplots(rows, columns, squeeze=False, gridspec_kw={"wspace": 0.06, "hspace": 0.16})
    figure.subplots_adjust(0.02, 0.02, 0.98, 1 - 1.25 / height)
    for axes in grid.flat:
        axes.axis("off")
    first, *others = grid.flat
    _show_gridded(first, 0.25 + 0.5 * image[..., np.newaxis].repeat(3, 2) / 255, "the image")
    quantity = "logit" if model.layer(layer).is_output else "activation"
    for axes, each in zip(others, channel_images, strict=False):
        value = "dead" if each.dead else f"{quantity} {number(float(means[each.channel]))}"
        title = f"{describe_channel(model, layer, each.channel)}, {value}"
        _show_gridded(axes, blend(image, each.image), title)
    return figure


def blend(image: NDArray[np.uint8], other: NDArray[np.uint8]) -> Array:
    """Return two images in one (28, 28, 3) from 0 to 1: the first blue, the second vermilion, white where both are."""
    from matplotlib.colors import to_rgb

    light = image[..., np.newaxis] / 255 * to_rgb(BLUE) + other[..., np.newaxis] / 255 * to_rgb(VERMILION)
    mixed: Array = np.clip(light * WHITENING, 0, 1)
    return mixed


def _show_gridded(axes: Any, picture: Array, title: str) -> None:
    axes.imshow(picture, interpolation="nearest", vmin=0, vmax=1)
    for place in (SIDE / 3 - 0.5, 2 * SIDE / 3 - 0.5):
        axes.axhline(place, color="#9A9A9A", linewidth=1)
        axes.axvline(place, color="#9A9A9A", linewidth=1)
    axes.set_title(title, fontsize=NORMAL + 1, pad=5)


def draw_maps(model: Model, image: NDArray[np.uint8], outputs: Sequence[Array]) -> Any:
    """Draw what every channel of every layer makes of an image (28, 28).

    outputs: of each layer, as `Model.activations` has them, (channels, rows, columns) or (units,).
    """
    from matplotlib.figure import Figure

    tiles = [image / 255, *(_tiled(output) for output in outputs[:-1])]
    sizes = [(1.3, 1.3), *((_size(output, tile)) for output, tile in zip(outputs, tiles[1:], strict=False))]
    gap, head = 0.28, 1.0
    foot = 2.75 if has_long_names(model.class_names) else 1.75
    total = head + sum(max(height, LABEL) + gap for _, height in sizes) + foot
    figure = Figure(figsize=(WIDTH, total))
    title = "What each layer makes of the image"
    figure.text(0.2 / WIDTH, 1 - 0.35 / total, title, fontsize=TITLE, weight="bold", va="center")
    note = f"{model.string}: activations, channels in order; dark is 0 or less, yellow the layer's highest"
    figure.text(0.2 / WIDTH, 1 - 0.7 / total, note, fontsize=NORMAL, color=GREY, va="center")
    top = total - head
    for layer, (tile, (width, height)) in enumerate(zip(tiles, sizes, strict=True)):
        axes = figure.add_axes((INDENT / WIDTH, (top - height) / total, width / WIDTH, height / total))
        highest = float(np.nanmax(tile))
        colours = "viridis" if layer else "gray"
        axes.imshow(tile, cmap=colours, vmin=0, vmax=highest or 1, interpolation="nearest", aspect="auto")
        axes.axis("off")
        if layer:
            words = f"{_form(outputs[layer - 1])}\nhighest {number(highest)}" + ("" if highest else ": all at rest")
            _label(figure, top, f"{layer}  {model.layer(layer).spec}", words)
        else:
            _label(figure, top, "The image", "")
        top -= max(height, LABEL) + gap
    axes = figure.add_axes((INDENT / WIDTH, (top - 1.25) / total, INNER / WIDTH, 1.0 / total))
    _draw_probabilities(axes, model, outputs[-1])
    last = model.layers[-1]
    _label(figure, top, f"{last.number}  {last.spec}", f"probability of\neach {last.unit}")
    return figure


def _label(figure: Any, top: float, name: str, words: str) -> None:
    """Write a layer's name, and words about it, beside its maps; top: inches from the bottom of the figure."""
    total = figure.get_figheight()
    figure.text(0.2 / WIDTH, (top - 0.02) / total, name, fontsize=LARGE - 2, weight="bold", va="top")
    figure.text(0.2 / WIDTH, (top - 0.27) / total, words, fontsize=SMALL, color=GREY, va="top")


def _form(output: Array) -> str:
    return f"{len(output)} units" if output.ndim == 1 else f"{len(output)} maps of {output.shape[1]}x{output.shape[2]}"


def _tiled(output: Array) -> Array:
    """Return all maps of a layer in one picture, NaN between them; a unit is a map of 4x4."""
    maps = output if output.ndim == 3 else np.kron(output[:, np.newaxis, np.newaxis], np.ones((4, 4)))
    columns = min(_maps_a_row(output), len(maps))
    _, height, width = maps.shape
    gap = max(1, round(0.08 * width))
    rows = -(-len(maps) // columns)
    # Small maps are enlarged, so that the gap between them is narrow too.
    picture = np.full((rows * (height + gap) - gap, columns * (width + gap) - gap), np.nan)
    for place, each in enumerate(maps):
        row, column = divmod(place, columns)
        top, left = row * (height + gap), column * (width + gap)
        picture[top : top + height, left : left + width] = each
    return picture


def _maps_a_row(output: Array) -> int:
    return MAPS_A_ROW if output.ndim == 3 else UNITS_A_ROW


def _size(output: Array, tile: Array) -> tuple[float, float]:
    """Return width and height in inches, at which a full row of maps fills the width of the figure."""
    columns = _maps_a_row(output)
    width = INNER * min(len(output), columns) / columns
    return width, width * tile.shape[0] / tile.shape[1]


def _draw_probabilities(axes: Any, model: Model, probabilities: Array) -> None:
    classes = np.arange(len(probabilities))
    axes.bar(classes, probabilities, color=np.where(classes == probabilities.argmax(), VERMILION, BLUE))
    axes.set(xlim=(-0.6, len(classes) - 0.4), ylim=(0, 1.25), yticks=[])
    _name_classes(axes, model)
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.tick_params(labelsize=NORMAL)
    for place, probability in enumerate(map(float, probabilities)):
        if len(classes) <= NAMED_BARS or probability >= 0.01:
            axes.text(place, probability + 0.04, percent(probability, short=True), ha="center", fontsize=SMALL)
