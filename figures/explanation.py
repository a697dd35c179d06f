"""A figure of why a given image is read as it is."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnn.model import Model
from feature_visualize.attribution import Reasons
from figures.style import BLUE, GREY, LARGE, NORMAL, SMALL, TITLE, VERMILION, number, short_name, signed_colours
from system.arrays import Array
from system.text import percent


def draw_reasons(model: Model, image: NDArray[np.uint8], reasons: Reasons) -> Any:
    """Draw which pixels of an image (28, 28) spoke for its class, and which for the runner-up."""
    from matplotlib.figure import Figure

    name, other = short_name(model.class_names[reasons.digit]), short_name(model.class_names[reasons.other])
    figure = Figure(figsize=(14, 5.0))
    first, second = (percent(share, short=True) for share in reasons.probabilities)
    title = f"Why it is read as {name} ({first} sure) and not as {other} ({second})"
    figure.text(0.015, 0.945, title, fontsize=TITLE, weight="bold", va="center")
    # The vermilion words begin where the blue ones, of a digit, end.
    right = 0.17 + 0.009 * (len(name) - 1)
    for left, words, colour in (
        (0.015, f"Blue speaks for {name},", BLUE),
        (right, f"vermilion for {other}.", VERMILION),
    ):
        figure.text(left, 0.875, words, fontsize=LARGE, color=colour, weight="bold", va="center")
    note = f"{model.string}; the logit of {name} is {number(reasons.margin)} above that of {other}"
    figure.text(0.985, 0.875, note, fontsize=NORMAL - 1, color=GREY, va="center", ha="right")
    total = float(reasons.gradients.sum())
    _put(figure, 0, "The image").imshow(image, cmap="gray", vmin=0, vmax=255, interpolation="nearest")
    panels = (
        (
            reasons.gradients,
            "Its ink",
            f"share of each pixel in the difference,\nby integrated gradients: sum {number(total)}",
        ),
        (reasons.erased, "Ink erased", "fall of the difference\nwhere a square is erased"),
        (reasons.added, "Ink added", "fall of the difference\nwhere a square is inked"),
    )
    for place, (values, heading, words) in enumerate(panels, 1):
        _show_signed(_put(figure, place, heading), image, values, words)
    return figure


def _put(figure: Any, place: int, heading: str) -> Any:
    """Return the axes of one of the four panels, from 0."""
    axes = figure.add_axes((0.015 + 0.2475 * place, 0.125, 0.2275, 0.637))
    axes.set(xticks=[], yticks=[])
    axes.set_title(heading, fontsize=LARGE, pad=6)
    return axes


def _show_signed(axes: Any, image: NDArray[np.uint8], values: Array, words: str) -> None:
    """Show numbers for each pixel, with the outline of the ink, and words under them."""
    largest = float(np.abs(values).max()) or 1.0
    axes.imshow(values, cmap=signed_colours(), vmin=-largest, vmax=largest, interpolation="nearest")
    if image.any():
        axes.contour(image / 255, [0.5], colors="black", linewidths=1)
    axes.set(xticks=[], yticks=[])
    axes.set_xlabel(f"{words}; full colour {number(largest)}", fontsize=SMALL, color=GREY)
