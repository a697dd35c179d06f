"""A figure of a given image and some channels: where in the image each fires, beside what excites it most."""

from collections.abc import Sequence
from textwrap import wrap
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnn.model import Model
from feature_visualize.channel_images import ChannelImage
from feature_visualize.firing import SQUARE, Firing
from feature_visualize.transformations import SIDE
from figures.style import (
    GREY,
    LARGE,
    NORMAL,
    ORANGE,
    SMALL,
    describe,
    describe_excitation,
    number,
    plural,
    signed_colours,
)
from system.arrays import Array

WIDTH, PANEL, GAP = 14.4, 2.2, 0.12  # inches: of the figure, of an image, between two
CELL_WIDTH, CELL_HEIGHT = (WIDTH - 0.3) / 3, 3.3
HEAD = 1.0


def draw_collage(
    model: Model,
    image: NDArray[np.uint8],
    channel_images: Sequence[ChannelImage],
    means: Array,
    firings: Sequence[Firing],
) -> Any:
    """Draw an image (28, 28), and for each channel where in it the channel fires, beside the channel's best picture.

    channel_images: of one layer. means: (channels,), the image's mean activation of every channel.
    firings: of the channel images, in their order.
    """
    from matplotlib.figure import Figure

    layer = channel_images[0].layer
    unit = model.layer(layer).unit
    rows = -(-(len(channel_images) + 1) // 3)
    figure = Figure(figsize=(WIDTH, HEAD + rows * CELL_HEIGHT))
    height = figure.get_figheight()
    title = f"{describe(model, layer)}: where the image excites its {plural(unit)}, and what would excite them most"
    figure.text(0.2 / WIDTH, 1 - 0.34 / height, title, fontsize=LARGE, weight="bold", va="center")
    note = f"{model.string}. The lines cut each picture into nine, to compare places."
    figure.text(0.2 / WIDTH, 1 - 0.7 / height, note, fontsize=SMALL + 1, color=GREY, va="center")
    largest = max(float(np.abs(each.values).max()) for each in firings) or 1.0
    is_map = firings[0].seen is not None
    panel = _panel(figure, 0, 0)
    panel.imshow(image, cmap="gray", vmin=0, vmax=255)
    _cut(panel)
    _write(figure, 0, "The image", "", "")
    _explain(figure, is_map, largest)
    for place, (made, firing) in enumerate(zip(channel_images, firings, strict=True), 1):
        _show_firing(_panel(figure, place, 0), image, firing, largest)
        _show_best(_panel(figure, place, 1), made)
        words = describe_excitation(model, made, float(means[made.channel]))
        _write(figure, place, f"{words}.", "where the image excites it", "" if made.dead else "its best picture")
    return figure


def _panel(figure: Any, place: int, side: int) -> Any:
    """Return the axes of the left or the right image, side 0 or 1, of a place, from 0, of three in a row."""
    height = figure.get_figheight()
    row, column = divmod(place, 3)
    left = 0.2 + column * CELL_WIDTH + side * (PANEL + GAP)
    bottom = height - HEAD - row * CELL_HEIGHT - 0.6 - PANEL
    axes = figure.add_axes((left / WIDTH, bottom / height, PANEL / WIDTH, PANEL / height))
    axes.set(xticks=[], yticks=[])
    return axes


def _write(figure: Any, place: int, words: str, left: str, right: str) -> None:
    """Write a sentence above the images of a place, and words under each."""
    height = figure.get_figheight()
    row, column = divmod(place, 3)
    x, top = 0.2 + column * CELL_WIDTH, height - HEAD - row * CELL_HEIGHT
    # What the image does on a line, and what it is to be compared with on the next.
    lines = "\n".join(line for part in words.replace("; ", ";\n", 1).splitlines() for line in wrap(part, 58))
    figure.text(x / WIDTH, (top - 0.54) / height, lines, fontsize=SMALL + 1, weight="bold", va="bottom")
    for side, under in enumerate((left, right)):
        middle = x + PANEL / 2 + side * (PANEL + GAP)
        y = (top - 0.6 - PANEL - 0.16) / height
        figure.text(middle / WIDTH, y, under, fontsize=SMALL + 1, color=GREY, ha="center", va="center")


def _explain(figure: Any, is_map: bool, largest: float) -> None:
    """Say beside the image what the colours are, on one scale for all channels."""
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import Normalize

    height = figure.get_figheight()
    left, top = 0.2 + PANEL + 2 * GAP, height - HEAD - 0.6
    if is_map:
        words = "Orange: where the channel fires, each square a unit of its map; the frame is what the strongest sees."
        colours, low = _orange(), 0.0
    else:
        words = (
            f"A unit sees the whole image. Blue: what the ink of {SQUARE}x{SQUARE} pixels adds to its activation; "
            "vermilion: what it takes away."
        )
        colours, low = signed_colours(), -largest
    lines = "\n".join(wrap(words, 26))
    figure.text(left / WIDTH, top / height, lines, fontsize=NORMAL, va="top", linespacing=1.35)
    axes = figure.add_axes((left / WIDTH, (top - PANEL + 0.3) / height, (PANEL - 0.3) / WIDTH, 0.14 / height))
    figure.colorbar(ScalarMappable(Normalize(low, largest), colours), axes, orientation="horizontal")
    axes.set_xticks([low, (low + largest) / 2, largest], [number(each) for each in (low, (low + largest) / 2, largest)])
    axes.tick_params(labelsize=SMALL)


def _orange() -> Any:
    from matplotlib.colors import LinearSegmentedColormap

    return LinearSegmentedColormap.from_list("orange", ["#3A3A3A", ORANGE])


def _show_firing(axes: Any, image: NDArray[np.uint8], firing: Firing, largest: float) -> None:
    """Show where a channel fires, over the greyed image; full colour is `largest`."""
    from matplotlib.colors import to_rgba
    from matplotlib.patches import Rectangle

    low, high = firing.edges
    extent = low, high, high, low
    if firing.seen is None:
        axes.imshow(firing.values, cmap=signed_colours(), vmin=-largest, vmax=largest, extent=extent)
        if image.any():
            axes.contour(image / 255, [0.5], colors=GREY, linewidths=1)
    else:
        axes.imshow(image * 0.4 + 40, cmap="gray", vmin=0, vmax=255)
        colours = np.tile(np.array(to_rgba(ORANGE)), (*firing.values.shape, 1))
        colours[..., 3] = 0.85 * firing.values / largest
        axes.imshow(colours, extent=extent, interpolation="nearest")
        rows, columns = firing.seen
        if firing.values.any():
            corner = columns.start - 0.5, rows.start - 0.5
            size = columns.stop - columns.start, rows.stop - rows.start
            axes.add_patch(Rectangle(corner, *size, fill=False, edgecolor=ORANGE, linewidth=1.8))
    axes.set(xlim=(-0.5, SIDE - 0.5), ylim=(SIDE - 0.5, -0.5))
    _cut(axes)


def _show_best(axes: Any, made: ChannelImage) -> None:
    """Show the best picture of a channel; a dead one has none."""
    if made.dead:
        axes.axis("off")
        axes.text(0.5, 0.5, "dead", transform=axes.transAxes, ha="center", va="center", color=GREY, fontsize=NORMAL)
        return
    axes.imshow(made.image, cmap="gray", vmin=0, vmax=255, interpolation="nearest")
    _cut(axes)


def _cut(axes: Any) -> None:
    """Draw the lines of a 3x3 grid."""
    for place in (SIDE / 3 - 0.5, 2 * SIDE / 3 - 0.5):
        axes.axhline(place, color="#9A9A9A", linewidth=0.8)
        axes.axvline(place, color="#9A9A9A", linewidth=0.8)
