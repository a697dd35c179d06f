"""Images a second in training and reading, of this project, PyTorch and Keras on JAX, side by side in one run.

python -m benchmarks.training [--rounds 7] [--images 6400] [--models M ...] [--batch-sizes 32 128 512]
    [--before FOLDER]

Every contender has its own process and waits while another has its turn, so that all meet the same noise; ratios are
of turns of one round. The faster of PyTorch's two memory formats counts, round by round. In the same rounds, a large
matrix product on all cores says what the machine can do; the share of it is that of the multiply-adds of the network.
Before: a folder with an earlier commit of this project, such as `git worktree` makes, as one more contender.
"""

import argparse
import subprocess
import sys
from math import prod
from pathlib import Path
from time import sleep
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from rich.console import Console
from rich.progress import track

from benchmarks.contenders import CONTENDERS, PRODUCT_SIZE, PRODUCTS
from benchmarks.results import publish
from benchmarks.single_process import ROOT
from cnn.architecture import output_shapes, parameter_shapes, parse
from figures.style import BLUE, GREY, SKY_BLUE, VERMILION
from routines.models import SHIPPED
from system.processes import available_cores

OURS, *OTHERS = "this project", "PyTorch", "Keras on JAX"
BEFORE = "before"
PRODUCT = "large product"
PAUSE = 0.25  # seconds, in which the threads of the last turn, which wait awake for more work, go to sleep
COLOURS = {OURS: BLUE, "PyTorch": VERMILION, "Keras on JAX": GREY, BEFORE: SKY_BLUE}
TEST_IMAGES = 10_000


class Contender:
    """A process of `benchmarks.contenders`, warmed up; a context manager."""

    def __init__(self, name: str, model: str, batch_size: int, images: int, root: Path = ROOT) -> None:
        arguments = [name, model, str(batch_size), str(images)]
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.contenders", *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            cwd=root,
        )
        products = PRODUCTS * PRODUCT_SIZE**3
        self._work = (
            dict.fromkeys(("train", "read"), products) if name == PRODUCT else {"train": images, "read": TEST_IMAGES}
        )

    def speed(self, task: str) -> float:
        """Images a second in one turn; multiply-adds a second, for the large product."""
        stdin, stdout = self._process.stdin, self._process.stdout
        if stdin is None or stdout is None:
            raise RuntimeError("The process has no pipes.")
        sleep(PAUSE)
        stdin.write(f"{task}\n")
        stdin.flush()
        return self._work[task] / float(stdout.readline())

    def end(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.wait()


def measure(
    model: str, batch_size: int, images: int, rounds: int, task: str, before: Path | None = None
) -> dict[str, Any]:
    """Speeds (rounds,) in images a second, of this project, the faster PyTorch, and Keras; and the large product's."""
    contenders = {name: Contender(name, model, batch_size, images) for name in CONTENDERS}
    if before:
        contenders[BEFORE] = Contender(OURS, model, batch_size, images, before)
    try:
        for contender in contenders.values():  # compiling, first touches of memory
            contender.speed(task)
        turns = [{name: contender.speed(task) for name, contender in contenders.items()} for _ in range(rounds)]
    finally:
        for contender in contenders.values():
            contender.end()
    speeds = {name: np.array([turn[name] for turn in turns]) for name in contenders}
    speeds["PyTorch"] = np.maximum(speeds["PyTorch"], speeds.pop("PyTorch, channels last"))
    return speeds


def multiply_adds(model: str, task: str) -> int:
    """The multiply-adds for an image in the products of a model.

    To read it takes one product a layer; to train, one more for the weights, and one for the input but of the first.
    """
    specs = parse(model)
    total = 0
    for number, shapes in parameter_shapes(specs).items():
        products = 1 if task == "read" else 2 if number == 1 else 3
        positions = output_shapes(specs)[number - 1][1:]  # one, for a fully connected layer
        total += products * prod(shapes["weight"]) * prod(positions)
    return total


def table(rows: list[tuple[str, str, dict[str, Any]]]) -> str:
    """Speeds and ratios as Markdown."""
    others = [name for name in (*OTHERS, BEFORE) if name in rows[0][2]]
    columns = ["model", "task", f"{OURS}, images/s", *others, *(f"ratio to {name}" for name in others), "share of peak"]
    lines = [f"| {' | '.join(columns)} |", "|---" * len(columns) + "|"]
    for model, task, speeds in rows:
        cells = [_spread(speeds[name], ",.0f") for name in (OURS, *others)]
        cells += [_spread(speeds[OURS] / speeds[name], ".2f") for name in others]
        cells.append(_spread(speeds[OURS] * multiply_adds(model, task.split()[0]) / speeds[PRODUCT], ".0%"))
        lines.append(f"| `{model}` | {task} | {' | '.join(cells)} |")
    return "\n".join(lines)


def plot(rows: list[tuple[str, str, dict[str, Any]]]) -> Figure:
    """Bars of the medians, lines from minimum to maximum, training and reading apart."""
    panels = [[row for row in rows if row[1].startswith(task)] for task in ("train", "read")]
    figure = Figure(figsize=(9, 0.55 * len(rows) + 2), layout="constrained")
    for axes, panel in zip(
        figure.subplots(2, height_ratios=[max(1, len(panel)) for panel in panels]), panels, strict=True
    ):
        places = np.arange(len(panel))[::-1]
        for index, name in enumerate((OURS, *OTHERS)):
            speeds = np.array([row[2][name] for row in panel])
            medians = np.median(speeds, axis=1)
            spread = np.abs(np.stack([speeds.min(axis=1), speeds.max(axis=1)]) - medians)
            axes.barh(places - 0.27 * (index - 1), medians, 0.25, xerr=spread, color=COLOURS[name], label=name)
        axes.set_yticks(places, [f"{model}\n{task}" for model, task, _ in panel], fontsize=7)
        axes.set_xlabel(f"images/s, {available_cores()} cores")
    figure.legend(*axes.get_legend_handles_labels(), loc="outside upper center", ncols=3)
    return figure


def main() -> None:
    """Measure, print the table, and save both."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--images", type=int, default=6_400)
    parser.add_argument("--models", nargs="+", default=SHIPPED)
    parser.add_argument("--batch-sizes", nargs="+", type=int, default=[32, 128, 512])
    parser.add_argument("--before", type=Path)
    options = parser.parse_args()
    cases = [
        (model, batch_size, task)
        for model in options.models
        for batch_size, task in [*((size, "train") for size in options.batch_sizes), (128, "read")]
    ]
    rows = []
    for model, batch_size, task in track(cases, console=Console(stderr=True)):
        speeds = measure(model, batch_size, options.images, options.rounds, task, options.before)
        rows.append((model, f"train, batch {batch_size}" if task == "train" else "read", speeds))
    publish("training", table(rows), plot(rows))


def _spread(values: Any, form: str) -> str:
    return f"{format(np.median(values), form)} ({format(values.min(), form)} to {format(values.max(), form)})"


if __name__ == "__main__":
    main()
