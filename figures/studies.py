"""Figures of one channel from other sides: unlike pictures, the spectrum of test digits, and two channels at once."""

from collections.abc import Sequence
from textwrap import wrap
from typing import Any

import numpy as np

from cnn.model import Model
from feature_visualize.diverse_images import DiverseImages
from feature_visualize.interaction import Interaction
from feature_visualize.spectrum import Spectrum
from figures.panel import put_image
from figures.style import (
    BLUE,
    GREY,
    LARGE,
    NORMAL,
    SMALL,
    describe,
    describe_channel,
    describe_example,
    has_long_names,
    number,
)

WIDTH = 12.8  # inches


def draw_diverse(model: Model, diverse: DiverseImages) -> Any:
    """Draw images that excite a channel, each in another way."""
    made = diverse.channel_image
    example = describe_example(model)
    better, count = int((diverse.activations > made.highest).sum()), len(diverse.images)
    title = f"{describe(model, made.layer, made.channel)}: four pictures that excite it"
    note = (
        "All start from noise of their own and are kept unlike one another in what the network makes of them. "
        f"{'All' if better == count else f'{better} of {count}'} excite it more than the strongest test {example}, "
        f"{number(made.highest)}."
    )
    figure = _figure(4.35, title, note)
    height = figure.get_figheight()
    for place, (image, activation) in enumerate(zip(diverse.images, diverse.activations, strict=True)):
        left = 0.2 + 3.13 * place
        title = f"excites it to {number(float(activation))}"
        put_image(figure, (left / WIDTH, 0.12 / height, 2.95 / height), image, title, "black", NORMAL)
    return figure


def draw_spectrum(model: Model, layer: int, channel: int, spectrum: Spectrum) -> Any:
    """Draw how many test digits excite a channel how much, over digits from the least to the most."""
    example = describe_example(model)
    is_output = model.layer(layer).is_output
    title = f"{describe(model, layer, channel)}: test {example}s from those that excite it least to most"
    what = "its logit." if is_output else "its mean activation."
    if not is_output and len(model.layer(layer).shape) == 1:
        what = "what it computes before ReLU; below 0, grey, it does not fire."
    note = f"How many of {len(spectrum.values):,} test {example}s reach how much: {what}"
    levels, digits = spectrum.example_values.shape
    side = (WIDTH - 0.4) / levels  # inches of a column
    figure = _figure(2.75 + digits * (side * 0.92 + 0.12), title, note)
    height = figure.get_figheight()
    low, high = float(spectrum.levels[0]), float(spectrum.levels[-1])
    half = ((high - low) or 1) / (levels - 1) / 2
    axes = figure.add_axes((0.2 / WIDTH, 1 - 2.3 / height, (WIDTH - 0.4) / WIDTH, 1.3 / height))
    counts, edges = np.histogram(spectrum.values, bins=84, range=(low - half, high + half))
    middles = (edges[1:] + edges[:-1]) / 2
    colours = np.where((middles > 0) | is_output, BLUE, GREY)
    axes.bar(middles, counts, width=edges[1] - edges[0], color=colours)
    axes.set(xlim=(low - half, high + half), yticks=[])
    axes.set_xticks(spectrum.levels, [number(float(level)) for level in spectrum.levels], fontsize=NORMAL)
    axes.spines[["top", "right", "left"]].set_visible(False)
    for column in range(levels):
        for row in range(digits):
            left, bottom = 0.2 + side * (column + 0.04), height - 2.85 - row * (side * 0.92 + 0.12) - side * 0.92 + 0.2
            place = left / WIDTH, bottom / height, side * 0.92 / height
            put_image(figure, place, spectrum.examples[column, row], "", BLUE, SMALL)
    return figure


def draw_interactions(model: Model, layer: int, interactions: Sequence[Interaction]) -> Any:
    """Draw a channel with others, a row each: what excites the one most, both at once, and the other."""
    name = describe_channel(model, layer, interactions[0].channel)
    title = f"{describe(model, layer, interactions[0].channel)}, together with another {model.layer(layer).unit}"
    note = f"Each {model.layer(layer).unit} alone, and both in one picture; under it what it excites them to."
    row_height = 3.85
    long = model.layer(layer).is_output and has_long_names(model.class_names)  # then numbers stand alone, in order
    figure = _figure(1.0 + row_height * len(interactions), title, note)
    height = figure.get_figheight()
    for row, each in enumerate(interactions):
        other = describe_channel(model, layer, each.other)
        top = height - 1.0 - row_height * row
        headings = f"{name} alone", "both in one picture", f"{other} alone"
        for column, (heading, image, activations) in enumerate(
            zip(headings, each.images, each.activations, strict=True)
        ):
            first, second = map(number, map(float, activations))
            left = 0.2 + 3.3 * column
            place = left / WIDTH, (top - 3.35) / height, 3.05 / height
            put_image(figure, place, image, heading, "black", NORMAL + 1)
            below = f"{first} and {second}" if long else f"{name}: {first}     {other}: {second}"
            x = (left + 3.05 / 2) / WIDTH
            figure.text(x, (top - 3.52) / height, below, fontsize=SMALL + 1, color=GREY, ha="center", va="center")
        words = _words(model, name, other, each, most=row == 0)
        figure.text(10.15 / WIDTH, (top - 0.3) / height, words, fontsize=NORMAL, va="top", linespacing=1.5)
    return figure


def _words(model: Model, name: str, other: str, interaction: Interaction, most: bool) -> str:
    """Return what a row says of two channels, in lines that fit beside it."""
    (first, _), (first_both, second_both), (_, second) = (
        map(number, map(float, row)) for row in interaction.activations
    )
    how = "most" if most else "least"
    sentences = (
        f"Of all, {other} goes with {name} {how} among test {describe_example(model)}s: their correlation is "
        f"{number(interaction.correlation)}.",
        f"Both in one picture, {name} reaches {first_both} of {first}, and {other} {second_both} of {second}.",
    )
    return "\n\n".join("\n".join(wrap(sentence, 27)) for sentence in sentences)


def _figure(height: float, title: str, note: str) -> Any:
    """Return a figure, so many inches high, under a title and a sentence."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(WIDTH, height))
    figure.text(0.2 / WIDTH, 1 - 0.32 / height, title, fontsize=LARGE, weight="bold", va="center")
    figure.text(0.2 / WIDTH, 1 - 0.65 / height, note, fontsize=SMALL + 1, color=GREY, va="center")
    return figure
