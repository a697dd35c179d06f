"""The pictures of a channel, or of a layer as a whole."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnn.architecture import Convolution
from feature_visualize.activations import Responses, responses
from feature_visualize.ascent import SETTINGS
from feature_visualize.portraits import Portrait, check_channel, make_portraits
from feature_visualize.request import Request, Stages, Written
from feature_visualize.study import make_study
from feature_visualize.targets import WHOLE_LAYER

CHANNELS_AT_ONCE = 16  # what Ctrl-C keeps of an atlas are the groups that are finished


def channel_pictures(request: Request, channel: int, images: NDArray[np.uint8], begin: Stages) -> Iterator[Written]:
    """Make and write the pictures of a channel, from 0, or of WHOLE_LAYER; yields each when it is there.

    images: the test digits, (N, 28, 28), 0 to 255. What `begin` raises to stop leaves what is finished, and an atlas of
    the channels that are.

    Raises:
        UserError: for a layer, channel or folder that is not there, or cannot be used.
    """
    layer, seed = request.layer, request.seed
    network = request.prepare()
    check_channel(network, layer, channel)
    digits = responses(request.weights.network(), layer, images, begin("Reading test digits", len(images), "images"))
    ((portrait,),) = make_portraits(network, layer, [channel], digits, seed, progress=_steps(begin, "Ascent"))
    yield request.save_portrait(portrait, 1)
    request.remove_portraits(2)
    if not portrait.dead:
        study = make_study(network, portrait, digits, images, seed, progress=_steps(begin, "Ascent for the sheet", 2))
        drawn = begin("Drawing", 1, "pictures")
        from feature_visualize.sheets import draw_study  # with matplotlib, which takes a while

        yield request.save(
            draw_study(request.specs, study),
            "sheet.jpg",
            "Beside its opposite and test digits",
            channel=channel,
            activation=portrait.activation,
            details={"least_activation": study.least_activation},
        )
        drawn(1)
    if channel == WHOLE_LAYER:
        yield from _layer_pictures(request, digits, images, begin)


def _steps(begin: Stages, title: str, climbs: int = 1) -> Callable[[float], None]:
    """Begins a stage that counts the steps of so many climbs, and is told the share that is done."""
    steps = climbs * SETTINGS.steps
    show = begin(title, steps, "steps")
    return lambda share: show(share * steps)


def _layer_pictures(request: Request, digits: Responses, images: Any, begin: Stages) -> Iterator[Written]:
    from feature_visualize.sheets import draw_atlas, draw_digits, draw_filters

    layer, specs = request.layer, request.specs
    if layer == 1 and isinstance(specs[0], Convolution):
        filters, _ = request.weights.arrays[1]
        yield request.save(draw_filters(specs, filters[:, 0]), "filters.jpg", "The filters")
    count = digits.means.shape[1]
    network = request.weights.network(min(count, CHANNELS_AT_ONCE))
    portraits: list[Portrait] = []
    stopped: KeyboardInterrupt | None = None
    try:
        steps = begin("Ascent", count, "channels")
        for group in make_portraits(network, layer, range(count), digits, request.seed, progress=steps):
            portraits += group
    except KeyboardInterrupt as error:
        stopped = error
    if not stopped or not all(portrait.dead for portrait in portraits):
        drawn = begin("Drawing", 1, "pictures")
        dead = sum(portrait.dead for portrait in portraits)
        details: dict[str, Any] = {"channels": count, "finished": len(portraits), "dead": dead}
        figure = draw_atlas(specs, layer, portraits, count)
        yield request.save(figure, "atlas.jpg", "All channels of the layer", details=details)
    if stopped:
        raise stopped
    drawn(1)
    if layer == len(specs):
        portraits.sort(key=lambda portrait: portrait.channel)
        made = np.stack([portrait.image for portrait in portraits])
        probabilities = np.diagonal(network.probabilities(made))
        figure = draw_digits(specs, portraits, probabilities, images[digits.means.argmax(axis=0)])
        yield request.save(
            figure, "digits.jpg", "The ten digits", details={"probabilities": list(map(float, probabilities))}
        )
