"""How well numbers are read as people write them: in rows, on lines, touching, with a point, in tables, sideways.

python -m benchmarks.numbers FOLDER [--digits FOLDER] [--model M] [--touching 100] [--made 100] [--kinds KIND ...]
    [--failures]

FOLDER has labels.csv with the columns path, label (all digits in reading order; decimals with their point), source and
kind; --digits is a folder as `benchmarks.pictures` takes it. A picture is read right where its whole number is, with
its point where it has one; where there is no digit, if that is said. `benchmarks.made_numbers` and `made_pages` make
more, from MNIST's training digits that the network of whole digits was not trained on: --touching of each length and
contact, and --made of each other kind.
"""

import argparse
import itertools
from collections import defaultdict
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

import numpy as np
from matplotlib.figure import Figure

from benchmarks.made_kinds import MADE, made
from benchmarks.made_numbers import touching
from benchmarks.pictures import Case, read_cases
from benchmarks.results import publish
from cnn.architecture import parse
from figures.style import BLUE, VERMILION
from preprocessing.mnist import load_mnist
from preprocessing.prediction import Prediction, predict
from routines.make_models import split
from routines.models import SHIPPED, find_model
from routines.places import PLACES
from system.processes import SPAWN, available_cores

# What the kinds of pictures are together.
GROUPS = {
    "single": {"photo", "crop_28px", "draw_28px", "draw_28px_frame", "drawing", "transparent", "printed"},
    "one row": {
        *("multi_photo", "multi_webcam", "multi_drawing", "multi_letters"),
        *("screenshot_multi", "printed_multi", "seven_segment"),
    },
    "several rows": {"multi_photo_rows", "multi_drawing_rows", "multi_scan_rows"},
    "ledger lines": {"multi_ruled"},
    "decimals": {"multi_decimal"},
    "sideways": {"photo_sideways", "multi_photo_sideways"},
    "tables and forms": {"table", "form"},
    "no digit": {"not_digit"},
}


@dataclass(frozen=True)
class Result:
    """What became of a picture."""

    case: Case
    read: str
    right: bool
    confidence: float
    seconds: float


def read_some(model: str, cases: Sequence[Case]) -> list[Result]:
    """Read some pictures, in this process."""
    reader = find_model(PLACES, parse(model))
    results = []
    for case in cases:
        start = perf_counter()
        (prediction,) = predict(reader, [case.path])
        seconds = perf_counter() - start
        text = shown(prediction)
        results.append(Result(case, text, is_right(case, prediction), prediction.confidence, seconds))
    return results


def shown(prediction: Prediction) -> str:
    """Return what was read, its lines apart by |."""
    said = " (no digit)" if any("does not look like a digit" in each for each in prediction.warnings) else ""
    turned = f" (turned {prediction.rotated})" if prediction.rotated else ""
    return "|".join(" ".join(line) for line in prediction.lines) + said + turned


def is_right(case: Case, prediction: Prediction) -> bool:
    """Tell whether a picture is read right."""
    if not case.number:
        return not prediction.number or any("does not look like a digit" in each for each in prediction.warnings)
    if {".", ","} & {*case.number}:
        return "".join("".join(line) for line in prediction.lines) == case.number
    if case.kind == "printed_multi" and case.path.name == "numbers.png" and case.path.parent.name == "kejsty":
        return sorted(prediction.number) == sorted(case.number)  # scattered
    return prediction.number == case.number


def group_of(case: Case) -> str:
    """Return the group of a kind."""
    return next((name for name, kinds in GROUPS.items() if case.kind in kinds), case.kind)


def share(results: Sequence[Result]) -> tuple[float, float]:
    """Return the share read right, and its mean over sources."""
    sources = defaultdict(list)
    for result in results:
        sources[result.case.source].append(result.right)
    return float(np.mean([result.right for result in results])), float(np.mean([np.mean(s) for s in sources.values()]))


