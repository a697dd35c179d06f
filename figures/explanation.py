"""A figure of why a given image is read as it is."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnn.model import Model
from feature_visualize.attribution import SQUARE, Reasons, over_squares
from figures.style import BLUE, GREY, NORMAL, SMALL, TITLE, VERMILION, number, short_name, signed_colours
from system.arrays import Array
from system.text import percent

WIDTH, HEIGHT, PANEL = 14.4, 6.15, 3.3  # inches


def draw_reasons(model: Model, image: NDArray[np.uint8], reasons: Reasons) -> Any:
    """Draw which ink of an image (28, 28) spoke for its class, and which for the runner-up, on one scale."""
    from matplotlib.figure import Figure

    name, other = short_name(model.class_names[reasons.digit]), short_name(model.class_names[reasons.other])
    figure = Figure(figsize=(WIDTH, HEIGHT))
    first, second = (percent(share, short=True) for share in reasons.probabilities)
    title = f"Why the image is read as {name} ({first} sure) and not as {other} ({second})"
    figure.text(0.2 / WIDTH, 1 - 0.33 / HEIGHT, title, fontsize=TITLE, weight="bold", va="center")
    figure.text(0.2 / WIDTH, 1 - 0.7 / HEIGHT, model.string, fontsize=NORMAL, color=GREY, va="center")
    panels = (
        (
            over_squares(reasons.gradients, SQUARE),
            "What the ink that is there adds",
            "its shares, by integrated gradients",
        ),
        (reasons.erased, "What erasing takes away", "where it is blue, the ink is needed"),
        (reasons.added, "What inking adds", "where it is vermilion, ink would do harm"),
    )
    # Of the highest numbers the middle one: what one panel has more of than the others must not make these pale.
    largest = float(np.median([np.abs(values).max() for values, _, _ in panels])) or 1.0
    given = _put(figure, 0, "The image", "")
    given.imshow(image, cmap="gray", vmin=0, vmax=255, interpolation="nearest")
    for place, (values, heading, words) in enumerate(panels, 1):
        _show_signed(_put(figure, place, heading, words), image, values, largest)
    _explain(figure, name, other, largest)
    figure.text(0.2 / WIDTH, 0.3 / HEIGHT, _account(name, other, reasons), fontsize=NORMAL, color="0.2", va="center")
    return figure


def _account(name: str, other: str, reasons: Reasons) -> str:
    """Return a sentence of how the shares of the ink add up to the difference of the logits."""
    total, blank = float(reasons.gradients.sum()), reasons.blank
    where = "above" if blank >= 0 else "below"
    return (
        f"The logit of {name} is {number(reasons.margin)} above that of {other}. The ink adds {number(total)} to it; "
        f"the rest is what an empty image gets, where {name} is {number(abs(blank))} {where} {other}."
    )


def _put(figure: Any, place: int, heading: str, words: str) -> Any:
    """Return the axes of one of the four panels, from 0."""
    left = 0.2 + (PANEL + 0.266) * place
    axes = figure.add_axes((left / WIDTH, 1.05 / HEIGHT, PANEL / WIDTH, PANEL / HEIGHT))
    axes.set(xticks=[], yticks=[])
    figure.text(left / WIDTH, 4.7 / HEIGHT, heading, fontsize=NORMAL + 2, weight="bold", va="center")
    figure.text(left / WIDTH, 4.47 / HEIGHT, words, fontsize=SMALL + 1, color=GREY, va="center")
    return axes


def _show_signed(axes: Any, image: NDArray[np.uint8], values: Array, largest: float) -> None:
    """Show numbers for each pixel, in full colour at `largest`, with the outline of the ink."""
    axes.imshow(values, cmap=signed_colours(), vmin=-largest, vmax=largest, interpolation="nearest")
    if image.any():
        axes.contour(image / 255, [0.5], colors="black", linewidths=1)
    axes.set(xticks=[], yticks=[])


def _explain(figure: Any, name: str, other: str, largest: float) -> None:
    """Say what the colours are, above the panels and along their one scale."""
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import Normalize

    style: dict[str, Any] = {"fontsize": NORMAL + 2, "weight": "bold", "va": "center"}
    left = 0.2 + PANEL + 0.266
    figure.text(left / WIDTH, 5.08 / HEIGHT, f"Blue: ink here speaks for {name}.", color=BLUE, **style)
    against = f"Vermilion: ink here speaks for {other}."
    figure.text(1 - 0.2 / WIDTH, 5.08 / HEIGHT, against, color=VERMILION, ha="right", **style)
    axes = figure.add_axes((left / WIDTH, 0.78 / HEIGHT, (WIDTH - 0.2 - left) / WIDTH, 0.12 / HEIGHT))
    figure.colorbar(
        ScalarMappable(Normalize(-largest, largest), signed_colours()), axes, orientation="horizontal", extend="both"
    )
    places = [-largest, -largest / 2, 0, largest / 2, largest]
    axes.set_xticks(places, [number(abs(each)) for each in places])
    axes.tick_params(labelsize=SMALL, length=2, pad=1)
    words = f"logits, of squares of {SQUARE}x{SQUARE} pixels"
    figure.text((left - 0.4) / WIDTH, 0.78 / HEIGHT, words, fontsize=SMALL, color=GREY, ha="right", va="center")
