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
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import track

from benchmarks.results import publish
from cnn.architecture import parse
from cnn.model import Model
from figures.style import BLUE, VERMILION
from preprocessing.box import Box
from preprocessing.components import Component
from preprocessing.digits import find_digits
from preprocessing.grey import Grey
from preprocessing.picture import read_picture
from preprocessing.steps import STEPS, Steps
from routines.models import SHIPPED, find_model
from routines.places import PLACES
from system.arrays import Array
from system.processes import SPAWN, available_cores


def unchanged(value: Any) -> Any:
    """Return what is given."""
    return value


def yes(grey: Grey) -> bool:
    """Return True."""
    return True


def no(picture: Array) -> bool:
    """Return False."""
    return False


def whole_picture(grey: Grey) -> Box:
    """Return the box of the whole picture."""
    return Box(0, 0, grey.shape[1], grey.shape[0])


def above_median(grey: Grey) -> Grey:
    """Return what is brighter than half of the picture."""
    return np.maximum(grey - np.median(grey), 0)


def above_threshold(strength: Grey) -> NDArray[np.bool_]:
    """Return where there is ink beyond doubt."""
    return strength > 1


def keep_all(components: list[Component], labels: Array) -> list[Component]:
    """Return all components."""
    return components


# The pipeline without each of its steps, and what takes its place.
WITHOUT: dict[str, Steps] = {
    "the table around the paper cut off": replace(STEPS, find_page=whole_picture),
    "dark or light ink told from the picture": replace(STEPS, is_dark_on_light=yes),
    "a closer look at where the digits are": replace(STEPS, views=1),
    "light and shadow removed": replace(STEPS, remove_light=above_median),
    "ruled and squared lines removed": replace(STEPS, remove_ruled_lines=unchanged),
    "faint ends of strokes kept": replace(STEPS, connect_faint=above_threshold),
    "frames and edges left out": replace(STEPS, leave_out_frame=keep_all),
    "parts of a digit joined": replace(STEPS, join_parts=unchanged),
    "strokes widened or thinned": replace(STEPS, wanted_width=unchanged),
    "MNIST's form left as it is": replace(STEPS, is_mnist_form=no),
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


def find(steps: Steps, case: Case) -> list[Array]:
    """Return the images of a picture's digits, in order, found by some steps."""
    return [found.image for found in find_digits(read_picture(case.path).pixels, steps).digits]


def read(model: Model, images: list[Array]) -> str:
    """The number that the images show."""
    return "".join(map(str, model.probabilities(np.stack(images)).argmax(axis=1))) if images else ""


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
    parser.add_argument("--models", nargs="+", default=SHIPPED[::-1])
    options = parser.parse_args()
    single, several = read_cases(options.folder)
    models = {model: find_model(PLACES, parse(model)) for model in options.models}
    first = next(iter(models.values()))
    with ProcessPoolExecutor(available_cores(), SPAWN) as pool:

        def found(steps: Steps, cases: list[Case]) -> Iterator[list[Array]]:
            return pool.map(partial(find, steps), cases, chunksize=8)

        images = list(found(STEPS, single + several))
        shares: dict[str, float] = {}
        for name, steps in track(WITHOUT.items(), console=Console(stderr=True)):
            pairs = zip(found(steps, single), single, strict=True)
            shares[name] = float(np.mean([read(first, each) == case.number for each, case in pairs]))
    numbers = {string: [read(model, each) for each in images] for string, model in models.items()}
    every = float(np.mean([n == c.number for n, c in zip(next(iter(numbers.values())), single, strict=False)]))
    lines = ["| without | read right | difference |", "|---|---|---|"]
    lines += [f"| {name} | {share:.1%} | {100 * (share - every):+.1f} |" for name, share in shares.items()]
    misread = defaultdict(list)
    for case, number in zip(single, next(iter(numbers.values())), strict=False):
        if number != case.number:
            misread[case.source].append(f"{case.path.name} read as {number or 'nothing'}")
    names = [f"{source}: {', '.join(each)}" for source, each in sorted(misread.items())]
    parts = [
        by_kind(single, several, numbers),
        "\n".join(lines),
        "Misread by the first: " + ("; ".join(names) or "none") + ".",
    ]
    publish("pictures", "\n\n".join(parts), plot(shares, every))


if __name__ == "__main__":
    main()
