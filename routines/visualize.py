"""Visualization: pictures of what excites a channel or a layer, or of how a given image is read."""

from collections.abc import Generator, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cnn.model import Model
from cnn.network import Network
from feature_visualize.activations import Responses, image_means, responses
from feature_visualize.ascent import SETTINGS, Settings
from feature_visualize.attribution import find_reasons
from feature_visualize.channel_images import ChannelImage, check_channel, make_channel_images
from feature_visualize.channel_report import first_filters, make_report
from feature_visualize.objectives import WHOLE_LAYER
from figures import channels, explanation, layers
from routines.events import Event, Interrupted, Stop, Written, staged
from routines.visualize_files import MARKED, VisualizationFolder
from routines.visualize_steps import collect, draw_all
from system.steps import between

CHANNELS_AT_ONCE = 16  # what a flag leaves of an atlas are the groups that are finished

Image = NDArray[np.uint8]


@dataclass(frozen=True)
class VisualizeRequest:
    """A layer of a model, the folder that pictures go to, the seed of what is made, and how it is made.

    kept: a folder for a copy of each picture, which the next visualization leaves as it is.
    """

    model: Model
    layer: int
    output: Path
    seed: int = 0
    settings: Settings = SETTINGS
    kept: Path | None = None


def visualize_channel(request: VisualizeRequest, channel: int, test_images: Image, stop: Stop) -> Iterator[Event]:
    """Make the pictures of a channel, from 0, or of WHOLE_LAYER; the flag leaves what is finished.

    test_images: (N, 28, 28), 0 to 255.

    Raises:
        UserError: for a layer, channel or folder that is not there, or cannot be used; Interrupted: when the flag is
            set; an atlas then has the channels that are finished.
    """
    model, layer, seed, settings = request.model, request.layer, request.seed, request.settings
    model.layer(layer)
    folder = VisualizationFolder(request.output, layer, request.kept)
    check_channel(model, layer, channel)
    digits = yield from _read(request, test_images, stop)
    made: list[ChannelImage] = []
    images = make_channel_images(model, layer, [channel], digits, seed, settings)
    yield from staged("Ascent", settings.steps, "steps", between(0, settings.steps, collect(images, made)), stop)
    yield folder.save_channel_image(made[0], 1)
    folder.remove_channel_images(2)
    if not made[0].dead:
        yield from _make_sheet(request, folder, made[0], digits, test_images, stop)
    if channel == WHOLE_LAYER:
        yield from _visualize_layer(request, folder, digits, test_images, stop)


def _make_sheet(
    request: VisualizeRequest,
    folder: VisualizationFolder,
    made: ChannelImage,
    digits: Responses,
    test_images: Image,
    stop: Stop,
) -> Iterator[Event]:
    """Make the sheet of a living channel."""
    model, settings = request.model, request.settings
    making = make_report(model, made, digits, test_images, request.seed, settings)
    steps = 2 * settings.steps
    report = yield from staged("Ascent for the sheet", steps, "steps", between(0, steps, making), stop)

    def draw() -> Written:
        return folder.save(
            channels.draw_report(model, report),
            "sheet.jpg",
            "Beside its opposite and test digits",
            channel=made.channel,
            activation=made.activation,
            details={"least_activation": report.least_activation},
        )

    yield from draw_all([draw], stop)


def _visualize_layer(
    request: VisualizeRequest, folder: VisualizationFolder, digits: Responses, test_images: Image, stop: Stop
) -> Iterator[Event]:
    """Make the pictures of all channels of a layer."""
    model, info = request.model, request.model.layer(request.layer)
    if info.number == 1 and first_filters(model) is not None:
        yield folder.save(channels.draw_filters(model), "filters.jpg", "The filters")
    images = yield from _make_atlas(request, folder, digits, stop)
    if info.is_output:
        images.sort(key=lambda each: each.channel)
        made = np.stack([each.image for each in images])
        probabilities = np.diagonal(model.probabilities(made))
        figure = channels.draw_digits(model, images, probabilities, test_images[digits.means.argmax(axis=0)])
        title = "The ten digits" if info.unit == "digit" else "The classes"
        details = {"probabilities": list(map(float, probabilities))}
        yield folder.save(figure, "digits.jpg", title, details=details)


