"""How the time of an epoch and the memory of all processes grow with batch size, filters, images and workers.

python -m benchmarks.growth [--rounds 3]

Memory is the peak of the whole process tree, looked at five times a second: proportional set size, in which memory
that processes share counts once (on Linux; elsewhere what each has alone).
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import psutil
from matplotlib.figure import Figure
from rich.console import Console
from rich.progress import track

from benchmarks.results import publish
from benchmarks.single_process import ROOT
from cnn.architecture import parameter_counts, parse
from figures.style import BLUE, VERMILION
from preprocessing.mnist import load_mnist
from routines.models import SHIPPED

MODEL = SHIPPED[-1]
IMAGES, BATCH_SIZE = 60_000, 128
FILTERS = (4, 8, 16, 32)  # of the first layer
LOOK_EVERY = 0.2  # seconds
# What grows, and the settings that differ from MODEL, 60,000 images, batches of 128 and all cores.
SERIES: dict[str, list[dict[str, Any]]] = {
    "batch size": [{"batch_size": size} for size in (32, 128, 512, 2048)],
    "filters": [
        {"model": f"C({filters},3)-P2-C({2 * filters},3)-P2-C({4 * filters},3)-P2-FC512-FC10"} for filters in FILTERS
    ],
    "images": [{"images": images} for images in (15_000, 30_000, 60_000)],
    "workers": [{"workers": workers} for workers in (1, 2)],
}


def epoch(
    folder: Path, model: str = MODEL, batch_size: int = BATCH_SIZE, images: int = IMAGES, workers: int = 0
) -> tuple[float, float]:
    """Seconds of one epoch, and peak memory of all processes in MB."""
    arguments = ["--model", model, "--batch-size", str(batch_size), "--data", str(folder / f"{images}.npz")]
    arguments += ["--workers", str(workers)] if workers else []
    command = [sys.executable, "main.py", "train", *arguments, "--epochs", "1", "--no-augment", "--json"]
    command += ["--output", str(folder / "weights.npz")]
    training = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, cwd=ROOT)
    peak = 0
    while training.poll() is None:
        peak = max(peak, tree_memory(psutil.Process(training.pid)))
        try:
            training.wait(LOOK_EVERY)
        except subprocess.TimeoutExpired:
            continue
    output, _ = training.communicate()
    return json.loads(output.splitlines()[0])["seconds"], peak / 2**20


def tree_memory(process: psutil.Process) -> int:
    """Bytes of a process and those that it started."""
    total = 0
    for each in [process, *process.children(recursive=True)]:
        try:
            memory = each.memory_full_info()
        except psutil.Error:  # it ended meanwhile
            continue
        total += getattr(memory, "pss", memory.uss)
    return total


def setting(name: str, case: dict[str, Any]) -> str:
    """What a case is called in the table."""
    (value,) = case.values()
    if name == "filters":
        return f"`{value}`, {sum(parameter_counts(parse(value))):,} parameters"
    return f"{name}: {value:,}"


def plot(measured: dict[str, list[tuple[str, list[float], float]]]) -> Figure:
    """Seconds and memory of each series, two panels each."""
    figure = Figure(figsize=(3.2 * len(measured), 4.8), layout="constrained")
    panels: Any = figure.subplots(2, len(measured), sharey="row")
    for column, (name, rows) in enumerate(measured.items()):
        places = FILTERS if name == "filters" else [next(iter(case.values())) for case in SERIES[name]]
        panels[0, column].plot(places, [statistics.median(seconds) for _, seconds, _ in rows], "o-", color=BLUE)
        panels[1, column].plot(places, [memory for *_, memory in rows], "o-", color=VERMILION)
        panels[1, column].set_xlabel("filters of the first layer" if name == "filters" else name)
        for axes in panels[:, column]:
            axes.set_xscale("log", base=2)
            axes.set_xticks(places, [f"{place:,}" for place in places], fontsize=8)
            axes.minorticks_off()
    for axes in panels[:, 0]:
        axes.set_ylim(bottom=0)
    panels[0, 0].set_ylabel("seconds an epoch")
    panels[1, 0].set_ylabel("peak memory of all processes, MB")
    return figure


def main() -> None:
    """Measure, the cases alternating, and publish."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    rounds = parser.parse_args().rounds
    cases = [(name, index) for name, series in SERIES.items() for index in range(len(series))]
    seconds: dict[tuple[str, int], list[float]] = {case: [] for case in cases}
    memory: dict[tuple[str, int], float] = dict.fromkeys(cases, 0.0)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        data = load_mnist()
        for images in {case.get("images", IMAGES) for series in SERIES.values() for case in series}:
            np.savez(
                folder / f"{images}.npz",
                x_train=data.x_train[:images],
                y_train=data.y_train[:images],
                x_test=data.x_test,
                y_test=data.y_test,
            )
        for case in track(cases * rounds, console=Console(stderr=True)):
            taken, peak = epoch(folder, **SERIES[case[0]][case[1]])
            seconds[case].append(taken)
            memory[case] = max(memory[case], peak)
            (folder / "weights.npz").unlink()
    measured = {
        name: [(setting(name, case), seconds[name, index], memory[name, index]) for index, case in enumerate(series)]
        for name, series in SERIES.items()
    }
    lines = ["| what differs | epoch, s, minimum | median | peak memory, MB |", "|---|---|---|---|"]
    for rows in measured.values():
        lines += [
            f"| {label} | {min(taken):.2f} | {statistics.median(taken):.2f} | {peak:.0f} |"
            for label, taken, peak in rows
        ]
    publish("growth", "\n".join(lines), plot(measured))


if __name__ == "__main__":
    main()
