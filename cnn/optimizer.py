"""Adam on one flat vector, the running mean of that vector, and the learning rate."""

import math
from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

REFERENCE_BATCH = 32  # images
EVERYTHING = slice(None)


class Adam:
    """Updates a parameter vector in place; its moments live here.

    VECTORS: the names of all that it updates, each (parameters,).

    Source: Kingma & Ba, ICLR 2015 (arXiv 1412.6980), with its constants.
    """

    VECTORS: ClassVar[tuple[str, ...]] = ("parameters", "mean", "variance")

    def __init__(
        self,
        parameters: NDArray[Any],
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-8,
    ) -> None:
        self.parameters = parameters
        self.beta_1, self.beta_2, self.epsilon = beta_1, beta_2, epsilon
        self.steps = 0
        self.mean = np.zeros_like(parameters)
        self.variance = np.zeros_like(parameters)
        self._scratch = np.empty_like(parameters)

    def attach(self, vectors: Mapping[str, NDArray[Any]]) -> None:
        """Update other arrays from now on, by the names of VECTORS, which hold what those so far held."""
        for name in self.VECTORS:
            setattr(self, name, vectors[name])
        self._scratch = np.empty_like(self.parameters)

    def step(self, gradient: NDArray[Any], learning_rate: float, part: slice = EVERYTHING) -> None:
        """Move a part of the parameters against its gradient, which is left as it is.

        part: other processes that share the vectors take a step with the others; all of them for one process.
        """
        self.steps += 1
        mean, variance, scratch = self.mean[part], self.variance[part], self._scratch[part]
        np.multiply(gradient, 1 - self.beta_1, out=scratch)
        mean *= self.beta_1
        mean += scratch
        np.multiply(gradient, gradient, out=scratch)
        scratch *= 1 - self.beta_2
        variance *= self.beta_2
        variance += scratch
        # Both moments start at zero; what corrects them for it is the same for all parameters, so it joins the scalars.
        correction = (1 - self.beta_2**self.steps) ** 0.5
        np.sqrt(variance, out=scratch)
        scratch += self.epsilon * correction
        np.divide(mean, scratch, out=scratch)
        scratch *= learning_rate * correction / (1 - self.beta_1**self.steps)
        self.parameters[part] -= scratch


class AveragedAdam(Adam):
    """Adam that shrinks the parameters in each step, and keeps a running mean of them, which is what training is for.

    average: the mean, in which the parameters of step t weigh about t^averaging. At 9, those are mostly the last tenth
        of the steps, however many there are: the noise of single steps goes, what was learned early does not hold back.

    Source: decoupled weight decay of Loshchilov & Hutter, ICLR 2019 (arXiv 1711.05101), and polynomial-decay averaging
    of Shamir & Zhang, ICML 2013 (arXiv 1212.1824).
    """

    VECTORS = (*Adam.VECTORS, "average")

    def __init__(self, parameters: NDArray[Any], weight_decay: float, averaging: float) -> None:
        super().__init__(parameters)
        self.weight_decay, self.averaging = weight_decay, averaging
        self.average = parameters.copy()

    def step(self, gradient: NDArray[Any], learning_rate: float, part: slice = EVERYTHING) -> None:
        parameters, average, scratch = self.parameters[part], self.average[part], self._scratch[part]
        parameters *= 1 - learning_rate * self.weight_decay
        super().step(gradient, learning_rate, part)
        np.subtract(parameters, average, out=scratch)
        scratch *= (self.averaging + 1) / (self.averaging + self.steps)
        average += scratch


def one_cycle(step: int, steps: int, peak: float, warm_up: float, cool_down: float) -> float:
    """Return the learning rate of a step, counted from 0: straight up to the peak, held there, straight down to near 0.

    warm_up, cool_down: shares of the steps, from 0 to 1, on which it goes up and down.

    Source: Smith & Topin, 2017 (arXiv 1708.07120), here with a long plateau: the running mean takes away the noise that
    a slow way down is for, and learns more on the way (benchmarks/recipe.py compares them).
    """
    down = (steps - step) / (cool_down * steps) if cool_down else 1.0
    return peak * min(1.0, (step + 1) / (warm_up * steps + 1), down)


def scale_learning_rate(learning_rate: float, batch_size: int) -> float:
    """Return the learning rate for batches of some size, for one that is meant for REFERENCE_BATCH images.

    A larger batch has a gradient of less noise, but gives fewer steps; for Adam, the rate goes with the square root.

    Source: Malladi et al., NeurIPS 2022 (arXiv 2205.10287).
    """
    return learning_rate * math.sqrt(batch_size / REFERENCE_BATCH)