def _make_atlas(
    request: VisualizeRequest, folder: VisualizationFolder, digits: Responses, stop: Stop
) -> Generator[Event, None, list[ChannelImage]]:
    """Make an atlas, of the channels that are finished when the flag is set, and return their images."""
    model, layer, count = request.model, request.layer, request.model.layer(request.layer).channels
    made: list[ChannelImage] = []
    interrupted: Interrupted | None = None
    images = make_channel_images(
        model, layer, range(count), digits, request.seed, request.settings, min(count, CHANNELS_AT_ONCE)
    )
    try:
        yield from staged("Ascent", count, "channels", collect(images, made), stop)
    except Interrupted as error:
        interrupted = error
    dead = sum(each.dead for each in made)
    if not interrupted or dead < len(made):
        details = {"channels": count, "finished": len(made), "dead": dead}

        def draw() -> Written:
            figure = channels.draw_atlas(model, layer, made)
            return folder.save(figure, "atlas.jpg", "All channels of the layer", details=details)

        yield from draw_all([draw], stop)
    if interrupted:
        raise interrupted
    return made


def visualize_image(request: VisualizeRequest, image: Image, test_images: Image, stop: Stop) -> Iterator[Event]:
    """Make the pictures about an image (28, 28), 0 to 255: the channels that it excites most, and how it is read.

    test_images: (N, 28, 28), 0 to 255.

    Raises:
        UserError: for a layer or folder that is not there, or cannot be used; Interrupted: when the flag is set, which
            leaves what is finished.
    """
    model, layer = request.model, request.layer
    model.layer(layer)
    folder = VisualizationFolder(request.output, layer, request.kept)
    means, network = image_means(model, layer, image), model.network()
    marked = [int(channel) for channel in np.argsort(-means, kind="stable")[:MARKED]]
    digits = yield from _read(request, test_images, stop, network)
    made: list[ChannelImage] = []
    images = make_channel_images(model, layer, marked, digits, request.seed, request.settings, len(marked))
    yield from staged("Ascent", len(marked), "channels", collect(images, made), stop)
    made.sort(key=lambda each: marked.index(each.channel))
    for place, each in enumerate(made, 1):
        yield folder.save_channel_image(each, place, float(means[each.channel]))
    folder.remove_channel_images(len(made) + 1)

    def draw_means() -> Written:
        figure = layers.draw_means(model, layer, means, marked)
        return folder.save(figure, "mean_activation_bar.jpg", "Mean activation of every channel")

    def draw_collage() -> Written:
        figure = layers.draw_collage(model, image, made, means)
        title = "The image and what excites these channels"
        return folder.save(figure, "collaged_feature_visualize.jpg", title)

    drawings = (draw_means, draw_collage, lambda: _draw_maps(model, folder, image))
    yield from draw_all([*drawings, lambda: _draw_reasons(network, folder, image)], stop)


def _draw_maps(model: Model, folder: VisualizationFolder, image: Image) -> Written:
    outputs = [model.activations(image, each.number)[0] for each in model.layers]
    title = "What every channel of every layer makes of it"
    return folder.save(layers.draw_maps(model, image, outputs), "activation_maps.jpg", title, layer=None)


def _draw_reasons(network: Network, folder: VisualizationFolder, image: Image) -> Written:
    model, reasons = network.model, find_reasons(network, image)
    title = f"Why it is read as {model.class_names[reasons.digit]} and not as {model.class_names[reasons.other]}"
    details = {
        "digit": reasons.digit,
        "confidence": reasons.probabilities[0],
        "runner_up": reasons.other,
        "runner_up_confidence": reasons.probabilities[1],
    }
    figure = explanation.draw_reasons(model, image, reasons)
    return folder.save(figure, "why.jpg", title, layer=None, details=details)


def _read(
    request: VisualizeRequest, test_images: Image, stop: Stop, network: Network | None = None
) -> Generator[Event, None, Responses]:
    reading = responses(request.model, request.layer, test_images, network)
    return (yield from staged("Reading test digits", len(test_images), "images", reading, stop))
