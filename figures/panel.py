"""A panel: an image, or weights, in a square of a figure, under its title."""

from typing import Any

import numpy as np

from figures.style import GREY, LARGE, signed_colours
from system.arrays import Array


def put_image(
    figure: Any,
    place: tuple[float, float, float],
    image: Array,
    title: str,
    colour: str,
    size: int,
    largest: float | None = None,
) -> None:
    """Put an image into a square at (left, bottom, height), shares of the figure, under its title.

    image: (rows, columns), uint8 from 0 to 255; or weights, whose full colour is `largest`, or their own largest.
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
    axes.imshow(weights, cmap=signed_colours(), vmin=-largest, vmax=largest, interpolation="nearest")
    if len(weights) > 7:
        return
    size = 8 if len(weights) <= 3 else 6 if len(weights) <= 5 else 4
    for (row, column), value in np.ndenumerate(weights):
        colour = "white" if abs(value) > 0.6 * largest else "black"
        text = f"{round(float(value), 1) + 0:.1f}"
        axes.text(column, row, text, ha="center", va="center", fontsize=size, color=colour)
