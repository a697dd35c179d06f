"""What `benchmarks.vectorization` measured, as Markdown and as a plot, beside the figures of the paper."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from benchmarks.training import COLOURS, OURS

TASKS = ("training", "testing")
VECTORIZED = {
    1: "fully connected",
    2: "fully connected, in a parallel loop",
    3: "fully connected, convolution",
    4: "... and pooling",
    5: "... and all feature maps at once",
    6: "... and the whole batch",
}

# Ren & Xu, AAAI 2015 (arXiv 1501.07338), GTX 780 Ti, scale 1: images/s of the six implementations in training, batch
# 100, and images/s of implementation 6 by batch size; at scale 3, with batch 200, the shares of its time.
PAPER_LADDER = {1: 1.0, 2: 6.1, 3: 15.3, 4: 29.5, 5: 85.4, 6: 1312.1}
PAPER_BATCHES = {
    "training": {1: 88.5, 100: 1312.0, 200: 1450.9, 300: 1574.2, 400: 1632.8},
    "testing": {1: 151.5, 100: 1812.6, 200: 1878.4, 400: 2023.5, 600: 2192.2},
}
PAPER_SHARES = {
    "convolution": {"forward": 0.39, "backward": 0.13},
    "pooling": {"forward": 0.23, "backward": 0.03},
    "fully connected": {"forward": 0.03, "backward": 0.16},
}
PAPER_COLOUR = "#999999"
TASK_COLOURS = {"training": COLOURS[OURS], "testing": "#56B4E9"}

# Images a second in each round, by task.
Speeds = dict[str, Any]


@dataclass(frozen=True)
class Result:
    """Speeds of the six by number, of 6 by batch size and of 6 in smaller passes at the largest; shares of its time."""

    ladder: dict[int, Speeds]
    batches: dict[int, Speeds]
    in_passes: Speeds
    images_per_pass: int
    shares: dict[str, dict[str, float]]
    cores: int


def report(result: Result) -> str:
    """All tables as Markdown, each with what has to be known to read it."""
    largest = max(result.batches)
    training, testing = (_spread(result.in_passes[task]) for task in TASKS)
    return "\n\n".join(
        [
            "Images/s, median (minimum to maximum), and median ratio to the implementation above it in the same round. "
            f"Worker processes of implementation 2: {result.cores}; the others: one process with one BLAS thread. "
            "Paper: GTX 780 Ti.",
            ladder_table(result.ladder),
            "Implementation 6 by batch size, the whole batch in one pass, images/s:",
            batch_table(result.batches),
            f"A batch of {largest:,} in passes of {result.images_per_pass}: training {training}, testing {testing}.",
            "Share of the training time of implementation 6 at batch 100 (paper: scale 3, batch 200):",
            share_table(result.shares),
        ]
    )


def ladder_table(ladder: dict[int, Speeds]) -> str:
    """The six implementations, with ratios of neighbours, as Markdown."""
    rows = []
    for number, speeds in ladder.items():
        row = [str(number), VECTORIZED[number]]
        row += [cell for task in TASKS for cell in (_spread(speeds[task]), _ratio(ladder, number, task))]
        paper = PAPER_LADDER[number] / PAPER_LADDER.get(number - 1, np.nan)
        rows.append([*row, _number(PAPER_LADDER[number]), _cell(paper)])
    columns = [column for task in TASKS for column in (f"{task}, {OURS}", "ratio")]
    return _table(["", "vectorized", *columns, "training, paper", "ratio"], rows)


def batch_table(batches: dict[int, Speeds]) -> str:
    """Speeds by batch size as Markdown."""
    rows = [
        [f"{size:,}"]
        + [cell for task in TASKS for cell in (_spread(speeds[task]), _cell(PAPER_BATCHES[task].get(size, np.nan)))]
        for size, speeds in batches.items()
    ]
    return _table(["batch", *(column for task in TASKS for column in (f"{task}, {OURS}", f"{task}, paper"))], rows)


def share_table(shares: dict[str, dict[str, float]]) -> str:
    """Shares of time by part and direction as Markdown."""
    directions = ("forward", "backward")
    rows = [
        [part]
        + [f"{by[name]:.0%}" if name in by else "" for by in (own, PAPER_SHARES.get(part, {})) for name in directions]
        for part, own in shares.items()
    ]
    return _table(["", *directions, *(f"{name}, paper" for name in directions)], rows)


def plot(result: Result) -> Figure:
    """The six implementations as bars on a logarithmic scale, and implementation 6 by batch size."""
    figure = Figure(figsize=(12, 5), layout="constrained")
    bars, curves = figure.subplots(1, 2, width_ratios=[1.15, 1])
    _plot_ladder(bars, result)
    _plot_batches(curves, result.batches)
    return figure


def _plot_ladder(axes: Axes, result: Result) -> None:
    medians = {number: float(np.median(speeds["training"])) for number, speeds in result.ladder.items()}
    ratios = {number: _ratio(result.ladder, number, "training") for number in medians}
    paper_ratios = {
        number: _cell(speed / PAPER_LADDER.get(number - 1, np.nan)) for number, speed in PAPER_LADDER.items()
    }
    left = min(*medians.values(), *PAPER_LADDER.values()) / 3
    for offset, name, colour, speeds, above in (
        (0.2, f"{OURS}, CPU", COLOURS[OURS], medians, ratios),
        (-0.2, "Ren & Xu, GPU", PAPER_COLOUR, PAPER_LADDER, paper_ratios),
    ):
        places = [offset - number for number in speeds]
        axes.barh(places, [speed - left for speed in speeds.values()], 0.38, left=left, color=colour, label=name)
        for place, (number, speed) in zip(places, speeds.items(), strict=True):
            ratio = rf"   ($\times${above[number]})" if above[number] else ""
            axes.text(speed * 1.12, place, f"{_number(speed)}{ratio}", va="center", fontsize=9)
    axes.set_xscale("log")
    axes.xaxis.set_major_formatter("{x:,g}")
    axes.set_xlim(left, max(*medians.values(), *PAPER_LADDER.values()) * 25)
    axes.set_yticks([-number for number in medians], [f"{number}  {VECTORIZED[number]}" for number in medians])
    axes.set_xlabel(r"images/s in training ($\times$ ratio to the bar of the same colour above)")
    axes.set_title("What each degree of vectorization brings (batch 100)")
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(loc="lower center", bbox_to_anchor=(0.4, -0.29), ncols=2, frameon=False)


def _plot_batches(axes: Axes, batches: dict[int, Speeds]) -> None:
    for task, marker in zip(TASKS, "os", strict=True):
        speeds = np.array([batches[size][task] for size in batches])
        medians = np.median(speeds, axis=1)
        spread = np.abs(np.stack([speeds.min(axis=1), speeds.max(axis=1)]) - medians)
        label = f"{task}, {OURS}"
        axes.errorbar(list(batches), medians, spread, color=TASK_COLOURS[task], marker=marker, capsize=3, label=label)
        paper = PAPER_BATCHES[task]
        axes.plot(list(paper), list(paper.values()), "--", color=PAPER_COLOUR, marker=marker, label=f"{task}, paper")
    axes.set_ylim(0)
    axes.set_xlabel("images in a batch, all in one pass")
    axes.set_ylabel("images/s, median, minimum to maximum")
    axes.set_title("Implementation 6 by batch size")
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(loc="lower center", bbox_to_anchor=(0.5, -0.33), ncols=2, frameon=False)


def _ratio(ladder: dict[int, Speeds], number: int, task: str) -> str:
    if number - 1 not in ladder:
        return ""
    return _number(float(np.median(ladder[number][task] / ladder[number - 1][task])))


def _table(columns: list[str], rows: list[list[str]]) -> str:
    lines = [f"| {' | '.join(cells)} |" for cells in (columns, *rows)]
    lines.insert(1, "|---" * len(columns) + "|")
    return "\n".join(lines)


def _spread(values: Any) -> str:
    return f"{_number(np.median(values))} ({_number(values.min())} to {_number(values.max())})"


def _cell(value: float) -> str:
    return "" if np.isnan(value) else _number(value)


def _number(value: float) -> str:
    """Three digits, or more where the number has them before the point."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
