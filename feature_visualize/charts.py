"""Figures of the channels that a given image excites most: a bar chart, and a collage."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnn import Array
from cnn.architecture import FullyConnected, Specs
from feature_visualize.palette import BLUE, GREY, VERMILION
from feature_visualize.portraits import Portrait
from feature_visualize.sheets import LARGE, NORMAL, describe, number
from feature_visualize.transformations import SIDE

# Blue and vermilion together are (0.84, 0.82, 0.70): this makes white of it.
WHITENING = np.array([1.2, 1.2, 1.4])


def draw_means(specs: Specs, layer: int, means: Array, marked: Sequence[int]) -> Any:
    """A bar chart of the mean activation (channels,) of every channel of a layer, some marked."""
    from matplotlib.figure import Figure
    from matplotlib.ticker import MaxNLocator

    figure = Figure(figsize=(10, 4.6), layout="constrained")
    axes = figure.subplots()
    channels = np.arange(len(means))
    colours = np.where(np.isin(channels, marked), VERMILION, BLUE)
    width = 0.8 if len(means) <= 128 else 1.0
    axes.bar(channels, means, width=width, color=colours)
    if len(means) > 128:  # a bar of a pixel's width is not seen to be of another colour
        axes.plot(np.asarray(marked), means[np.asarray(marked)], "o", color=VERMILION, markersize=5)
    top = float(max(means.max(), 0)) or 1.0
    for place, channel in enumerate(marked):
        crowded = any(abs(channel - other) < 0.03 * len(means) for other in marked[:place])
        offset = 12 if crowded else 3
        axes.annotate(
            str(channel),
            (channel, max(means[channel], 0)),
            xytext=(0, offset),
            textcoords="offset points",
            ha="center",
            color=VERMILION,
            weight="bold",
            fontsize=NORMAL,
        )
    axes.set_ylim(min(0, float(means.min())) * 1.05, top * 1.14)
    axes.set_xlim(-1, len(means))
    axes.axhline(0, color="black", linewidth=0.8)
    is_last = layer == len(specs)
    unit = "digit" if is_last else "unit" if isinstance(specs[layer - 1], FullyConnected) else "channel"
    axes.set_xlabel(unit, fontsize=NORMAL)
    axes.set_ylabel("logit" if is_last else "mean activation", fontsize=NORMAL)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=12))
    axes.spines[["top", "right"]].set_visible(False)
    axes.set_title(f"{describe(specs, layer)}: how strongly the image excites each {unit}", fontsize=LARGE, loc="left")
    return figure


def draw_collage(specs: Specs, image: NDArray[np.uint8], portraits: Sequence[Portrait], means: Array) -> Any:
    """The image (28, 28) in grey, and each portrait blended with it, under the same 3x3 grid.

    means: (channels,), the image's mean activation of every channel.
    """
    from matplotlib.figure import Figure

    rows = 1 if len(portraits) < 3 else 2
    columns = -(-(len(portraits) + 1) // rows)
    figure = Figure(figsize=(max(3.6 * columns, 7.2), 3.9 * rows + 1.1))
    layer = portraits[0].layer
    height = figure.get_figheight()
    words = f"{describe(specs, layer)}: what the image excites most"
    figure.text(0.02, 1 - 0.32 / height, words, fontsize=LARGE, weight="bold", va="center")
    legend = (("the image", BLUE), ("what excites it most", VERMILION), ("white where both are lit", GREY))
    for place, (name, colour) in enumerate(legend):
        left = 0.02 + (0, 1.05, 3.3)[place] / figure.get_figwidth()
        figure.text(left, 1 - 0.68 / height, name, fontsize=NORMAL, color=colour, weight="bold", va="center")
    grid = figure.subplots(rows, columns, squeeze=False, gridspec_kw={"wspace": 0.06, "hspace": 0.16})
    figure.subplots_adjust(0.02, 0.02, 0.98, 1 - 1.25 / height)
    for axes in grid.flat:
        axes.axis("off")
    panels = list(grid.flat)
    grey = 0.25 + 0.5 * image[..., np.newaxis].repeat(3, 2) / 255
    _show_gridded(panels[0], grey, "the image")
    is_last = layer == len(specs)
    for axes, portrait in zip(panels[1:], portraits, strict=False):
        name = describe(specs, layer, portrait.channel).split(", ")[-1]
        value = f"{'logit' if is_last else 'activation'} {number(float(means[portrait.channel]))}"
        _show_gridded(axes, blend(image, portrait.image), f"{name}, {'dead' if portrait.dead else value}")
    return figure


def blend(image: NDArray[np.uint8], portrait: NDArray[np.uint8]) -> Array:
    """Both in one picture (28, 28, 3) from 0 to 1: the image blue, the portrait vermilion, white where both are lit."""
    from matplotlib.colors import to_rgb

    light = image[..., np.newaxis] / 255 * to_rgb(BLUE) + portrait[..., np.newaxis] / 255 * to_rgb(VERMILION)
    mixed: Array = np.clip(light * WHITENING, 0, 1)
    return mixed


def _show_gridded(axes: Any, picture: Array, title: str) -> None:
    axes.imshow(picture, interpolation="nearest", vmin=0, vmax=1)
    for place in (SIDE / 3 - 0.5, 2 * SIDE / 3 - 0.5):
        axes.axhline(place, color="#9A9A9A", linewidth=1)
        axes.axvline(place, color="#9A9A9A", linewidth=1)
    axes.set_title(title, fontsize=NORMAL + 1, pad=5)
