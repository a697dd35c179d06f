"""What the schedule and the rule for the learning rate bring, on 10,000 images held out of the training set.

python -m benchmarks.schedule
"""

from unittest.mock import patch

import numpy as np
from rich.console import Console
from rich.progress import track

from cnn import optimizer, training
from cnn.architecture import EXAMPLE, parse
from cnn.evaluation import evaluate
from cnn.network import Network
from preprocessing.mnist import load_mnist

SCHEDULES = {"one cycle, no plateau": (0.3, 0.7), "warm-up 5%, plateau, cool-down 30%": (0.05, 0.3)}
REFERENCE_BATCHES = {"0.001 for any batch": 128, "0.001 for a batch of 32": 32, "0.001 for a batch of 8": 8}
EPOCHS = (1, 5)
SEEDS = (0, 1, 2)


def held_out_accuracy(epochs: int, seed: int) -> float:
    """Accuracy of the smallest model after some epochs on 50,000 images, with the default learning rate."""
    data = load_mnist()
    order = np.random.default_rng(1000).permutation(len(data.x_train))
    held_out, used = order[:10_000], order[10_000:]
    generator = np.random.default_rng(seed)
    network = Network(parse(EXAMPLE))
    network.initialize(generator)
    for _ in training.train(network, data.x_train[used], data.y_train[used], generator, epochs=epochs):
        pass
    return evaluate(network, data.x_train[held_out], data.y_train[held_out]).accuracy


def main() -> None:
    """Print a Markdown table: mean accuracy over the seeds."""
    console = Console()
    rows = []
    for schedule, (warm_up, cool_down) in track(SCHEDULES.items(), console=Console(stderr=True)):
        for rate, batch in REFERENCE_BATCHES.items():
            with patch.multiple(optimizer, WARM_UP=warm_up, COOL_DOWN=cool_down, REFERENCE_BATCH=batch):
                means = [np.mean([held_out_accuracy(epochs, seed) for seed in SEEDS]) for epochs in EPOCHS]
            rows.append(f"| {schedule} | {rate} | " + " | ".join(f"{mean:.2%}" for mean in means) + " |")
    console.print("| schedule | learning rate | 1 epoch | 5 epochs |\n|---|---|---|---|", soft_wrap=True)
    for row in rows:
        console.print(row, soft_wrap=True)


if __name__ == "__main__":
    main()
