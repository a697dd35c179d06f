"""Where the time of a training step goes: by layer and operation, beside what its multiply-adds alone would take.

python -m benchmarks.layers [--passes 300]

One process and one BLAS thread; a pass is 64 images. The floor of a product is its multiply-adds at the rate of a large
matrix product, measured in the same run. Then a step of a batch by all processes: its gradient beside that of one
process's share alone, which differ by what processes wait for and take from one another, and the update.
"""

import argparse
from collections import defaultdict
from math import prod
from time import perf_counter
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from rich.console import Console
from rich.progress import track

from benchmarks.contenders import PRODUCT_SIZE
from benchmarks.results import publish
from cnn.layers.base import Context, Kernel
from cnn.loss import cross_entropy
from cnn.model import Model
from cnn.network import IMAGES_PER_PASS, Network
from cnn.optimizer import Adam
from cnn.recipe import Recipe
from cnn.training import images_per_pass
from cnn.workers import Workers
from figures.style import BLUE, ORANGE, SKY_BLUE
from preprocessing.mnist import load_mnist
from routines.models import SHIPPED
from system.processes import available_cores
from system.threads import single_threaded_blas

OPERATIONS = {"forward": "forward", "backward_parameters": "weights' gradient", "backward": "inputs' gradient"}
COLOURS = {"forward": BLUE, "weights' gradient": ORANGE, "inputs' gradient": SKY_BLUE, "floor": "black"}
Seconds = dict[tuple[str, str], list[float]]  # of each pass, by layer and operation


def measure(networks: dict[str, Network], passes: int) -> tuple[dict[str, Seconds], float]:
    """Seconds by model, the models taking turns, and the multiply-adds a second of a large product."""
    data = load_mnist()
    images, labels = data.x_train[:IMAGES_PER_PASS], data.y_train[:IMAGES_PER_PASS]
    taken: dict[str, Seconds] = {model: defaultdict(list) for model in networks}
    optimizers = {model: Adam(network.model.parameters) for model, network in networks.items()}
    left, right = np.random.default_rng(0).standard_normal((2, PRODUCT_SIZE, PRODUCT_SIZE), np.float32)
    product = []
    with single_threaded_blas():
        for number in track(range(passes), console=Console(stderr=True)):
            for model, network in networks.items():
                _time_pass(network, images, labels, taken[model])
                start = perf_counter()
                optimizers[model].step(network.gradient, 1e-4)
                taken[model]["Adam, share of a pass", "forward"].append(
                    (perf_counter() - start) * IMAGES_PER_PASS / Recipe().batch_size
                )
            if number % 30 == 0:
                start = perf_counter()
                np.matmul(left, right)
                product.append(perf_counter() - start)
    return taken, PRODUCT_SIZE**3 / min(product)


def _time_pass(network: Network, images: Any, labels: Any, taken: Seconds) -> None:
    def timed(name: str, operation: str, call: Any, *arguments: Any) -> Any:
        start = perf_counter()
        result = call(*arguments)
        taken[name, operation].append(perf_counter() - start)
        return result

    names, context = layer_names(network), Context(training=True)
    start = perf_counter()
    activation = network.load(images)
    taken["images", "forward"].append(perf_counter() - start)
    for name, layer in names:
        activation = timed(name, "forward", layer.forward, activation, context)
    _, gradient = timed("loss", "forward", cross_entropy, activation, labels)
    for name, layer in reversed(names):
        if type(layer).backward_parameters is not Kernel.backward_parameters:
            timed(name, "backward_parameters", layer.backward_parameters, gradient)
        if layer is not names[0][1]:
            gradient = timed(name, "backward", layer.backward, gradient)


def measure_steps(models: list[str], steps: int) -> str:
    """Microseconds of a step's parts, minimum (median), by model, as Markdown."""
    data, batch_size, cores = load_mnist(), Recipe().batch_size, available_cores()
    share = batch_size // cores
    lines = [
        f"| model | {share} images, one process | {batch_size} images, {cores} processes | update |",
        "|---" * 4 + "|",
    ]
    for model in track(models, console=Console(stderr=True)):
        network = Model.create(model).network(images_per_pass(batch_size, cores))
        optimizer = Adam(network.model.parameters)
        seconds: list[list[float]] = [[], [], []]
        alone = Workers(network, data.x_train, data.y_train, 1)
        with Workers(network, data.x_train, data.y_train, cores, optimizer=optimizer) as team, single_threaded_blas():
            for number in range(steps):
                chosen = np.arange(number * batch_size, (number + 1) * batch_size) % len(data.x_train)
                marks = [perf_counter()]
                alone.gradient(chosen[:share])
                marks.append(perf_counter())
                team.gradient(chosen)
                marks.append(perf_counter())
                team.step(1e-4)
                marks.append(perf_counter())
                for part, first, last in zip(seconds, marks, marks[1:], strict=False):
                    part.append(last - first)
        cells = [f"{1e6 * min(part):,.0f} ({1e6 * np.median(part):,.0f})" for part in seconds]
        lines.append(f"| `{model}` | {' | '.join(cells)} |")
    return "\n".join(lines)


