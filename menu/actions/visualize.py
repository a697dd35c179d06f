"""Feature visualization: of a channel, or of an image."""

import argparse
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path

from rich.console import Console
from rich.table import Table

from cnn.model import Model
from cnn.recipe import whole_number
from feature_visualize.channel_images import check_channel
from feature_visualize.objectives import WHOLE_LAYER
from menu import conversions, options, prompts
from menu.progress import Follower
from menu.render import OK, complain, say, say_note, table
from preprocessing.datasets import Dataset
from routines.data import load_data, other_classes
from routines.events import Event, Written
from routines.pictures import FolderError, find_pictures
from routines.places import Places
from routines.visualize import VisualizeRequest, visualize_channel, visualize_image
from routines.visualize_files import kept_folder
from routines.visualize_input import read_input, take_test_digit
from system.errors import UserError, quote
from system.text import percent

LISTED = 20  # pictures, at most, that can be chosen by a number

EXAMPLES = (
    "visualize --model 1 --layer 3 --channel -1 --output pictures",
    'visualize --model "C(8,5)-P2-C(16,3)-P2-FC128-FC10" --layer 6 --image feature_visualize/input.jpg --json',
)


def ask_image(console: Console, places: Places, model: Model) -> None:
    """Ask for a picture and a layer, and visualize what the picture excites there."""
    picture = _ask_picture(console, places)
    layer = _ask_layer(console, model)
    _visualize_image(console, places, _request(places, model, layer, _image_name(picture)), picture)


def ask_channel(console: Console, places: Places, model: Model) -> None:
    """Ask for a layer and a channel, and visualize it."""
    layer = _ask_layer(console, model)
    question = f"Channel (0 to {model.layer(layer).channels - 1}, {WHOLE_LAYER} for the layer as a whole)"
    channel = prompts.ask(console, question, partial(_channel, model=model, layer=layer))
    _visualize_channel(console, places, _request(places, model, layer, _channel_name(channel)), channel)


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    number = options.argument(whole_number)
    parser.add_argument("--layer", required=True, type=number, help="its number, from 1")
    about = parser.add_mutually_exclusive_group(required=True)
    channel, picture = options.argument(channel_number), options.argument(conversions.picture)
    about.add_argument("--channel", type=channel, help="its number, from 0; -1 for the whole layer")
    about.add_argument(
        "--image", type=picture, metavar="PATH", help="a picture of a digit, or 'test 1234' for a test digit"
    )
    parser.add_argument("--seed", default=0, type=number, help="of the noise from which pictures grow (default: 0)")
    output = "where the pictures go (default: feature_visualize/output, with a copy in a folder of their own)"
    parser.add_argument("--output", type=Path, metavar="FOLDER", help=output)
    options.add_model(parser)
    options.add_data(parser)


def run(console: Console, places: Places, chosen: argparse.Namespace) -> int:
    """Visualize as the command line says; returns the exit status."""
    model = options.chosen_model(chosen, places)
    model.layer(chosen.layer)
    name = _channel_name(chosen.channel) if chosen.image is None else _image_name(chosen.image)
    request = replace(_request(places, model, chosen.layer, name), seed=chosen.seed)
    if chosen.output:
        request = replace(request, output=chosen.output, kept=None)
    if chosen.image is None:
        _visualize_channel(console, places, request, chosen.channel, chosen.data, chosen.json)
    else:
        _visualize_image(console, places, request, chosen.image, chosen.data, chosen.json)
    return OK


def _request(places: Places, model: Model, layer: int, name: str) -> VisualizeRequest:
    """Return the request for pictures in the usual place, which the next ones take, with a copy that stays."""
    kept = kept_folder(places, model, layer, name)
    return VisualizeRequest(model, layer, places.visualizations, kept=kept)


def _channel_name(channel: int) -> str:
    return "whole" if channel == WHOLE_LAYER else f"channel_{channel}"


def _image_name(picture: Path | int) -> str:
    return f"test_{picture}" if isinstance(picture, int) else f"image_{picture.stem}"


def _visualize_channel(
    console: Console,
    places: Places,
    request: VisualizeRequest,
    channel: int,
    path: Path | None = None,
    json: bool = False,
) -> None:
    """Visualize a channel beside the test images of some data."""
    data, follower = _load_data(console, places, request.model, path), Follower(console, json)
    events = visualize_channel(request, channel, data.x_test, follower.stop)
    follower.follow(events, partial(_show_channel, console))
    _say_where(console, request)


def _visualize_image(
    console: Console,
    places: Places,
    request: VisualizeRequest,
    picture: Path | int,
    path: Path | None = None,
    json: bool = False,
) -> None:
    """Visualize what a picture excites, or a test image by its number, beside the test images of some data."""
    data, follower, model = _load_data(console, places, request.model, path), Follower(console, json), request.model
    given = take_test_digit(data.x_test, picture) if isinstance(picture, int) else read_input(picture)
    for warning in given.warnings:
        complain(console, warning)
    (probabilities,) = model.probabilities(given.image)
    best = int(probabilities.argmax())
    name, sure = model.class_names[best], percent(float(probabilities[best]))
    say(console, f"{given.name} is read as {name}, {sure} sure.", "bold")
    follower.follow(visualize_image(request, given.image, data.x_test, follower.stop), partial(_show, console))
    _say_where(console, request)


def _load_data(console: Console, places: Places, model: Model, path: Path | None) -> Dataset:
    with console.status("Loading the data"):
        data = load_data(places, path, ("test",))
    for note in other_classes(model, data):
        say_note(console, note)
    return data


def _say_where(console: Console, request: VisualizeRequest) -> None:
    if request.kept:
        say(console, f"The next visualization replaces these; a copy stays in {request.kept}")


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


def _ask_picture(console: Console, places: Places) -> Path | int:
    """Ask for a picture; returns its path, or the number of a test digit."""
    pictures: list[Path] = []
    with suppress(FolderError):
        pictures = find_pictures([places.pictures])
    for number, path in enumerate(pictures[:LISTED], 1):
        say(console, f"{number:>2}  {path.name}")
    if len(pictures) > LISTED:
        say(console, f"    and {len(pictures) - LISTED:,} more in {places.pictures}")
    default, here = places.input, Path.cwd()
    shown = str(default.relative_to(here) if default.is_relative_to(here) else default)
    return prompts.ask(
        console,
        "Picture, its number, or test 1234 for a test digit",
        partial(_picture, places=places, listed=pictures[:LISTED]),
        shown if default.is_file() else None,
        "A path, a name or number of the list above, or the number of an image of the test data.",
    )


def _picture(text: str, places: Places, listed: list[Path]) -> Path | int:
    if text.isdecimal() and 1 <= int(text[:9]) <= len(listed):
        return listed[int(text[:9]) - 1]
    chosen = conversions.picture(text)
    if isinstance(chosen, int):
        return chosen
    for path in (chosen, places.pictures / chosen):
        with suppress(OSError, ValueError):
            if path.is_file():
                return path
    raise UserError(
        f"A picture is a file, a number of the list, or test and a number: {quote(text)} was given. Type one of them."
    )


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
