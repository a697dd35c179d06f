"""Test accuracy against seconds of training, of this project and PyTorch with the same recipe.

python -m benchmarks.accuracy [--epochs 5] [--seeds 0 1 2] [--models M ...]

Both draw weights as He et al., train with AdamW, batches of 128 and the schedule of `cnn.optimizer`, and are read with
the running mean of their parameters. The clock is stopped while the test images are read, four times an epoch.
Contenders take turns, each on all cores. PyTorch runs in both of its memory formats, and the faster one counts.
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from time import perf_counter
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from rich.console import Console
from rich.progress import track

from benchmarks.contenders import READ_AT_ONCE, pytorch_model
from benchmarks.results import publish
from benchmarks.single_process import ROOT
from cnn.architecture import Specs, parse
from cnn.model import Model
from cnn.optimizer import one_cycle, scale_learning_rate
from cnn.recipe import Recipe
from cnn.training import Step, Training
from figures.style import BLUE, VERMILION
from preprocessing.mnist import load_mnist
from routines.models import SHIPPED
from system.processes import available_cores

LEVELS = (0.96, 0.98, 0.99)
RECIPE = Recipe(augment=False)
BATCH_SIZE = RECIPE.batch_size
LOOKS = 4  # at the test accuracy, in an epoch
COLOURS = {"this project": BLUE, "PyTorch": VERMILION}
Look = tuple[float, float]  # seconds of training, test accuracy


class Clock:
    """Seconds of training, which leave out those in which the test images are read, and what they showed."""

    def __init__(self, accuracy: Callable[[], float]) -> None:
        self._accuracy = accuracy
        self.looks: list[Look] = []
        self._paused = 0.0
        self._start = perf_counter()

    def look(self) -> None:
        """Read the test images."""
        now = perf_counter()
        self.looks.append((now - self._start - self._paused, self._accuracy()))
        self._paused += perf_counter() - now


def this_project(specs: Specs, epochs: int, seed: int) -> list[Look]:
    """The training of this project, a worker process on each core."""
    data = load_mnist()
    model = Model.create(specs, seed)
    recipe = replace(RECIPE, epochs=epochs, seed=seed)
    training = Training(model, data, recipe, workers=available_cores())
    reader = replace(model, parameters=model.parameters.copy())

    def accuracy() -> float:
        reader.parameters[...] = training.optimizer.average
        return float((reader.logits(data.x_test).argmax(axis=1) == data.y_test).mean())

    clock = Clock(accuracy)
    ends = looks_at(len(data.x_train))
    for each in training.run():
        if isinstance(each, Step) and each.images in ends:
            clock.look()
    return clock.looks


def pytorch(specs: Specs, epochs: int, seed: int, *, channels_last: bool = False) -> list[Look]:
    """The same recipe in PyTorch, on all cores, with fused AdamW."""
    import torch
    from torch.optim.swa_utils import AveragedModel

    torch.manual_seed(seed)
    data = load_mnist()
    model, inputs = pytorch_model(specs, channels_last)
    for parameter in model.parameters():
        if parameter.ndim > 1:
            torch.nn.init.kaiming_normal_(parameter, nonlinearity="relu")
        else:
            torch.nn.init.zeros_(parameter)
    optimizer = torch.optim.AdamW(
        model.parameters(), RECIPE.learning_rate, weight_decay=RECIPE.weight_decay, fused=True
    )

    def follow(averages: Any, parameters: Any, steps: Any) -> None:
        torch._foreach_lerp_(averages, parameters, (RECIPE.averaging + 1) / (RECIPE.averaging + 1 + int(steps)))

    average = AveragedModel(model, multi_avg_fn=follow)
    x_train, y_train = torch.tensor(data.x_train), torch.tensor(data.y_train).long()
    x_test, y_test = torch.tensor(data.x_test), torch.tensor(data.y_test)

    def accuracy() -> float:
        with torch.inference_mode():
            right = sum(
                int((average(inputs(images)).argmax(1) == labels).sum())
                for images, labels in zip(x_test.split(READ_AT_ONCE), y_test.split(READ_AT_ONCE), strict=True)
            )
        return right / len(y_test)

    clock = Clock(accuracy)
    ends = looks_at(len(x_train))
    peak, steps = scale_learning_rate(RECIPE.learning_rate, BATCH_SIZE), epochs * -(-len(x_train) // BATCH_SIZE)
    step = 0
    for _ in range(epochs):
        done = 0
        for chosen in torch.randperm(len(x_train)).split(BATCH_SIZE):
            optimizer.param_groups[0]["lr"] = one_cycle(step, steps, peak, RECIPE.warm_up, RECIPE.cool_down)
            loss = torch.nn.functional.cross_entropy(model(inputs(x_train[chosen])), y_train[chosen])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            average.update_parameters(model)
            step += 1
            done += len(chosen)
            if done in ends:
                clock.look()
    return clock.looks


CONTENDERS: dict[str, Callable[[Specs, int, int], list[Look]]] = {
    "this project": this_project,
    "PyTorch": pytorch,
    "PyTorch, channels last": lambda specs, epochs, seed: pytorch(specs, epochs, seed, channels_last=True),
}


def looks_at(images: int) -> set[int]:
    """After how many images of an epoch to look: ends of batches, evenly spread, the last included."""
    batches = -(-images // BATCH_SIZE)
    return {min(batches * part // LOOKS * BATCH_SIZE, images) for part in range(1, LOOKS + 1)}


def run(name: str, model: str, epochs: int, seed: int) -> list[Look]:
    """Train in a process of its own."""
    arguments = ["--run", name, "--models", model, "--epochs", str(epochs), "--seeds", str(seed)]
    command = [sys.executable, "-m", "benchmarks.accuracy", *arguments]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True, cwd=ROOT)
    return [(seconds, accuracy) for seconds, accuracy in json.loads(done.stdout)]


def first_time(looks: list[Look], level: float) -> float:
    """Seconds until the test accuracy was first at a level; infinite where it never was."""
    return min((seconds for seconds, accuracy in looks if accuracy >= level), default=np.inf)


def faster(first: list[list[Look]], second: list[list[Look]]) -> list[list[Look]]:
    """Of the runs in two memory formats, those that took less time in all."""
    return min(first, second, key=lambda runs: sum(looks[-1][0] for looks in runs))


def table(results: dict[str, dict[str, list[list[Look]]]]) -> str:
    """Median seconds to each level, and the accuracy at the end, as Markdown."""
    columns = ["model", "", *(f"s to {level:.0%}" for level in LEVELS), "s in all", "accuracy at the end"]
    lines = [f"| {' | '.join(columns)} |", "|---" * len(columns) + "|"]
    for model, runs in results.items():
        for name, each in runs.items():
            cells = [_median([first_time(looks, level) for looks in each]) for level in LEVELS]
            cells.append(_median([looks[-1][0] for looks in each]))
            cells.append(", ".join(f"{looks[-1][1]:.2%}" for looks in each))
            lines.append(f"| `{model}` | {name} | {' | '.join(cells)} |")
    return "\n".join(lines)


def plot(results: dict[str, dict[str, list[list[Look]]]]) -> Figure:
    """Error rates against seconds: a line for each seed, a panel for each model."""
    figure = Figure(figsize=(4 * len(results), 3.6), layout="constrained")
    panels: Any = figure.subplots(1, len(results), sharey=True, squeeze=False)[0]
    for axes, (model, runs) in zip(panels, results.items(), strict=True):
        for name, each in runs.items():
            for index, looks in enumerate(each):
                seconds, accuracies = zip(*looks, strict=True)
                errors = 100 - 100 * np.array(accuracies)
                axes.plot(seconds, errors, ".-", color=COLOURS[name], lw=1, label=None if index else name)
        for level in LEVELS:
            axes.axhline(100 - 100 * level, color="0.8", lw=0.8, zorder=0)
        axes.set(yscale="log", xlim=0, xlabel="seconds of training", title=model)
        axes.set_yticks([0.8, 1, 2, 3, 5, 10], ["0.8", "1", "2", "3", "5", "10"])
        axes.title.set_fontsize(7.5)
        axes.minorticks_off()
    panels[0].set_ylabel("test images misread, %")
    panels[-1].legend()
    return figure


def main() -> None:
    """Measure, the contenders alternating, and publish."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--seeds", nargs="+", type=int, default=[0, 1, 2])
    parser.add_argument("--models", nargs="+", default=SHIPPED)
    parser.add_argument("--run", choices=CONTENDERS, help="train one contender only, and print its looks as JSON")
    options = parser.parse_args()
    if options.run:
        looks = CONTENDERS[options.run](parse(options.models[0]), options.epochs, options.seeds[0])
        sys.stdout.write(json.dumps(looks))
        return
    results: dict[str, dict[str, list[list[Look]]]] = {}
    for model, seed, name in track(
        [(model, seed, name) for model in options.models for seed in options.seeds for name in CONTENDERS],
        console=Console(stderr=True),
    ):
        runs = results.setdefault(model, {name: [] for name in CONTENDERS})
        runs[name].append(run(name, model, options.epochs, seed))
    for runs in results.values():
        runs["PyTorch"] = faster(runs["PyTorch"], runs.pop("PyTorch, channels last"))
    publish("accuracy", table(results), plot(results))


def _median(seconds: list[float]) -> str:
    median = float(np.median(seconds))
    return f"{median:.1f}" if np.isfinite(median) else "never"


if __name__ == "__main__":
    main()
