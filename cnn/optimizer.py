"""Adam on one flat vector, the running mean of that vector, and the learning rate."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

WARM_UP = 0.05
COOL_DOWN = 0.05
REFERENCE_BATCH = 32
AVERAGING = 9
WEIGHT_DECAY = 0.1


class Adam:
    """Updates a parameter vector in place; its moments live here.

    Source: Kingma & Ba, ICLR 2015 (arXiv 1412.6980), with its constants.
    """

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

    def step(self, gradient: NDArray[Any], learning_rate: float) -> None:
        """Move the parameters against a gradient of the same shape, which is left as it is."""
        self.steps += 1
        scratch = self._scratch
        np.multiply(gradient, 1 - self.beta_1, out=scratch)
        self.mean *= self.beta_1
        self.mean += scratch
        np.multiply(gradient, gradient, out=scratch)
        scratch *= 1 - self.beta_2
        self.variance *= self.beta_2
        self.variance += scratch
        # Both moments start at zero; what corrects them for it is the same for all parameters, so it joins the scalars.
        correction = (1 - self.beta_2**self.steps) ** 0.5
        np.sqrt(self.variance, out=scratch)
        scratch += self.epsilon * correction
        np.divide(self.mean, scratch, out=scratch)
        scratch *= learning_rate * correction / (1 - self.beta_1**self.steps)
        self.parameters -= scratch


class AveragedAdam(Adam):
    """Adam that shrinks the parameters in each step, and keeps a running mean of them, which is what training is for.

    average: the mean, in which the parameters of step t weigh about t^9: mostly those of the last tenth of the steps,
        however many there are. The noise of single steps goes, what was learned early does not hold back.

    Source: decoupled weight decay of Loshchilov & Hutter, ICLR 2019 (arXiv 1711.05101), and polynomial-decay averaging
    of Shamir & Zhang, ICML 2013 (arXiv 1212.1824).
    """

    def __init__(self, parameters: NDArray[Any]) -> None:
        super().__init__(parameters)
        self.average = parameters.copy()

    def step(self, gradient: NDArray[Any], learning_rate: float) -> None:
        self.parameters *= 1 - learning_rate * WEIGHT_DECAY
        super().step(gradient, learning_rate)
        np.subtract(self.parameters, self.average, out=self._scratch)
        self._scratch *= (AVERAGING + 1) / (AVERAGING + self.steps)
        self.average += self._scratch


def one_cycle(step: int, steps: int, peak: float) -> float:
    """The learning rate of a step, counted from 0: straight up to the peak, held there, straight down to near 0.

    Source: Smith & Topin, 2017 (arXiv 1708.07120), here with a long plateau: the running mean takes away the noise that
    a slow way down is for, and learns more on the way (benchmarks/recipe.py compares them).
    """
    return peak * min(1.0, (step + 1) / (WARM_UP * steps + 1), (steps - step) / (COOL_DOWN * steps))


def rate_of_batch(learning_rate: float, batch_size: int) -> float:
    """The learning rate for batches of some size, for one that is meant for REFERENCE_BATCH images.

    A larger batch has a gradient of less noise, but gives fewer steps; for Adam, the rate goes with the square root.

    Source: Malladi et al., NeurIPS 2022 (arXiv 2205.10287).
    """
    return learning_rate * math.sqrt(batch_size / REFERENCE_BATCH)
