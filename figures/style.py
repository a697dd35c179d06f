"""How figures look and speak: colours, sizes of letters, numbers, and what a layer or channel is called."""

from collections.abc import Sequence
from typing import Any

from cnn.model import Model
from feature_visualize.channel_images import ChannelImage
from feature_visualize.objectives import WHOLE_LAYER
from system.text import cut, literal

# Colours that the colour-blind tell apart.
# Source: Okabe & Ito, Color Universal Design, 2008 (https://jfly.uni-koeln.de/color/); the grey is ours.
BLUE, VERMILION, ORANGE, SKY_BLUE = "#0072B2", "#D55E00", "#E69F00", "#56B4E9"
GREY = "#6E6E6E"

SMALL, NORMAL, LARGE, TITLE = 9, 11, 15, 18  # points

LONG_NAME = 3  # letters: names with more do not fit beside one another


def signed_colours() -> Any:
    """Return the colour map of numbers around 0: vermilion below, white at 0, blue above."""
    from matplotlib.colors import LinearSegmentedColormap

    return LinearSegmentedColormap.from_list("signed", [VERMILION, "white", BLUE])


def number(value: float) -> str:
    """Return a number with three significant figures, and a minus sign as long as a plus."""
    text = f"{value:#.3g}".rstrip(".") if abs(value) >= 0.001 else f"{value:.0e}" if value else "0"
    return text.replace("-", "\N{MINUS SIGN}", 1) if value < 0 else text


def describe(model: Model, layer: int, channel: int | None = None) -> str:
    """Return a layer, or a channel of it, in words: 'Layer 3, C(16,3), channel 5'."""
    words = f"Layer {layer}, {model.layer(layer).spec}"
    if channel is None:
        return words
    return f"{words}, {'as a whole' if channel == WHOLE_LAYER else describe_channel(model, layer, channel)}"


def describe_channel(model: Model, layer: int, channel: int) -> str:
    """Return a channel in words: 'channel 5', 'unit 5', 'digit 5'."""
    return f"{model.layer(layer).unit} {channel_name(model, layer, channel)}"


def describe_excitation(model: Model, made: ChannelImage, of_image: float | None = None) -> str:
    """Return a sentence of what excites a channel: a given image, the strongest test digit, and its best picture.

    'Channel 21: this image excites it to 0.110; the strongest test digit 0.180; the best picture 0.400'.
    """
    example = describe_example(model)
    whole = made.channel == WHOLE_LAYER
    name = "the layer as a whole" if whole else describe_channel(model, made.layer, made.channel)
    name = name[:1].upper() + name[1:]
    if made.dead:
        return f"{name} is dead: no test {example} excites it"
    highest, best = number(made.highest), number(made.activation)
    if of_image is None:
        return f"{name}: the strongest test {example} excites it to {highest}; the best picture {best}"
    given = number(of_image)
    return f"{name}: this image excites it to {given}; the strongest test {example} {highest}; the best picture {best}"


def describe_example(model: Model) -> str:
    """Return what a test image shows: 'digit', or 'image' where the classes are others."""
    return "digit" if model.layers[-1].unit == "digit" else "image"


def channel_name(model: Model, layer: int, channel: int) -> str:
    """Return the number of a channel, or the name of a class."""
    return short_name(model.class_names[channel]) if model.layer(layer).is_output else str(channel)


def short_name(name: str) -> str:
    """Return the name of a class as figures have it: cut, on one line, and with dollar signs that begin no formula."""
    return cut(literal(name)).replace("$", r"\$")


def has_long_names(names: Sequence[str]) -> bool:
    """Return whether names of classes are too long to stand in a row: they are turned, or have a line each."""
    return max(map(len, names)) > LONG_NAME


def plural(unit: str) -> str:
    """Return more than one of what a layer has: 'channels', 'classes'."""
    return f"{unit}es" if unit.endswith("s") else f"{unit}s"