def layer_names(network: Network) -> list[tuple[str, Kernel]]:
    """Each layer with its place among those that run, and its token."""
    return [(f"{place} {layer!r}", layer) for place, layer in enumerate(network.kernels, 1)]


def multiply_adds(network: Network) -> dict[tuple[str, str], int]:
    """Return those of a pass, by layer and operation, where there is a product."""
    counts, arrays = {}, network.model.arrays()
    for (name, _), operation in zip(layer_names(network), network.operations, strict=True):
        if operation.spec and operation.number in arrays:
            # A weight meets every position of the output, (filters, rows, columns), of every image.
            positions = prod(network.model.layer(operation.number).shape[1:]) * network.images
            for direction in OPERATIONS:
                counts[name, direction] = arrays[operation.number]["weight"].size * positions
    return counts


def table(network: Network, taken: Seconds, rate: float) -> str:
    """Microseconds a pass, minimum (median), and the floor, as Markdown."""
    floors = {key: count / rate for key, count in multiply_adds(network).items() if key in taken}
    lines = [f"| layer | {' | '.join(OPERATIONS.values())} | all | floor |", "|---" * 6 + "|"]
    for name in dict.fromkeys(name for name, _ in taken):
        each = [taken.get((name, operation)) for operation in OPERATIONS]
        lowest = sum(min(seconds) for seconds in each if seconds)
        floor = sum(floors.get((name, operation), 0) for operation in OPERATIONS)
        cells = [f"{1e6 * min(seconds):.0f} ({1e6 * np.median(seconds):.0f})" if seconds else "" for seconds in each]
        lines.append(f"| {name} | {' | '.join(cells)} | {1e6 * lowest:.0f} | {f'{1e6 * floor:.0f}' if floor else ''} |")
    total = sum(min(seconds) for seconds in taken.values())
    lines.append(f"| all | | | | {1e6 * total:.0f} | {1e6 * sum(floors.values()):.0f} |")
    return "\n".join(lines)


def plot(networks: dict[str, Network], taken: dict[str, Seconds], rate: float) -> Figure:
    """Bars by layer, stacked by operation, with the floor as a mark."""
    figure = Figure(figsize=(13, 4.5), layout="constrained")
    for axes, (model, network) in zip(
        figure.subplots(1, len(networks), squeeze=False)[0], networks.items(), strict=True
    ):
        names = list(dict.fromkeys(name for name, _ in taken[model]))[::-1]
        left = np.zeros(len(names))
        for operation, label in OPERATIONS.items():
            width = np.array([1e6 * min(taken[model].get((name, operation), [0.0])) for name in names])
            axes.barh(names, width, left=left, color=COLOURS[label], label=label)
            left += width
        counts = multiply_adds(network)
        for place, name in enumerate(names):
            floor = sum(counts[key] / rate for key in counts if key[0] == name and key in taken[model])
            if floor:
                axes.plot([1e6 * floor] * 2, [place - 0.4, place + 0.4], color=COLOURS["floor"], lw=2)
        axes.set_title(model, fontsize=8)
        axes.set_xlabel("µs for 32 images (black: multiply-adds alone)", fontsize=8)
        axes.tick_params(labelsize=7)
        axes.spines[["top", "right"]].set_visible(False)
    axes.legend(fontsize=8)
    return figure


def main() -> None:
    """Measure and publish."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--passes", type=int, default=300)
    passes = parser.parse_args().passes
    networks = {string: Model.create(string).network() for string in SHIPPED}
    taken, rate = measure(networks, passes)
    parts = [f"A large product: {2e-9 * rate:.0f} GFLOP/s. Microseconds for 64 images, minimum (median)."]
    parts += [f"`{model}`\n\n{table(network, taken[model], rate)}" for model, network in networks.items()]
    parts.append(f"A step, microseconds, minimum (median)\n\n{measure_steps(list(networks), passes)}")
    publish("layers", "\n\n".join(parts), plot(networks, taken, rate))


if __name__ == "__main__":
    main()
