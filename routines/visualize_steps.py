"""What the stages of a visualization share: what is asked for, the test images, and how stages go."""

from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cnn.model import Model
from cnn.network import Network
from feature_visualize.activations import Responses, responses
from feature_visualize.ascent import SETTINGS, Settings
from feature_visualize.channel_images import ChannelImage
from feature_visualize.prior import Prior, fit_prior
from routines.events import Event, Interrupted, Progressed, Stop, Written, staged
from system.steps import Steps

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


@dataclass(frozen=True)
class TestImages:
    """The test images (N, 28, 28), 0 to 255, what the layer makes of them, and the prior that they give."""

    images: Image
    digits: Responses
    prior: Prior


def read_test_images(
    request: VisualizeRequest, images: Image, stop: Stop, network: Network | None = None
) -> Generator[Event, None, TestImages]:
    """Read the test images with the layer, as a stage, and return what is needed of them."""
    reading = responses(request.model, request.layer, images, network)
    digits = yield from staged("Reading test digits", len(images), "images", reading, stop)
    return TestImages(images, digits, fit_prior(images))


def collect(making: Iterator[float | list[ChannelImage]], made: list[ChannelImage]) -> Steps[None]:
    """Gather the groups of images that are finished, and pass on how many channels are done."""
    for each in making:
        if isinstance(each, list):
            made += each
        else:
            yield each


def draw_all(drawings: Sequence[Callable[[], Written]], stop: Stop) -> Iterator[Event]:
    """Draw and write some pictures as a stage, which the flag stops after any of them."""
    yield Progressed("Drawing", 0, len(drawings), "pictures")
    for done, drawing in enumerate(drawings, 1):
        yield drawing()
        yield Progressed("Drawing", done, len(drawings), "pictures")
        if stop.is_set():
            raise Interrupted