def table(groups: dict[str, list[Result]]) -> Iterator[str]:
    """Yield a table of groups."""
    yield "| kind | pictures | sources | right | mean over sources | seconds, median | most |"
    yield "|---|---|---|---|---|---|---|"
    for name, results in groups.items():
        right, mean = share(results)
        seconds = [result.seconds for result in results]
        sources = len({result.case.source for result in results})
        yield (
            f"| {name} | {len(results)} | {sources} | {right:.1%} | {mean:.1%} | {np.median(seconds):.2f} "
            f"| {max(seconds):.2f} |"
        )


def reliability(results: Sequence[Result]) -> Iterator[str]:
    """Yield how often a number is right, by its confidence."""
    yield "| confidence of the number | pictures | right |"
    yield "|---|---|---|"
    edges = (0, 0.5, 0.8, 0.9, 0.95, 0.99, 1.0001)
    read = [result for result in results if result.confidence > 0]
    for low, high in itertools.pairwise(edges):
        part = [result.right for result in read if low <= result.confidence < high]
        if part:
            yield f"| {low:.0%} to {min(high, 1):.0%} | {len(part)} | {np.mean(part):.1%} |"
    wrong = sum(not result.right and result.confidence > 0.95 for result in read)
    yield f"\nWrong with over 95% confidence: {wrong} of {len(results)}, {wrong / len(results):.1%}."


def plot(groups: dict[str, list[Result]]) -> Figure:
    """The share read right by group."""
    figure = Figure(figsize=(8, 0.4 * len(groups) + 1.2), layout="constrained")
    axes = figure.subplots()
    names = list(groups)[::-1]
    bars = axes.barh(names, [100 * share(groups[name])[0] for name in names], color=BLUE)
    axes.bar_label(bars, fmt="{:.0f}", padding=3)
    axes.axvline(90, color=VERMILION, linewidth=0.5)
    axes.set_xlabel("pictures whose whole number is read right, %")
    axes.spines[["top", "right"]].set_visible(False)
    return figure


def main() -> None:
    """Measure and publish."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--digits", type=Path)
    parser.add_argument("--model", default=SHIPPED[-1])
    parser.add_argument("--touching", type=int, default=100)
    parser.add_argument("--made", type=int, default=0)
    parser.add_argument("--kinds", nargs="+")
    parser.add_argument("--failures", action="store_true")
    options = parser.parse_args()
    cases, _ = read_cases(options.folder)
    if options.digits:
        single, _ = read_cases(options.digits)
        cases += [Case(case.path, case.number, case.source, "shared digits") for case in single]
    with TemporaryDirectory() as folder, ProcessPoolExecutor(available_cores(), SPAWN) as pool:
        digits = split(load_mnist())
        cases += touching(Path(folder), digits, options.touching)
        cases += [case for kind in MADE for case in made(Path(folder), digits, kind, options.made)]
        if options.kinds:
            cases = [case for case in cases if {case.kind, group_of(case)} & set(options.kinds)]
        parts = [cases[first : first + 8] for first in range(0, len(cases), 8)]
        results = [result for part in pool.map(partial(read_some, options.model), parts) for result in part]
    groups: dict[str, list[Result]] = defaultdict(list)
    for name in ("shared digits", *GROUPS, "touching", *MADE):
        if found := [result for result in results if group_of(result.case) == name]:
            groups[name] = found
    contacts: dict[str, list[Result]] = defaultdict(list)
    for result in groups.get("touching", []):
        contacts[result.case.source].append(result)
    lines = ["\n".join(table(groups)), "\n".join(table(contacts)), "\n".join(reliability(results))]
    if options.failures:
        lines += [
            f"{group_of(result.case)}: {result.case.source}/{result.case.path.name}: {result.case.number} read as "
            f"{result.read or 'nothing'} ({result.confidence:.0%})"
            for result in results
            if not result.right
        ]
    publish("numbers", "\n".join(lines), plot(groups))


if __name__ == "__main__":
    main()
