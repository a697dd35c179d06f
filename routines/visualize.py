"""Visualization: pictures of what excites a channel or a layer, or of how a given image is read."""

from collections.abc import Callable, Generator, Iterator, Sequence
from functools import partial

import numpy as np

from cnn.model import Model
from cnn.network import Network
from feature_visualize.activations import image_means
from feature_visualize.attribution import find_reasons
from feature_visualize.channel_images import ChannelImage, check_channel, make_channel_images
from feature_visualize.channel_report import first_filters
from feature_visualize.firing import find_firing
from feature_visualize.objectives import WHOLE_LAYER
from figures import atlas, channels
from figures.collage import draw_collage
from figures.explanation import draw_reasons
from figures.maps import draw_maps
from figures.means import draw_means
from routines.events import Event, Interrupted, Stop, Written, staged
from routines.visualize_channel import make_sheet
from routines.visualize_files import MARKED, VisualizationFolder, page_name
from routines.visualize_steps import Image, TestImages, VisualizeRequest, collect, draw_all, read_test_images
from system.steps import between

__all__ = ["VisualizeRequest", "visualize_channel", "visualize_image"]

CHANNELS_AT_ONCE = 32  # what a flag leaves of an atlas are the groups that are finished


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
    test = yield from read_test_images(request, test_images, stop)
    made: list[ChannelImage] = []
    images = make_channel_images(model, layer, [channel], test.digits, test.prior, seed, settings)
    yield from staged("Ascent", settings.steps, "steps", between(0, settings.steps, collect(images, made)), stop)
    yield from folder.save_channel_image(model, made[0], 1)
    folder.remove_channel_images(2)
    if not made[0].dead:
        yield from make_sheet(request, folder, made[0], test, stop)
    if channel == WHOLE_LAYER:
        yield from _visualize_layer(request, folder, test, stop)


def _visualize_layer(
    request: VisualizeRequest, folder: VisualizationFolder, test: TestImages, stop: Stop
) -> Iterator[Event]:
    """Make the pictures of all channels of a layer."""
    model, info = request.model, request.model.layer(request.layer)
    if info.number == 1 and first_filters(model) is not None:
        yield folder.save(atlas.draw_filters(model), "filters.jpg", "The filters")
    images = yield from _make_atlas(request, folder, test, stop)
    if info.is_output:
        images.sort(key=lambda each: each.channel)
        made = np.stack([each.image for each in images])
        probabilities = np.diagonal(model.probabilities(made))
        figure = channels.draw_digits(model, images, probabilities, test.images[test.digits.means.argmax(axis=0)])
        title = "The ten digits" if info.unit == "digit" else "The classes"
        details = {"probabilities": list(map(float, probabilities))}
        yield folder.save(figure, "digits.jpg", title, details=details)


def _make_atlas(
    request: VisualizeRequest, folder: VisualizationFolder, test: TestImages, stop: Stop
) -> Generator[Event, None, list[ChannelImage]]:
    """Make an atlas, of the channels that are finished when the flag is set, and return their images."""
    model, layer, count = request.model, request.layer, request.model.layer(request.layer).channels
    made: list[ChannelImage] = []
    interrupted: Interrupted | None = None
    images = make_channel_images(
        model,
        layer,
        range(count),
        test.digits,
        test.prior,
        request.seed,
        request.settings,
        min(count, CHANNELS_AT_ONCE),
    )
    try:
        yield from staged("Ascent", count, "channels", collect(images, made), stop)
    except Interrupted as error:
        interrupted = error
    dead = sum(each.dead for each in made)
    if not interrupted or dead < len(made):
        yield from draw_all(_draw_atlas(request, folder, made), stop)
    if interrupted:
        raise interrupted
    return made


def _draw_atlas(
    request: VisualizeRequest, folder: VisualizationFolder, made: Sequence[ChannelImage]
) -> list[Callable[[], Written]]:
    """Return what draws the pages of an atlas that have a channel, and remove what an earlier run left of others."""
    model, layer, count = request.model, request.layer, request.model.layer(request.layer).channels
    details = {"channels": count, "finished": len(made), "dead": sum(each.dead for each in made)}
    pages = [page for page in atlas.pages_of(count) if any(each.channel in page for each in made)]

    def draw(number: int, page: range) -> Written:
        title = "All channels of the layer" + (f", page {number} of {len(pages)}" if len(pages) > 1 else "")
        return folder.save(atlas.draw_atlas(model, layer, made, page), page_name(number), title, details=details)

    folder.remove_pages(len(pages) + 1)
    return [partial(draw, number, page) for number, page in enumerate(pages, 1)]


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
    test = yield from read_test_images(request, test_images, stop, network)
    made: list[ChannelImage] = []
    images = make_channel_images(
        model, layer, marked, test.digits, test.prior, request.seed, request.settings, len(marked)
    )
    yield from staged("Ascent", len(marked), "channels", collect(images, made), stop)
    made.sort(key=lambda each: marked.index(each.channel))
    for place, each in enumerate(made, 1):
        yield from folder.save_channel_image(model, each, place, float(means[each.channel]))
    folder.remove_channel_images(len(made) + 1)

    def draw_bars() -> Written:
        figure = draw_means(model, layer, means, marked)
        return folder.save(figure, "mean_activation_bar.jpg", "Mean activation of every channel")

    def draw_places() -> Written:
        firings = [find_firing(network, image, layer, each.channel) for each in made]
        figure = draw_collage(model, image, made, means, firings)
        title = "Where the image excites these channels, and what would excite them most"
        return folder.save(figure, "collaged_feature_visualize.jpg", title)

    drawings = (draw_bars, draw_places, lambda: _draw_maps(model, folder, image))
    yield from draw_all([*drawings, lambda: _draw_reasons(network, folder, image)], stop)


def _draw_maps(model: Model, folder: VisualizationFolder, image: Image) -> Written:
    outputs = [model.activations(image, each.number)[0] for each in model.layers]
    title = "What every channel of every layer makes of it"
    return folder.save(draw_maps(model, image, outputs), "activation_maps.jpg", title, layer=None)


def _draw_reasons(network: Network, folder: VisualizationFolder, image: Image) -> Written:
    model, reasons = network.model, find_reasons(network, image)
    title = f"Why it is read as {model.class_names[reasons.digit]} and not as {model.class_names[reasons.other]}"
    details = {
        "digit": reasons.digit,
        "confidence": reasons.probabilities[0],
        "runner_up": reasons.other,
        "runner_up_confidence": reasons.probabilities[1],
    }
    figure = draw_reasons(model, image, reasons)
    return folder.save(figure, "why.jpg", title, layer=None, details=details)
