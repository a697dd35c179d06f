"""Images a second of one network in six degrees of vectorization, beside the figures of Ren & Xu, AAAI 2015.

python -m benchmarks.vectorization [--rounds 7] [--batch-sizes 1 100 200 300 400 600 1000] [--model M]

Tables and a plot go to benchmarks/results/vectorization.md and .png; with 7 rounds, in three to four minutes. The paper
(arXiv 1501.07338) asks what each degree of vectorization brings, on a GPU; this asks the same of a CPU: one process and
one BLAS thread, except for implementation 2's worker processes. `benchmarks.vectorized_networks` has the six.

Training is forward, backward, and a step of Adam for each batch; testing is forward alone. Everything has its turn in
each round, so that all meet the same noise, and ratios are of turns of one round. A turn of implementation 1 is one
image, of implementation 2 one image for each process, of the others at least one batch: plain loops take seconds an
image, next to which a step of Adam, some 2 ms, does not show.
"""

import argparse
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import track

from benchmarks.results import publish
from benchmarks.vectorization_report import TASKS, Result, plot, report
from benchmarks.vectorized_networks import OneProcess, ParallelLoop
from cnn.architecture import Specs, parse
from cnn.layers.base import Context, Kernel
from cnn.layers.convolution_kernel import Conv2D
from cnn.layers.fully_connected import Dense
from cnn.layers.pooling import MaxPool2D
from cnn.optimizer import Adam
from cnn.training import images_per_pass
from preprocessing.datasets import Dataset
from preprocessing.mnist import load_mnist
from system.processes import available_cores
from system.threads import single_threaded_blas

# The paper's scale 1, whose pooling windows fit evenly: 28 -> 24 -> 12 -> 8 -> 4. It has two hidden fully connected
# layers; 500 units each are a choice of this benchmark, after LeNet in Caffe.
MODEL = "C(20,5)-P2-C(50,5)-P2-FC500-FC500-FC10"
BATCH_SIZE = 100
BATCH_SIZES = [1, 100, 200, 300, 400, 600, 1000]
LEARNING_RATE = 0.001
IMAGES_PER_TURN = 1000  # of implementation 6, where a step is short
STEPS_PER_TURN = 100  # at most


@dataclass(eq=False)
class Contender:
    """An implementation that takes its turns with `batch_size` images a step."""

    implementation: OneProcess | ParallelLoop
    batch_size: int
    steps: int = 1

    def __post_init__(self) -> None:
        self.optimizer = Adam(self.implementation.network.model.parameters)

    def speed(self, task: str, data: Dataset) -> float:
        """Images a second in one turn."""
        images, labels = data.x_train[: self.batch_size], data.y_train[: self.batch_size]
        start = perf_counter()
        for _ in range(self.steps):
            if task == "training":
                self.step(images, labels)
            else:
                self.implementation.logits(images)
        return self.steps * len(images) / (perf_counter() - start)

    def step(self, images: NDArray[np.uint8], labels: NDArray[np.uint8]) -> None:
        """One step of training."""
        gradient = self.implementation.gradient(images, labels)
        gradient /= len(images)
        self.optimizer.step(gradient, LEARNING_RATE)


