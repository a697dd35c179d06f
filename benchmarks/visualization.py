"""What visualizations reach, measured: python -m benchmarks.visualization [--weights FILE.npz] [--compare]."""

import argparse
from collections.abc import Iterator, Mapping, Sequence
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
from feature_visualize.prior import Prior, fit_prior
from feature_visualize.transformations import REACH, SIDE, Reach
from preprocessing.datasets import Dataset
from preprocessing.mnist import load_mnist
from routines.models import read_catalog
from routines.places import PLACES
from system.arrays import Array
from system.steps import finish

CHANNELS_AT_ONCE = 64
COMPARED = 32  # channels of a layer
SHIFTS = [(down, right) for down in (-1, 0, 1) for right in (-1, 0, 1) if down or right]

COMPARISON: dict[str, tuple[Settings, str]] = {
    "chosen": (SETTINGS, "digits"),
    "no transformations": (replace(SETTINGS, reach=Reach(0, 0, 0)), "digits"),
    "shifts only": (replace(SETTINGS, reach=replace(REACH, rotation=0, scale=0)), "digits"),
    "half the reach": (replace(SETTINGS, reach=REACH.times(0.5)), "digits"),
    "twice the reach": (replace(SETTINGS, reach=REACH.times(2)), "digits"),
    "no total variation": (replace(SETTINGS, total_variation=0), "digits"),
    "10 times the total variation": (replace(SETTINGS, total_variation=10 * SETTINGS.total_variation), "digits"),
    "no prior": (replace(SETTINGS, prior=0), "digits"),
    "a third of the prior": (replace(SETTINGS, prior=SETTINGS.prior / 3), "digits"),
    "3 times the prior": (replace(SETTINGS, prior=3 * SETTINGS.prior), "digits"),
    "a price of ink in place of the prior": (replace(SETTINGS, prior=0.001), "ink"),
    "a price of ink in the border in place of the prior": (replace(SETTINGS, prior=0.01), "border"),
    "a price of both in place of the prior": (replace(SETTINGS, prior=0.004), "ink and border"),
    "a price of what 64 principal components lack in place of the prior": (replace(SETTINGS, prior=0.01), "components"),
    "a tenth of the noise at the start": (replace(SETTINGS, noise=SETTINGS.noise / 10), "digits"),
    "half the steps": (replace(SETTINGS, steps=SETTINGS.steps // 2), "digits"),
    "twice the steps": (replace(SETTINGS, steps=2 * SETTINGS.steps), "digits"),
    "half the learning rate": (replace(SETTINGS, learning_rate=SETTINGS.learning_rate / 2), "digits"),
    "none of them: no transformations, prices or noise": (
        replace(SETTINGS, reach=Reach(0, 0, 0), total_variation=0, prior=0, noise=0.01),
        "digits",
    ),
}


@dataclass(frozen=True)
class Figures:
    """What the portraits of a layer reach.

    living: how many channels are not dead, of those made. above: the share of them above the best test digit; ratio:
    the median of how many times as high. kept: the median share of the value that is kept under a shift of one pixel,
    mean of eight directions; kept_70: of how many at least 70%. variation: the median total variation for a lit pixel,
    as a multiple of that of real digits. ink: the median brightness in sum, as a multiple of the same. border: the
    median share of the ink that lies outside the middle 20x20 pixels. near: the median cosine of the most similar of
    10,000 training digits. probability: the lowest with which the ten digits are read, in the last layer.
    """

    living: int
    channels: int
    above: float
    ratio: float
    kept: float
    kept_70: float
    variation: float
    ink: float
    border: float
    near: float
    probability: float | None
    seconds: float

    def cells(self) -> str:
        """The figures as cells of a table."""
        read = "" if self.probability is None else f"{self.probability:.2%}"
        return (
            f"{self.living} of {self.channels} | {self.above:.1%} | {self.ratio:.2f} | {self.kept:.0%} | "
            f"{self.kept_70:.1%} | {self.variation:.2f} | {self.ink:.2f} | {self.border:.0%} | {self.near:.2f} | "
            f"{read} | {self.seconds:.1f}"
        )


HEADING = (
    "live channels | above the best of 10,000 digits | times it, median | kept under shifts, median | "
    "keep 70% | total variation, of real digits' | ink, of real digits' | ink in the border | nearest training digit | "
    "digits read, lowest | s |\n" + "|---" * 12
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
    data = load_mnist()
    priors = _priors(data.x_test)
    for model in map(Model.load, options.weights) if options.weights else read_catalog(PLACES).models:
        for line in _table(model, data, priors, options.layer, options.compare):
            Console().print(line, soft_wrap=True, markup=False, highlight=False)


def _priors(digits: NDArray[np.uint8]) -> dict[str, Prior]:
    """The prior of digits (N, 28, 28), and prices of ink, of ink in the border and of what components lack."""
    digits_prior = fit_prior(digits)
    pixels = digits_prior.mean.size
    ink, border = np.eye(pixels, dtype=np.float32), np.diag(_border().ravel().astype(np.float32))
    components = np.linalg.eigh(digits_prior.precision)[1][:, :64].astype(np.float32)  # least precise, most varied
    nothing = np.zeros(pixels, np.float32)
    return {
        "digits": digits_prior,
        "ink": Prior(nothing, ink),
        "border": Prior(nothing, border),
        "ink and border": Prior(nothing, ink + border),
        "components": Prior(digits_prior.mean, ink - components @ components.T),
    }


def _border() -> NDArray[np.bool_]:
    """Which pixels lie outside the middle 20x20, which MNIST scales digits to, (28, 28)."""
    border = np.ones((SIDE, SIDE), bool)
    border[4:-4, 4:-4] = False
    return border


def _table(
    model: Model, data: Dataset, priors: Mapping[str, Prior], layers: Sequence[int] | None, compare: bool
) -> Iterator[str]:
    variants = COMPARISON if compare else {"chosen": COMPARISON["chosen"]}
    yield f"`{model.string}`\n\n| {'settings, layer' if compare else 'layer'} | {HEADING}|"
    for layer in layers or list(model.arrays()):
        for name, (settings, prior) in variants.items():
            figures = measure(model, layer, data, priors[prior], settings, COMPARED if compare else None)
            place = f"{name}, {layer}" if compare else f"{layer}, {model.specs[layer - 1]}"
            yield f"| {place} | {figures.cells()} |"


def measure(
    model: Model, layer: int, data: Dataset, prior: Prior, settings: Settings, most: int | None = None
) -> Figures:
    """The figures of a layer, of all its channels or of `most`, spread evenly."""
    digits = data.x_test
    answers = finish(responses(model, layer, digits))
    count = answers.means.shape[1]
    channels = np.unique(np.linspace(0, count - 1, min(most or count, count)).astype(int)).tolist()
    start = perf_counter()
    making = make_channel_images(model, layer, channels, answers, prior, 0, settings, CHANNELS_AT_ONCE)
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
        float(np.median(made.sum(axis=(1, 2))) / np.median(digits.sum(axis=(1, 2)))),
        float(np.median(made[:, _border()].sum(axis=1) / np.maximum(made.sum(axis=(1, 2)), 1))),
        float(np.median(_nearest(made, data.x_train[:10_000]))),
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


def _nearest(images: NDArray[np.uint8], others: NDArray[np.uint8]) -> Array:
    """The cosine of each image (n, 28, 28) and the most similar of others, (n,)."""
    first, second = (each.reshape(len(each), -1).astype(np.float32) for each in (images, others))
    first /= np.maximum(np.linalg.norm(first, axis=1, keepdims=True), 1)
    second /= np.linalg.norm(second, axis=1, keepdims=True)
    nearest: Array = (first @ second.T).max(axis=1)
    return nearest


if __name__ == "__main__":
    main()
