"""How well real pictures of digits are read, by kind and by step of what happens to them.

python -m benchmarks.pictures FOLDER [--models M ...]

FOLDER has labels.csv with the columns path, label, source and kind, and perhaps labels_multi.csv with path and digits,
for pictures of several digits. A picture is read right where its whole number is; a step is left out for the second
table, which is read by the first model.
"""

import argparse
import csv
from collections import defaultdict
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
from matplotlib.figure import Figure
from rich.console import Console
from rich.progress import track

from benchmarks.results import publish
from cnn import Array
from cnn.architecture import parse
from cnn.network import Network
from cnn.processes import SPAWN
from cnn.workers import available_cores
from feature_visualize.palette import BLUE, VERMILION
from menu.catalog import find_model
from menu.make_models import MODELS
from preprocessing import digit
from preprocessing.picture import read_picture

# Each step, where it is called, and what takes its place.
STEPS: dict[str, tuple[str, Any]] = {
    "the table around the paper cut off": ("digit.find_paper", lambda grey: (0, 0, grey.shape[1], grey.shape[0])),
    "dark or light ink told from the picture": ("digit.is_dark_on_light", lambda grey: True),
    "a closer look at where the digits are": ("digit.LOOKS", 1),
    "light and shadow removed": ("ink.remove_light", lambda grey: np.maximum(grey - np.median(grey), 0)),
    "ruled and squared lines removed": ("ink.remove_rules", lambda strength: strength),
    "faint ends of strokes kept": ("ink.connect_faint", lambda strength: strength > 1),
    "frames and edges left out": ("pieces.leave_out_frame", lambda pieces, labels: pieces),
    "parts of a digit joined": ("pieces.join_parts", lambda pieces: pieces),
    "strokes widened or thinned": ("form.wanted_width", lambda width: width),
    "MNIST's form left as it is": ("digit.is_mnist_form", lambda picture: False),
}


@dataclass(frozen=True)
class Case:
    """A picture and what it shows."""

    path: Path
    number: str
    source: str
    kind: str


def read_cases(folder: Path) -> tuple[list[Case], list[Case]]:
    """The pictures of single digits, and those of several."""
    with (folder / "labels.csv").open(encoding="utf-8", newline="") as file:
        single = [Case(folder / row["path"], row["label"], row["source"], row["kind"]) for row in csv.DictReader(file)]
    several = []
    if (folder / "labels_multi.csv").exists():
        with (folder / "labels_multi.csv").open(encoding="utf-8", newline="") as file:
            several = [Case(folder / row["path"], row["digits"], "", "several digits") for row in csv.DictReader(file)]
    return single, several


def find(without: str, case: Case) -> list[Array]:
    """The images of a picture's digits, in order, without a step."""
    with ExitStack() as stack:
        if without:
            target, replacement = STEPS[without]
            stack.enter_context(patch(f"preprocessing.{target}", replacement))
        return [found.image for found in digit.find_digits(read_picture(case.path).pixels).digits]


def read(network: Network, images: list[Array]) -> str:
    """The number that the images show."""
    return "".join(map(str, network.probabilities(np.stack(images)).argmax(axis=1))) if images else ""


def by_kind(single: list[Case], several: list[Case], numbers: dict[str, list[str]]) -> str:
    """The share read right of each kind, by model, as Markdown; `numbers` are of `single` and then of `several`."""
    lines = [
        f"| kind | pictures | {' | '.join(f'`{model}`' for model in numbers)} |",
        "|---" * (2 + len(numbers)) + "|",
    ]
    right = {
        model: np.array([n == c.number for n, c in zip(each, single, strict=False)]) for model, each in numbers.items()
    }

    def add(name: str, count: int, shares: Iterable[float]) -> None:
        lines.append(f"| {name} | {count} | {' | '.join(f'{share:.1%}' for share in shares)} |")

    for kind in sorted({case.kind for case in single}):
        chosen = np.array([case.kind == kind for case in single])
        add(kind, int(chosen.sum()), [each[chosen].mean() for each in right.values()])
    add("**all**", len(single), [each.mean() for each in right.values()])
    sources = np.array([case.source for case in single])
    names = sorted(set(sources))
    means = [np.mean([each[sources == name].mean() for name in names]) for each in right.values()]
    add(f"mean over {len(names)} sources", len(single), means)
    if several:
        cells = [f"{_in_order(each[len(single) :], several):.1%}" for each in numbers.values()]
        lines.append(f"| digits in order, of several on a picture | {len(several)} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _in_order(numbers: list[str], cases: list[Case]) -> float:
    """The share of digits that were read right and in order."""
    found = 0
    for text, case in zip(numbers, cases, strict=True):
        blocks = SequenceMatcher(None, text, case.number, autojunk=False).get_matching_blocks()
        found += sum(block.size for block in blocks)
    return found / sum(len(case.number) for case in cases)


def plot(shares: dict[str, float], every: float) -> Figure:
    """What is misread without each step."""
    figure = Figure(figsize=(8, 0.4 * len(shares) + 1.2), layout="constrained")
    axes = figure.subplots()
    names = sorted(shares, key=lambda name: shares[name], reverse=True)
    bars = axes.barh(names, [100 - 100 * shares[name] for name in names], color=BLUE)
    axes.bar_label(bars, fmt="{:.1f}", padding=3)
    axes.axvline(100 - 100 * every, color=VERMILION, label=f"with every step: {100 - 100 * every:.1f}%")
    axes.set_xlabel("pictures misread without this step, %")
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(loc="lower right")
    return figure


def main() -> None:
    """Measure and publish."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--models", nargs="+", default=MODELS[::-1])
    options = parser.parse_args()
    single, several = read_cases(options.folder)
    networks = {model: find_model(parse(model)).network() for model in options.models}
    first = next(iter(networks.values()))
    with ProcessPoolExecutor(available_cores(), SPAWN) as pool:

        def found(without: str, cases: list[Case]) -> Iterator[list[Array]]:
            return pool.map(partial(find, without), cases, chunksize=8)

        images = list(found("", single + several))
        shares: dict[str, float] = {}
        for step in track(STEPS, console=Console(stderr=True)):
            pairs = zip(found(step, single), single, strict=True)
            shares[step] = float(np.mean([read(first, each) == case.number for each, case in pairs]))
    numbers = {model: [read(network, each) for each in images] for model, network in networks.items()}
    every = float(np.mean([n == c.number for n, c in zip(next(iter(numbers.values())), single, strict=False)]))
    steps = ["| without | read right | difference |", "|---|---|---|"]
    steps += [f"| {name} | {share:.1%} | {100 * (share - every):+.1f} |" for name, share in shares.items()]
    misread = defaultdict(list)
    for case, number in zip(single, next(iter(numbers.values())), strict=False):
        if number != case.number:
            misread[case.source].append(f"{case.path.name} read as {number or 'nothing'}")
    names = [f"{source}: {', '.join(each)}" for source, each in sorted(misread.items())]
    parts = [
        by_kind(single, several, numbers),
        "\n".join(steps),
        "Misread by the first: " + ("; ".join(names) or "none") + ".",
    ]
    publish("pictures", "\n\n".join(parts), plot(shares, every))


if __name__ == "__main__":
    main()
