"""Whether a confidence is the share of right answers: on the test digits, and on real pictures.

python -m benchmarks.calibration [FOLDER] [--models M ...]

FOLDER is as in benchmarks.pictures. Each network is measured as it is, and with its temperature.
"""

import argparse
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from benchmarks.pictures import find, read_cases
from benchmarks.results import publish
from cnn.architecture import parse
from cnn.model import Model
from figures.style import BLUE, VERMILION
from preprocessing.mnist import load_mnist
from preprocessing.steps import STEPS
from routines.models import SHIPPED, find_model
from routines.places import PLACES
from system.arrays import Array

EDGES = (0, 0.6, 0.8, 0.9, 0.95, 0.99, 1)  # of bins of confidence, finer where nearly all answers are
CLIPPED = 1e-12  # the least probability whose logarithm is taken


@dataclass(frozen=True)
class Reliability:
    """How good the confidences of some answers are.

    accuracy, confidence: their means, 0 to 1. error: expected calibration error, how far the two are apart in each bin
    of EDGES, averaged over the answers. loss: mean cross-entropy, nats. bins: (bins, 3), of each that has answers both
    means and their number.

    Source: Guo, Pleiss, Sun & Weinberger, ICML 2017 (arXiv 1706.04599).
    """

    answers: int
    accuracy: float
    confidence: float
    error: float
    loss: float
    surest_mistake: float
    bins: Array


def reliability(probabilities: Array, labels: Array) -> Reliability:
    """Of probabilities (N, 10) and labels (N,)."""
    confidences, right = probabilities.max(axis=1), probabilities.argmax(axis=1) == labels
    places = np.digitize(confidences, EDGES[1:-1])
    parts = [places == place for place in np.unique(places)]
    bins = np.array([(confidences[part].mean(), right[part].mean(), part.sum()) for part in parts])
    error = (bins[:, 2] * np.abs(bins[:, 0] - bins[:, 1])).sum() / len(labels)
    losses = -np.log(np.maximum(probabilities[np.arange(len(labels)), labels], CLIPPED))
    return Reliability(
        len(labels),
        float(right.mean()),
        float(confidences.mean()),
        float(error),
        float(losses.mean()),
        float(confidences[~right].max(initial=0)),
        bins,
    )


def both(model: Model, images: Array, labels: Array) -> dict[str, Reliability]:
    """The reliability of a network as it is, and with its temperature."""
    logits = model.logits(images)
    variants = {"as it is": 1.0, f"temperature {model.temperature:.2f}": model.temperature}
    return {
        name: reliability(replace(model, temperature=temperature).to_probabilities(logits), labels)
        for name, temperature in variants.items()
    }


def pictures(folder: Path) -> tuple[Array, Array]:
    """The digits found on pictures of one, (N, 28, 28), and their labels; those with none or several are left out."""
    found = [(find(STEPS, case), int(case.number)) for case in read_cases(folder)[0]]
    chosen = [(images[0], label) for images, label in found if len(images) == 1]
    return np.stack([image for image, _ in chosen]), np.array([label for _, label in chosen])


def table(model: str, found: dict[str, dict[str, Reliability]]) -> str:
    """One model's figures as Markdown."""
    lines = [
        f"`{model}`\n",
        "| images | network | right | mean confidence | calibration error | cross-entropy | surest mistake |",
        "|---" * 7 + "|",
    ]
    for images, by_temperature in found.items():
        for name, each in by_temperature.items():
            cells = f"{each.accuracy:.2%} | {each.confidence:.2%} | {each.error:.2%} | {each.loss:.4f}"
            lines.append(f"| {each.answers:,} {images} | {name} | {cells} | {each.surest_mistake:.3%} |")
    return "\n".join(lines)


def plot(found: dict[str, dict[str, dict[str, Reliability]]]) -> Figure:
    """A panel for each model and kind of images: accuracy against confidence, in bins."""
    kinds = list(next(iter(found.values())))
    figure = Figure(figsize=(4.6 * len(found), 4.6 * len(kinds)), layout="constrained")
    grid = figure.subplots(len(kinds), len(found), squeeze=False)
    for column, (model, by_kind) in enumerate(found.items()):
        for row, kind in enumerate(kinds):
            _panel(grid[row, column], f"{model}\n{kind}", by_kind[kind])
    return figure


def _panel(axes: Any, title: str, found: dict[str, Reliability]) -> None:
    axes.plot((0, 1), (0, 1), color="0.6", linewidth=1)
    for (name, each), colour, marker in zip(found.items(), (VERMILION, BLUE), ("s--", "o-"), strict=True):
        confidences, shares, counts = each.bins.T
        axes.plot(confidences, shares, marker, color=colour, label=f"{name}: error {each.error:.2%}", markersize=5)
        # What chance alone does to a share of so few answers.
        axes.errorbar(confidences, shares, np.sqrt(shares * (1 - shares) / counts), fmt="none", color=colour, alpha=0.5)
    axes.set(xlabel="mean confidence", ylabel="share that is right", xlim=(0.3, 1.02), ylim=(-0.03, 1.05))
    axes.set_title(title, fontsize=9)
    axes.grid(alpha=0.3)
    axes.legend(fontsize=9, loc="lower right")


def main() -> None:
    """Measure and publish."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, nargs="?")
    parser.add_argument("--models", nargs="+", default=SHIPPED)
    options = parser.parse_args()
    data = load_mnist()
    sets = {"test digits": (data.x_test, data.y_test)}
    if options.folder:
        sets["real pictures"] = pictures(options.folder)
    found = {
        model: {name: both(find_model(PLACES, parse(model)), *each) for name, each in sets.items()}
        for model in options.models
    }
    publish("calibration", "\n\n".join(table(model, each) for model, each in found.items()), plot(found))


if __name__ == "__main__":
    main()
