"""The pictures about a given image: the channels that it excites most, and how it is read."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from feature_visualize.activations import responses
from feature_visualize.attribution import find_reasons
from feature_visualize.portraits import make_portraits
from feature_visualize.request import MARKED, Request, Stages, Written


def image_pictures(
    request: Request, image: NDArray[np.uint8], images: NDArray[np.uint8], begin: Stages
) -> Iterator[Written]:
    """Make and write the pictures about an image (28, 28), 0 to 255; yields each when it is there.

    images: the test digits, (N, 28, 28), 0 to 255. What `begin` raises to stop leaves what is finished.

    Raises:
        UserError: for a layer or folder that is not there, or cannot be used.
    """
    layer, specs = request.layer, request.specs
    network = request.prepare()
    means = responses(network, layer, image[np.newaxis]).means[0]
    marked = [int(channel) for channel in np.argsort(-means, kind="stable")[:MARKED]]
    digits = responses(request.weights.network(), layer, images, begin("Reading test digits", len(images), "images"))
    steps = begin("Ascent", len(marked), "channels")
    maker = request.weights.network(len(marked))
    groups = make_portraits(maker, layer, marked, digits, request.seed, progress=steps)
    by_channel = {portrait.channel: portrait for group in groups for portrait in group}
    portraits = [by_channel[channel] for channel in marked]
    for place, portrait in enumerate(portraits, 1):
        yield request.save_portrait(portrait, place, float(means[portrait.channel]))
    request.remove_portraits(len(portraits) + 1)

    drawn = begin("Drawing", 4, "pictures")
    from feature_visualize import charts, explanation  # with matplotlib, which takes a while

    bars = charts.draw_means(specs, layer, means, marked)
    yield request.save(bars, "mean_activation_bar.jpg", "Mean activation of every channel")
    drawn(1)
    collage = charts.draw_collage(specs, image, portraits, means)
    yield request.save(collage, "collaged_feature_visualize.jpg", "The image and what excites these channels")
    drawn(2)
    outputs = [network.activations(image[np.newaxis], number)[0] for number in range(1, len(specs) + 1)]
    maps = explanation.draw_maps(specs, image, outputs)
    yield request.save(maps, "activation_maps.jpg", "What every channel of every layer makes of it", layer=None)
    drawn(3)
    reasons = find_reasons(request.weights.network(), image)
    yield request.save(
        explanation.draw_reasons(specs, image, reasons),
        "why.jpg",
        f"Why it is read as {reasons.digit} and not as {reasons.other}",
        layer=None,
        details={
            "digit": reasons.digit,
            "confidence": reasons.probabilities[0],
            "runner_up": reasons.other,
            "runner_up_confidence": reasons.probabilities[1],
        },
    )
    drawn(4)