def measure(specs: Specs, batch_sizes: list[int], rounds: int, data: Dataset) -> Result:
    """The speeds of all six, of 6 for each batch size, and where the time of 6 goes."""
    sizes, cores = sorted({BATCH_SIZE, *batch_sizes}), available_cores()
    with ExitStack() as stack:
        stack.enter_context(single_threaded_blas())
        parallel_loop = stack.enter_context(ParallelLoop(specs, cores))
        ladder = {1: Contender(OneProcess(1, specs), 1), 2: Contender(parallel_loop, cores)}
        ladder |= {number: Contender(OneProcess(number, specs), BATCH_SIZE) for number in (3, 4, 5)}
        batches = {size: _batch_last(specs, size, size) for size in sizes}
        in_passes = _batch_last(specs, sizes[-1], images_per_pass(sizes[-1]))
        contenders = [*ladder.values(), *batches.values(), in_passes]
        for contender in contenders:
            contender.step(data.x_train[:cores], data.y_train[:cores])  # first touches of memory, starting processes
        turns = [
            [{task: each.speed(task, data) for task in TASKS} for each in contenders]
            for _ in track(range(rounds), console=Console(stderr=True))
        ]
        shares = time_shares(batches[BATCH_SIZE], 50, data)

    def speeds(contender: Contender) -> dict[str, Any]:
        number = contenders.index(contender)
        return {task: np.array([turn[number][task] for turn in turns]) for task in TASKS}

    return Result(
        ladder={number: speeds(each) for number, each in {**ladder, 6: batches[BATCH_SIZE]}.items()},
        batches={size: speeds(each) for size, each in batches.items()},
        in_passes=speeds(in_passes),
        images_per_pass=images_per_pass(sizes[-1]),
        shares=shares,
        cores=cores,
    )


PARTS: dict[str, type[Kernel]] = {"convolution": Conv2D, "pooling": MaxPool2D, "fully connected": Dense}


class TimedKernel(Kernel):
    """A kernel that adds what it takes to seconds, by direction."""

    def __init__(self, kernel: Kernel, seconds: dict[str, float]) -> None:
        self._kernel, self._seconds = kernel, seconds
        self.output = kernel.output

    def forward(self, inputs: Any, context: Context) -> Any:
        with _timed(self._seconds, "forward"):
            return self._kernel.forward(inputs, context)

    def backward(self, gradient: Any) -> Any:
        with _timed(self._seconds, "backward"):
            return self._kernel.backward(gradient)

    def backward_parameters(self, gradient: Any) -> None:
        with _timed(self._seconds, "backward"):
            self._kernel.backward_parameters(gradient)


def time_shares(contender: Contender, steps: int, data: Dataset) -> dict[str, dict[str, float]]:
    """Return the share of the time of some training steps, from 0 to 1, by part of the network and direction."""
    network = contender.implementation.network
    kernels = list(network.kernels)
    seconds = {part: dict.fromkeys(("forward", "backward"), 0.0) for part in (*PARTS, "other layers")}
    images, labels = data.x_train[: contender.batch_size], data.y_train[: contender.batch_size]
    for place, kernel in enumerate(kernels):
        part = next((part for part, kind in PARTS.items() if isinstance(kernel, kind)), "other layers")
        network.kernels[place] = TimedKernel(kernel, seconds[part])
    start = perf_counter()
    for _ in range(steps):
        contender.step(images, labels)
    total = perf_counter() - start
    network.kernels[:] = kernels
    measured = sum(each for by in seconds.values() for each in by.values())
    seconds["images, loss and update"] = {"backward": total - measured}
    return {part: {name: value / total for name, value in by.items()} for part, by in seconds.items()}


def main() -> None:
    """Measure, print the tables, and save them and the plot."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--batch-sizes", nargs="+", type=int, default=BATCH_SIZES)
    parser.add_argument("--model", default=MODEL)
    options = parser.parse_args()
    result = measure(parse(options.model), options.batch_sizes, options.rounds, load_mnist())
    publish("vectorization", f"`{options.model}`, {options.rounds} rounds\n\n{report(result)}", plot(result))


def _batch_last(specs: Specs, batch_size: int, images: int) -> Contender:
    """Implementation 6, with passes of some number of images."""
    steps = min(STEPS_PER_TURN, max(1, IMAGES_PER_TURN // batch_size))
    return Contender(OneProcess(6, specs, images), batch_size, steps)


@contextmanager
def _timed(seconds: dict[str, float], direction: str) -> Iterator[None]:
    start = perf_counter()
    yield
    seconds[direction] += perf_counter() - start


if __name__ == "__main__":
    main()
