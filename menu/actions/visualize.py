"""Feature visualization: of a channel, or of an image."""

import argparse
from functools import partial
from pathlib import Path

from rich.console import Console
from rich.table import Table

from cnn.model import Model
from cnn.recipe import whole_number
from feature_visualize.channel_images import check_channel
from feature_visualize.objectives import WHOLE_LAYER
from menu import options, prompts
from menu.progress import Follower
from menu.render import OK, complain, say, say_note, table
from routines.data import load_data, other_classes
from routines.events import Event, Written
from routines.places import Places
from routines.visualize import VisualizeRequest, read_input, visualize_channel, visualize_image
from system.arrays import Array
from system.text import percent


def ask_image(console: Console, places: Places, model: Model) -> None:
    """Ask for a layer, and visualize what the input picture excites there."""
    layer = _ask_layer(console, model)
    _visualize(console, places, VisualizeRequest(model, layer, places.visualizations), places.input)


def ask_channel(console: Console, places: Places, model: Model) -> None:
    """Ask for a layer and a channel, and visualize it."""
    layer = _ask_layer(console, model)
    question = f"Channel (0 to {model.layer(layer).channels - 1}, {WHOLE_LAYER} for the layer as a whole)"
    channel = prompts.ask(console, question, partial(_channel, model=model, layer=layer))
    _visualize(console, places, VisualizeRequest(model, layer, places.visualizations), channel)


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    number = options.argument(whole_number)
    parser.add_argument("--layer", required=True, type=number, help="its number, from 1")
    about = parser.add_mutually_exclusive_group(required=True)
    channel = options.argument(channel_number)
    about.add_argument("--channel", type=channel, help="its number, from 0; -1 for the whole layer")
    about.add_argument("--image", type=Path, metavar="PATH", help="a picture of a digit")
    parser.add_argument("--seed", default=0, type=number)
    parser.add_argument("--output", type=Path, metavar="FOLDER", help="where the pictures go")
    options.add_model(parser)
    options.add_data(parser)


def run(console: Console, places: Places, chosen: argparse.Namespace) -> int:
    """Visualize as the command line says; returns the exit status."""
    model = options.chosen_model(chosen, places)
    request = VisualizeRequest(model, chosen.layer, chosen.output or places.visualizations, chosen.seed)
    about = chosen.channel if chosen.image is None else chosen.image
    _visualize(console, places, request, about, chosen.data, chosen.json)
    return OK


def _visualize(
    console: Console,
    places: Places,
    request: VisualizeRequest,
    about: int | Path,
    path: Path | None = None,
    json: bool = False,
) -> None:
    """Visualize a channel, or a picture, beside the test images of some data."""
    request.model.layer(request.layer)
    follower, image = Follower(console, json), None
    if isinstance(about, Path):
        image = _read(console, request.model, about)
    with console.status("Loading the data"):
        data = load_data(places, path, ("test",))
    for note in other_classes(request.model, data):
        say_note(console, note)
    if image is not None:
        follower.follow(visualize_image(request, image, data.x_test, follower.stop), partial(_show, console))
    elif isinstance(about, int):
        events = visualize_channel(request, about, data.x_test, follower.stop)
        follower.follow(events, partial(_show_channel, console))


def _read(console: Console, model: Model, path: Path) -> Array:
    """Return the digit of a picture, (28, 28), and say what it is read as."""
    given = read_input(path)
    for warning in given.warnings:
        complain(console, warning)
    (probabilities,) = model.probabilities(given.image)
    best = int(probabilities.argmax())
    name, sure = model.class_names[best], percent(float(probabilities[best]))
    say(console, f"{path.name} is read as {name}, {sure} sure.", "bold")
    return given.image


def _show(console: Console, event: Event) -> None:
    if isinstance(event, Written):
        say(console, f"{event.title}: {event.file}")


def _show_channel(console: Console, event: Event) -> None:
    _show(console, event)
    if isinstance(event, Written) and event.details.get("dead") is True:
        say(console, f"Channel {event.channel} of layer {event.layer} is dead: no test digit excites it.", "yellow")


def channel_number(text: str) -> int:
    """Return a channel's number from 0 up, or WHOLE_LAYER."""
    return WHOLE_LAYER if text == str(WHOLE_LAYER) else whole_number(text)


def _channel(text: str, model: Model, layer: int) -> int:
    channel = channel_number(text)
    check_channel(model, layer, channel)
    return channel


def _layer(text: str, model: Model) -> int:
    return model.layer(whole_number(text)).number


def _ask_layer(console: Console, model: Model) -> int:
    console.print()
    console.print(_layers_table(model))
    console.print()
    return prompts.ask(console, f"Layer (1 to {len(model.specs)})", partial(_layer, model=model))


def _layers_table(model: Model) -> Table:
    """Return each layer with its number, token, kind, and how many channels or units it has."""
    made = table("#>", "Layer", "Kind", "Channels>")
    for layer in model.layers:
        kind = {"digit": "digits", "class": "classes"}.get(layer.unit, layer.spec.kind)
        made.add_row(str(layer.number), str(layer.spec), kind, str(layer.channels))
    return made
