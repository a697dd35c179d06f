"""What one of several processes does of a task: its part of a batch, and its part of the parameters."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cnn.augmentation import Augment
from cnn.loss import cross_entropy
from cnn.network import Network
from cnn.optimizer import Adam
from system.arrays import Array

GRADIENT, AUGMENTED_GRADIENT, LOGITS, STEP = range(4)


@dataclass(frozen=True)
class SharedArrays:
    """The arrays that all workers see; N images altogether, n of them chosen at a time."""

    task: NDArray[np.int64]  # what to do, and n
    learning_rate: NDArray[np.float64]  # of a step
    images: Array  # N, 28, 28
    labels: NDArray[np.int64]  # N
    chosen: NDArray[np.int64]  # indices of n images, at the front of N
    draws: Array  # (n, at the front of N), columns of the augmentation
    parameters: Array
    mean: Array  # of Adam, (parameters,), as the next two
    variance: Array
    average: Array
    gradients: Array  # worker, parameter
    losses: Array  # n, at the front of N
    correct: NDArray[np.bool_]  # n, at the front of N
    logits: Array  # (n, at the front of N), classes


@dataclass(frozen=True)
class Share:
    """The part of one process.

    number, count: which it is, from 0, of how many. images: of a pass. augment, optimizer: what they ask.
    """

    number: int
    count: int
    images: int
    augment: Augment | None
    optimizer: Adam | None

    def do(self, network: Network, arrays: SharedArrays) -> None:
        """Do the part of the present task."""
        if arrays.task[0] == STEP:
            self._step(arrays)
        else:
            self._compute(network, arrays, *map(int, arrays.task))

    def _part(self, total: int) -> slice:
        return slice(total * self.number // self.count, total * (self.number + 1) // self.count)

    def _step(self, arrays: SharedArrays) -> None:
        if self.optimizer is None:
            raise RuntimeError("These workers were given no optimizer.")
        own = self._part(len(arrays.parameters))
        gradient = np.add.reduce(arrays.gradients[:, own], axis=0)
        gradient /= arrays.task[1]
        self.optimizer.step(gradient, float(arrays.learning_rate[0]), own)

    def _compute(self, network: Network, arrays: SharedArrays, task: int, total: int) -> None:
        own = self._part(total)
        images = arrays.images[arrays.chosen[own]]
        if self.augment and task == AUGMENTED_GRADIENT:
            images = self.augment(images, arrays.draws[own])  # at once: 10 us an image for 128 of them, 15 for 32
        gradient = arrays.gradients[self.number]
        gradient[...] = 0
        for first in range(own.start, own.stop, self.images):
            part = slice(first, min(first + self.images, own.stop))
            logits = network.forward(images[part.start - own.start : part.stop - own.start], training=task != LOGITS)
            if task == LOGITS:
                arrays.logits[part] = logits.T
                continue
            labels = arrays.labels[arrays.chosen[part]]
            arrays.losses[part], logits_gradient = cross_entropy(logits, labels)
            arrays.correct[part] = logits.argmax(axis=0) == labels
            network.backward(logits_gradient)
            gradient += network.gradient
