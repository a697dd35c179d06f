"""What one of several processes does of a task: its part of a batch, and its part of the parameters."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cnn.augmentation import Augment
from cnn.layers.base import Context
from cnn.loss import cross_entropy
from cnn.network import READING, Network
from cnn.optimizer import Adam
from cnn.random_numbers import RandomNumbers
from system.arrays import Array

GRADIENT, AUGMENTED_GRADIENT, LOGITS, STEP = range(4)


@dataclass(frozen=True)
class SharedArrays:
    """The arrays that all workers see; N images altogether, n of them chosen at a time."""

    task: NDArray[np.int64]  # what to do, and n
    learning_rate: NDArray[np.float64]  # of a step
    seed: NDArray[np.int64]  # of its random numbers
    images: Array  # N, 28, 28
    labels: NDArray[np.int64]  # N
    chosen: NDArray[np.int64]  # indices of n images, at the front of N
    draws: Array  # (n, at the front of N), columns of the augmentation
    state: Array  # of the model
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

    number, count: which it is, from 0, of how many. images: of a pass. together: how many of a batch, at most, are
    computed together in training. random: whether layers ask for random numbers. augment, optimizer: what they ask.
    """

    number: int
    count: int
    images: int
    together: int
    random: bool
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
        # A batch is cut into equal groups of images that are computed together, each of which one process takes whole:
        # what comes of them does not depend on how many processes there are.
        groups = -(-total // self.together)
        own_groups = self._part(groups)
        own = slice(own_groups.start * total // groups, own_groups.stop * total // groups)
        images = arrays.images[arrays.chosen[own]]
        if self.augment and task == AUGMENTED_GRADIENT:
            images = self.augment(images, arrays.draws[own])  # at once: 10 us an image for 128 of them, 15 for 32
        gradient = arrays.gradients[self.number]
        gradient[...] = 0
        at_once = self.images // -(-total // groups)
        for first in range(own_groups.start, own_groups.stop, at_once):
            of_pass = range(first, min(first + at_once, own_groups.stop) + 1)
            bounds = [group * total // groups for group in (of_pass if self.together > 1 else (first, of_pass[-1]))]
            part = slice(bounds[0], bounds[-1])
            context = READING if task == LOGITS else self._training(arrays, bounds)
            logits = network.forward(images[part.start - own.start : part.stop - own.start], context)
            if task == LOGITS:
                arrays.logits[part] = logits.T
                continue
            labels = arrays.labels[arrays.chosen[part]]
            arrays.losses[part], logits_gradient = cross_entropy(logits, labels)
            arrays.correct[part] = logits.argmax(axis=0) == labels
            network.backward(logits_gradient)
            gradient += network.gradient

    def _training(self, arrays: SharedArrays, bounds: list[int]) -> Context:
        """Return the context of a pass over images of the batch, in groups that begin at `bounds` and end at the last.

        Random numbers go by an image's place in the batch.
        """
        first, last = bounds[0], bounds[-1]
        random = RandomNumbers(int(arrays.seed[0]), first, last - first) if self.random else None
        return Context(True, tuple(bound - first for bound in bounds), random)
