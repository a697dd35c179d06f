"""A figure of what every channel of every layer makes of a given image."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnn.model import Model
from figures.means import name_classes
from figures.style import BLUE, GREY, LARGE, NORMAL, SMALL, TITLE, VERMILION, has_long_names, number
from system.arrays import Array
from system.text import percent

MAPS_A_ROW, UNITS_A_ROW = 16, 64
WIDTH, INDENT = 12.0, 2.1  # inches, of a figure of maps
INNER = WIDTH - INDENT - 0.25
NAMED_BARS = 16  # of more probabilities, only those that count have their number
SIDE = 24  # pixels, at least, that a map is enlarged to, so that what lies between maps is of one width
GAP, LINE = 3, 10  # pixels: between maps, and for the number above each


def draw_maps(model: Model, image: NDArray[np.uint8], outputs: Sequence[Array]) -> Any:
    """Draw what every channel of every layer makes of an image (28, 28), each map under its channel's number.

    outputs: of each layer after ReLU, (channels, rows, columns) or (units,); the probabilities, for the last.
    """
    from matplotlib.figure import Figure

    tiles = [_tiled(output) for output in outputs[:-1]]
    sizes = [_size(output, tile) for output, tile in zip(outputs, tiles, strict=False)]
    gap, head, picture = 0.3, 1.0, 1.3
    foot = 2.75 if has_long_names(model.class_names) else 1.75
    total = head + picture + gap + sum(height + gap for _, height in sizes) + foot
    figure = Figure(figsize=(WIDTH, total))
    title = "What each layer makes of the image"
    figure.text(0.2 / WIDTH, 1 - 0.35 / total, title, fontsize=TITLE, weight="bold", va="center")
    note = (
        f"{model.string}: activations after ReLU, with the numbers of channels; dark is 0, yellow the layer's highest"
    )
    figure.text(0.2 / WIDTH, 1 - 0.7 / total, note, fontsize=NORMAL, color=GREY, va="center")
    top = total - head
    axes = figure.add_axes((INDENT / WIDTH, (top - picture) / total, picture / WIDTH, picture / total))
    axes.imshow(image, cmap="gray", vmin=0, vmax=255, interpolation="nearest")
    axes.axis("off")
    _label(figure, top, "The image", "")
    top -= picture + gap
    for info, output, tile, (width, height) in zip(model.layers, outputs, tiles, sizes, strict=False):
        axes = figure.add_axes((INDENT / WIDTH, (top - height) / total, width / WIDTH, height / total))
        highest = float(output.max())
        axes.imshow(tile, cmap="viridis", vmin=0, vmax=highest or 1, interpolation="nearest", aspect="auto")
        _number(axes, output)
        words = f"{_form(output)}\nhighest {number(highest)}" + ("" if highest else ": all at rest")
        _label(figure, top, f"{info.number}  {info.spec}", words)
        top -= height + gap
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
    """Return all maps of a layer in one picture, with NaN around them; a unit is a map of one number."""
    maps = output if output.ndim == 3 else output[:, np.newaxis, np.newaxis]
    maps = maps.repeat(times := -(-SIDE // maps.shape[2]), axis=1).repeat(times, axis=2)
    columns = min(_maps_a_row(output), len(maps))
    _, height, width = maps.shape
    rows = -(-len(maps) // columns)
    picture = np.full((rows * _pitch(output)[0], columns * (width + GAP) - GAP), np.nan)
    for place, each in enumerate(maps):
        row, column = divmod(place, columns)
        bottom, left = (row + 1) * _pitch(output)[0], column * (width + GAP)
        picture[bottom - height : bottom, left : left + width] = each
    return picture


def _pitch(output: Array) -> tuple[int, int]:
    """Return from one map to the next, down and right, in pixels of what `_tiled` returns."""
    rows, columns = output.shape[1:] if output.ndim == 3 else (1, 1)
    times = -(-SIDE // columns)
    return rows * times + (LINE if output.ndim == 3 else GAP), columns * times + GAP


def _number(axes: Any, output: Array) -> None:
    """Write the number of every map above it; of units, of the first in each row beside it."""
    axes.axis("off")
    down, right = _pitch(output)
    if output.ndim == 3:
        for place in range(len(output)):
            row, column = divmod(place, MAPS_A_ROW)
            x, y = column * right - 0.5, row * down + LINE - 1.5
            axes.text(x, y, str(place), fontsize=SMALL - 2, color=GREY, va="baseline")
        return
    for row in range(-(-len(output) // UNITS_A_ROW)):
        x, y = -GAP - 2, (row + 1) * down - 0.5 - (down - GAP) / 2
        axes.text(x, y, str(row * UNITS_A_ROW), fontsize=SMALL - 2, color=GREY, ha="right", va="center")


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
    name_classes(axes, model)
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.tick_params(labelsize=NORMAL)
    for place, probability in enumerate(map(float, probabilities)):
        if len(classes) <= NAMED_BARS or probability >= 0.01:
            axes.text(place, probability + 0.04, percent(probability, short=True), ha="center", fontsize=SMALL)
