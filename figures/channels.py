"""Figures of what excites one channel most, and of the classes."""

from collections.abc import Sequence
from textwrap import wrap
from typing import Any

from cnn.model import Model
from feature_visualize.channel_images import ChannelImage
from feature_visualize.channel_report import ChannelReport
from figures.panel import put_image
from figures.style import (
    BLUE,
    GREY,
    LARGE,
    NORMAL,
    SMALL,
    TITLE,
    VERMILION,
    channel_name,
    describe,
    describe_example,
    describe_excitation,
    has_long_names,
    number,
)
from system.arrays import Array
from system.text import percent

CLASSES_A_ROW = 10
ROW_HEIGHT = 3.8  # inches


def draw_labelled(model: Model, made: ChannelImage, of_image: float | None = None) -> Any:
    """Draw a channel image under a sentence of what excites the channel; the sentence alone, where it is dead.

    of_image: what a given image excites the channel to, where there is one.
    """
    from matplotlib.figure import Figure

    width, height = 4.8, 5.7  # inches
    figure = Figure(figsize=(width, height))
    figure.text(0.04, 1 - 0.25 / height, describe(model, made.layer), fontsize=SMALL, color=GREY, va="center")
    words = "\n".join(wrap(describe_excitation(model, made, of_image) + ".", 44))
    if made.dead:
        figure.text(0.5, 0.5, words, fontsize=LARGE - 2, ha="center", va="center", color=GREY)
        return figure
    figure.text(0.04, 1 - 0.45 / height, words, fontsize=NORMAL, weight="bold", va="top", linespacing=1.3)
    put_image(figure, (0.04, 0.03, 0.92 * width / height), made.image, "", BLUE, NORMAL)
    return figure


def draw_report(model: Model, report: ChannelReport) -> Any:
    """Draw one channel: what excites it most and least, in its receptive field, and in test digits."""
    from matplotlib.figure import Figure

    made = report.channel_image
    figure = Figure(figsize=(12.8, 6.6))
    title = describe(model, made.layer, made.channel)
    figure.text(0.03, 0.95, title, fontsize=TITLE, weight="bold", va="center")
    figure.text(0.03, 0.9, model.string, fontsize=NORMAL, color=GREY, va="center")
    info = model.layer(made.layer)
    note = "Numbers are logits." if info.is_output else "Numbers are mean activations."
    if info.rectified:
        note = "Numbers are mean activations, after ReLU; of the least, before it."
    figure.text(0.97, 0.9, note, fontsize=SMALL + 1, color=GREY, va="center", ha="right")
    put_image(figure, (0.03, 0.03, 0.77), made.image, f"Excites it most: {number(made.activation)}", BLUE, LARGE)
    _put_beside(figure, report)
    _put_examples(figure, model, report)
    return figure


def _put_beside(figure: Any, report: ChannelReport) -> None:
    """Put the receptive field, the opposite and the filter into a column, as far as there are any."""
    beside: list[tuple[Array, str, str]] = []
    if report.field is not None:
        size = "x".join(map(str, report.field.shape))
        beside.append((report.field, f"One unit, which sees\n{size} pixels: {number(report.field_activation)}", BLUE))
    beside.append((report.least, f"Excites it least: {number(report.least_activation)}", VERMILION))
    if report.filter is not None:
        beside.append((report.filter, "Its filter", "black"))
    side = (0.77 - 0.1 * (len(beside) - 1)) / max(len(beside), 2)
    for row, (image, title, colour) in enumerate(beside):
        place = 0.545 - side * 0.258, 0.8 - side - row * (side + 0.1), side
        put_image(figure, place, image, title, colour, NORMAL)


def _put_examples(figure: Any, model: Model, report: ChannelReport) -> None:
    figure.text(
        0.818, 0.82, f"Test {describe_example(model)}s that excite it most", fontsize=LARGE, weight="bold", ha="center"
    )
    for place, (image, activation) in enumerate(zip(report.examples, report.example_activations, strict=True)):
        row, column = divmod(place, 3)
        left, bottom = 0.655 + 0.11 * column, 0.03 + 0.257 * (2 - row)
        put_image(figure, (left, bottom, 0.207), image, number(float(activation)), "black", SMALL + 1)


def draw_digits(model: Model, channel_images: Sequence[ChannelImage], probabilities: Array, examples: Array) -> Any:
    """Draw the last layer, in rows of ten, over the test image (classes, 28, 28) that excites each unit most.

    channel_images: in the order of the classes. probabilities: (classes,), with which each is read as its class.
    """
    from matplotlib.figure import Figure

    rows = -(-model.classes // CLASSES_A_ROW)
    figure = Figure(figsize=(15, height := 4.7 + ROW_HEIGHT * (rows - 1)))
    what = "the ten digits" if model.layers[-1].unit == "digit" else f"the {model.classes} classes"
    title = f"What the network takes for {what}"
    figure.text(0.045, 1 - 0.282 / height, title, fontsize=TITLE, weight="bold", va="center")
    figure.text(0.045, 1 - 0.6345 / height, model.string, fontsize=NORMAL, color=GREY, va="center")
    side = 1.3395 / height
    between, size = ("\n", NORMAL) if has_long_names(model.class_names) else (": ", LARGE - 1)
    for channel, (made, probability) in enumerate(zip(channel_images, probabilities, strict=True)):
        row, column = divmod(channel, CLASSES_A_ROW)
        left, below = 0.045 + 0.0955 * column, ROW_HEIGHT * (rows - 1 - row)
        name = channel_name(model, len(model.specs), channel)
        title = f"{name}{between}{percent(float(probability), short=True)}"
        put_image(figure, (left, (below + 1.974) / height, side), made.image, title, BLUE, size)
        best = number(made.highest)
        put_image(figure, (left, (below + 0.141) / height, side), examples[channel], best, GREY, SMALL + 1)
    example = describe_example(model)
    for row in range(rows):
        for inches, words in (
            (2.64375, "made by ascent,\nhow surely read"),
            (0.81075, f"best test {example},\nits logit"),
        ):
            y = (inches + ROW_HEIGHT * row) / height
            figure.text(0.022, y, words, rotation=90, ha="center", va="center", fontsize=SMALL + 1)
    return figure
