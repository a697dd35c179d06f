"""Feature visualization in the terminal: ask, show progress, say what was written."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from cnn.architecture import Convolution, FullyConnected, Specs, output_shapes
from cnn.network import Network
from cnn.weights import WeightFile
from feature_visualize.activations import channel_count
from feature_visualize.channel_pictures import channel_pictures
from feature_visualize.image_pictures import image_pictures
from feature_visualize.input import read_input
from feature_visualize.portraits import check_channel
from feature_visualize.request import Request, Stages, Written
from feature_visualize.targets import WHOLE_LAYER
from menu import actions, prompts
from menu.interrupt import deferred_interrupt
from menu.render import percent, progress_bar, say, table

INPUT = Path(__file__).parent.parent / "feature_visualize" / "input.jpg"

Report = Callable[[Written], None]


def ask_image(console: Console, model: WeightFile) -> None:
    """Ask for a layer, and visualize what input.jpg excites there."""
    layer = _ask_layer(console, model)
    visualize_image(console, Request(model, layer), INPUT, partial(say_written, console))


def ask_channel(console: Console, model: WeightFile) -> None:
    """Ask for a layer and a channel, and visualize it."""
    layer = _ask_layer(console, model)
    network = model.network(1)
    question = f"Channel (0 to {channel_count(network, layer) - 1}, {WHOLE_LAYER} for the layer as a whole)"
    channel = prompts.ask(console, question, partial(_channel, network=network, layer=layer))
    visualize_channel(console, Request(model, layer), channel, partial(say_written, console))


def visualize_channel(console: Console, request: Request, channel: int, report: Report) -> None:
    """Make and write the pictures of a channel, with a progress bar, and report each."""
    images = actions.load_data(console, None).x_test
    with _stages(console) as begin:
        for written in channel_pictures(request, channel, images, begin):
            report(written)
            if written.details.get("dead") is True:
                say(console, f"Channel {channel} of layer {request.layer} is dead: no test digit excites it.", "yellow")


def visualize_image(console: Console, request: Request, path: Path, report: Report) -> None:
    """Read a picture, say what it is read as, make and write the pictures about it, and report each.

    Raises:
        UserError: for a picture, layer or folder that is not there, or cannot be used.
    """
    network = request.prepare()
    given = read_input(path)
    for warning in given.warnings:
        say(console, warning, "yellow")
    (probabilities,) = network.probabilities(given.image[np.newaxis])
    digit = int(probabilities.argmax())
    say(console, f"{path.name} is read as {digit}, {percent(float(probabilities[digit]))} sure.", "bold")
    images = actions.load_data(console, None).x_test
    with _stages(console) as begin:
        for written in image_pictures(request, given.image, images, begin):
            report(written)


def say_written(console: Console, written: Written) -> None:
    """Print what a picture shows, and its path."""
    say(console, f"{written.title}: {written.file}")


def channel_number(text: str) -> int:
    """A channel's number from 0 up, or WHOLE_LAYER."""
    if text == str(WHOLE_LAYER):
        return WHOLE_LAYER
    return prompts.whole_number(text)


def _channel(text: str, network: Network, layer: int) -> int:
    channel = channel_number(text)
    check_channel(network, layer, channel)
    return channel


def _layer(text: str, network: Network) -> int:
    layer = prompts.whole_number(text)
    network.check_layer(layer)
    return layer


def _ask_layer(console: Console, model: WeightFile) -> int:
    console.print()
    console.print(_layers_table(model.specs))
    console.print()
    question = f"Layer (1 to {len(model.specs)})"
    return prompts.ask(console, question, partial(_layer, network=model.network(1)))


def _layers_table(specs: Specs) -> Table:
    """Each layer with its number, token, kind, and how many channels or units it has."""
    made = table("#>", "Layer", "Kind", "Channels>")
    for number, (spec, shape) in enumerate(zip(specs, output_shapes(specs), strict=True), 1):
        match spec:
            case Convolution():
                kind = "convolution"
            case FullyConnected():
                kind = "digits" if number == len(specs) else "fully connected"
            case _:
                kind = "pooling"
        made.add_row(str(number), str(spec), kind, str(shape[0]))
    return made


@contextmanager
def _stages(console: Console) -> Iterator[Stages]:
    """A progress bar for one stage of the work after another; Ctrl-C waits for the next step of a stage."""
    with progress_bar(console) as bar, deferred_interrupt() as check_interrupt:
        task = bar.add_task("", total=1, things="", note="")

        def begin(title: str, total: int, things: str) -> Callable[[float], None]:
            bar.reset(task, description=title, total=total, things=things, note="")

            def show(done: float) -> None:
                bar.update(task, completed=done)
                check_interrupt()

            return show

        yield begin
