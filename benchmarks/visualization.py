"""What visualizations reach, measured: python -m benchmarks.visualization [--weights FILE.npz] [--compare]."""

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from time import perf_counter

import numpy as np
from numpy.typing import NDArray
from rich.console import Console

from cnn.model import Model
from feature_visualize.activations import responses
from feature_visualize.ascent import SETTINGS, Settings
from feature_visualize.channel_images import ChannelImage, make_channel_images
from feature_visualize.transformations import REACH, Reach
from preprocessing.mnist import load_mnist
from routines.models import read_catalog
from routines.places import PLACES
from system.arrays import Array
from system.steps import finish

CHANNELS_AT_ONCE = 64
COMPARED = 32  # channels of a layer
SHIFTS = [(down, right) for down in (-1, 0, 1) for right in (-1, 0, 1) if down or right]

COMPARISON = {
    "chosen": SETTINGS,
    "no transformations": replace(SETTINGS, reach=Reach(0, 0, 0)),
    "shifts only": replace(SETTINGS, reach=replace(REACH, rotation=0, scale=0)),
    "half the reach": replace(SETTINGS, reach=REACH.times(0.5)),
    "twice the reach": replace(SETTINGS, reach=REACH.times(2)),
    "no total variation": replace(SETTINGS, total_variation=0),
    "10 times the total variation": replace(SETTINGS, total_variation=10 * SETTINGS.total_variation),
    "no price of brightness": replace(SETTINGS, brightness=0),
    "4 times the price of brightness": replace(SETTINGS, brightness=4 * SETTINGS.brightness),
    "a tenth of the noise at the start": replace(SETTINGS, noise=SETTINGS.noise / 10),
    "half the steps": replace(SETTINGS, steps=SETTINGS.steps // 2),
    "twice the steps": replace(SETTINGS, steps=2 * SETTINGS.steps),
    "half the learning rate": replace(SETTINGS, learning_rate=SETTINGS.learning_rate / 2),
    "none of them: no transformations, prices or noise": replace(
        SETTINGS, reach=Reach(0, 0, 0), total_variation=0, brightness=0, noise=0.01
    ),
}


@dataclass(frozen=True)
class Figures:
    """What the portraits of a layer reach.

    living: how many channels are not dead, of those made. above: the share of them above the best test digit; ratio:
    the median of how many times as high. kept: the median share of the value that is kept under a shift of one pixel,
    mean of eight directions; kept_70: of how many at least 70%. variation: the median total variation for a lit pixel,
    as a multiple of that of real digits. probability: the lowest with which the ten digits are read, in the last layer.
    """

    living: int
    channels: int
    above: float
    ratio: float
    kept: float
    kept_70: float
    variation: float
    probability: float | None
    seconds: float

    def cells(self) -> str:
        """The figures as cells of a table."""
        read = "" if self.probability is None else f"{self.probability:.2%}"
        return (
            f"{self.living} of {self.channels} | {self.above:.1%} | {self.ratio:.2f} | {self.kept:.0%} | "
            f"{self.kept_70:.1%} | {self.variation:.2f} | {read} | {self.seconds:.1f}"
        )


HEADING = (
    "live channels | above the best of 10,000 digits | times it, median | kept under shifts, median | "
    "keep 70% | total variation, of real digits' | digits read, lowest | s |\n" + "|---" * 9
)


def main() -> None:
    """Measure the models, or with --compare what each setting brings to one."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--weights", type=Path, action="append", help="a weight file in place of weight_output's")
    parser.add_argument("--layer", type=int, action="append", help="only this layer")
    parser.add_argument(
        "--compare", action="store_true", help=f"other settings too, on {COMPARED} channels of each layer"
    )
    options = parser.parse_args()
    digits = load_mnist().x_test
    for model in map(Model.load, options.weights) if options.weights else read_catalog(PLACES).models:
        for line in _table(model, digits, options.layer, options.compare):
            Console().print(line, soft_wrap=True, markup=False, highlight=False)


def _table(model: Model, digits: NDArray[np.uint8], layers: Sequence[int] | None, compare: bool) -> Iterator[str]:
    settings = COMPARISON if compare else {"chosen": SETTINGS}
    yield f"`{model.string}`\n\n| {'settings, layer' if compare else 'layer'} | {HEADING}|"
    for layer in layers or list(model.arrays()):
        for name, each in settings.items():
            figures = measure(model, layer, digits, each, COMPARED if compare else None)
            place = f"{name}, {layer}" if compare else f"{layer}, {model.specs[layer - 1]}"
            yield f"| {place} | {figures.cells()} |"


def measure(
    model: Model, layer: int, digits: NDArray[np.uint8], settings: Settings, most: int | None = None
) -> Figures:
    """The figures of a layer, of all its channels or of `most`, spread evenly."""
    answers = finish(responses(model, layer, digits))
    count = answers.means.shape[1]
    channels = np.unique(np.linspace(0, count - 1, min(most or count, count)).astype(int)).tolist()
    start = perf_counter()
    making = make_channel_images(model, layer, channels, answers, 0, settings, CHANNELS_AT_ONCE)
    groups = [each for each in making if isinstance(each, list)]
    seconds = perf_counter() - start
    living = [each for group in groups for each in group if not each.dead]
    made = np.stack([each.image for each in living])
    reached = np.array([each.activation for each in living])
    best = np.array([each.highest for each in living])
    shifted = [_activations(model, layer, _shift(made, *shift), living) for shift in SHIFTS]
    kept = np.mean(shifted, axis=0) / np.maximum(reached, 1e-9)
    probability = None
    if model.layer(layer).is_output and len(living) == model.classes:
        probability = float(np.diagonal(model.probabilities(made)).min())
    return Figures(
        len(living),
        len(channels),
        float((reached > best).mean()),
        float(np.median(reached / best)),
        float(np.median(kept)),
        float((kept >= 0.7).mean()),
        float(np.median(_variation(made)) / np.median(_variation(digits))),
        probability,
        seconds,
    )


def _activations(model: Model, layer: int, images: NDArray[np.uint8], made: list[ChannelImage]) -> Array:
    """Of each image (n, 28, 28) the activation of its own channel, (n,)."""
    means = finish(responses(model, layer, images)).means
    chosen: Array = means[np.arange(len(images)), [each.channel for each in made]]
    return chosen


def _shift(images: NDArray[np.uint8], down: int, right: int) -> NDArray[np.uint8]:
    padded = np.pad(images, ((0, 0), (1, 1), (1, 1)))
    side = images.shape[1]
    return padded[:, 1 - down : 1 - down + side, 1 - right : 1 - right + side]


def _variation(images: NDArray[np.uint8]) -> Array:
    """Total variation for a lit pixel, (n,): differences between neighbours over brightness, both summed; 0 if dark."""
    values = images.astype(np.float32)
    total = np.abs(np.diff(values, axis=1)).sum(axis=(1, 2)) + np.abs(np.diff(values, axis=2)).sum(axis=(1, 2))
    variation: Array = total / np.maximum(values.sum(axis=(1, 2)), 255)
    return variation


if __name__ == "__main__":
    main()
