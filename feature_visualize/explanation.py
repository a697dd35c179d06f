"""Figures of how a given image is read: what every layer makes of it, and why it is read as it is."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnn import Array
from cnn.architecture import DIGITS, Specs, to_string
from feature_visualize.attribution import Reasons
from feature_visualize.palette import BLUE, GREY, VERMILION
from feature_visualize.sheets import LARGE, NORMAL, SMALL, number, percent

MAPS_A_ROW, UNITS_A_ROW = 16, 64
WIDTH, INDENT = 12.0, 2.1  # inches


def draw_maps(specs: Specs, image: NDArray[np.uint8], outputs: Sequence[Array]) -> Any:
    """A figure of what every channel of every layer makes of an image (28, 28).

    outputs: of each layer after ReLU, (channels, rows, columns) or (units,); the probabilities, for the last.
    """
    from matplotlib.figure import Figure

    tiles = [image / 255, *(_tiled(output) for output in outputs[:-1])]
    inner = WIDTH - INDENT - 0.25
    sizes = [(1.3, 1.3), *((_width(output, tile, inner)) for output, tile in zip(outputs, tiles[1:], strict=False))]
    gap, head = 0.28, 1.0
    total = head + sum(height + gap for _, height in sizes) + 1.75
    figure = Figure(figsize=(WIDTH, total))
    figure.text(
        0.2 / WIDTH, 1 - 0.35 / total, "What each layer makes of the image", fontsize=18, weight="bold", va="center"
    )
    note = f"{to_string(specs)}: activations after ReLU, channels in order; dark is 0, yellow the layer's highest"
    figure.text(0.2 / WIDTH, 1 - 0.7 / total, note, fontsize=NORMAL, color=GREY, va="center")
    top = total - head
    for place, (tile, (width, height)) in enumerate(zip(tiles, sizes, strict=True)):
        axes = figure.add_axes((INDENT / WIDTH, (top - height) / total, width / WIDTH, height / total))
        highest = float(np.nanmax(tile))
        axes.imshow(
            tile, cmap="viridis" if place else "gray", vmin=0, vmax=highest or 1, interpolation="nearest", aspect="auto"
        )
        axes.axis("off")
        name = f"{place}  {specs[place - 1]}" if place else "The image"
        figure.text(0.2 / WIDTH, (top - 0.02) / total, name, fontsize=LARGE - 2, weight="bold", va="top")
        if place:
            words = f"{_form(outputs[place - 1])}\nhighest {number(highest)}" + ("" if highest else ": all at rest")
            figure.text(0.2 / WIDTH, (top - 0.27) / total, words, fontsize=SMALL, color=GREY, va="top")
        top -= height + gap
    axes = figure.add_axes((INDENT / WIDTH, (top - 1.25) / total, inner / WIDTH, 1.0 / total))
    _draw_probabilities(axes, outputs[-1])
    figure.text(
        0.2 / WIDTH, (top - 0.02) / total, f"{len(specs)}  {specs[-1]}", fontsize=LARGE - 2, weight="bold", va="top"
    )
    figure.text(0.2 / WIDTH, (top - 0.27) / total, "probability of\neach digit", fontsize=SMALL, color=GREY, va="top")
    return figure


def draw_reasons(specs: Specs, image: NDArray[np.uint8], reasons: Reasons) -> Any:
    """A figure of which pixels of an image (28, 28) spoke for its digit, and which for the runner-up."""
    from matplotlib.colors import LinearSegmentedColormap
    from matplotlib.figure import Figure

    digit, other, total = reasons.digit, reasons.other, float(reasons.gradients.sum())
    figure = Figure(figsize=(14, 5.0))
    first, second = map(percent, reasons.probabilities)
    title = f"Why it is read as {digit} ({first} sure) and not as {other} ({second})"
    figure.text(0.015, 0.945, title, fontsize=18, weight="bold", va="center")
    figure.text(0.015, 0.875, f"Blue speaks for {digit},", fontsize=LARGE, color=BLUE, weight="bold", va="center")
    figure.text(0.17, 0.875, f"vermilion for {other}.", fontsize=LARGE, color=VERMILION, weight="bold", va="center")
    note = f"{to_string(specs)}; the logit of {digit} is {number(reasons.margin)} above that of {other}"
    figure.text(0.985, 0.875, note, fontsize=NORMAL - 1, color=GREY, va="center", ha="right")
    colours = LinearSegmentedColormap.from_list("signed", [VERMILION, "white", BLUE])
    panels = (
        (image, "The image", ""),
        (
            reasons.gradients,
            "Its ink",
            f"share of each pixel in the difference,\nby integrated gradients: sum {number(total)}",
        ),
        (reasons.erased, "Ink erased", "fall of the difference\nwhere a square is erased"),
        (reasons.added, "Ink added", "fall of the difference\nwhere a square is inked"),
    )
    for place, (values, heading, words) in enumerate(panels):
        axes = figure.add_axes((0.015 + 0.2475 * place, 0.125, 0.2275, 0.637))
        if place:
            largest = float(np.abs(values).max()) or 1.0
            axes.imshow(values, cmap=colours, vmin=-largest, vmax=largest, interpolation="nearest")
            if image.any():
                axes.contour(image / 255, [0.5], colors="black", linewidths=1)
            words += f"; full colour {number(largest)}"
        else:
            axes.imshow(values, cmap="gray", vmin=0, vmax=255, interpolation="nearest")
        axes.set(xticks=[], yticks=[])
        axes.set_title(heading, fontsize=LARGE, pad=6)
        axes.set_xlabel(words, fontsize=SMALL, color=GREY)
    return figure


def _form(output: Array) -> str:
    return f"{len(output)} units" if output.ndim == 1 else f"{len(output)} maps of {output.shape[1]}x{output.shape[2]}"


def _tiled(output: Array) -> Array:
    """All maps of a layer in one picture, NaN between them; a unit is a map of 4x4."""
    maps = output if output.ndim == 3 else np.kron(output[:, np.newaxis, np.newaxis], np.ones((4, 4)))
    columns = min(MAPS_A_ROW if output.ndim == 3 else UNITS_A_ROW, len(maps))
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


def _width(output: Array, tile: Array, inner: float) -> tuple[float, float]:
    """Width and height in inches, at which a row of so many maps fills the width of the figure."""
    columns = MAPS_A_ROW if output.ndim == 3 else UNITS_A_ROW
    width = inner * min(len(output), columns) / columns
    return width, width * tile.shape[0] / tile.shape[1]


def _draw_probabilities(axes: Any, probabilities: Array) -> None:
    best = int(probabilities.argmax())
    axes.bar(range(DIGITS), probabilities, color=[VERMILION if digit == best else BLUE for digit in range(DIGITS)])
    axes.set(xlim=(-0.6, DIGITS - 0.4), ylim=(0, 1.25), yticks=[], xticks=range(DIGITS))
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.tick_params(labelsize=NORMAL)
    for digit, probability in enumerate(probabilities):
        axes.text(digit, probability + 0.04, percent(float(probability)), ha="center", fontsize=SMALL)
