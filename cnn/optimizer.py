"""Adam on one flat vector, and how its learning rate goes with time and with the layer."""

from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnn.architecture import Specs, parameter_shapes

WARM_UP = 0.05
COOL_DOWN = 0.3
REFERENCE_INPUTS = 1000


class Adam:
    """Updates a parameter vector in place; its moments live here.

    scale: of the same shape, what multiplies the learning rate of each parameter.

    Source: Kingma & Ba, ICLR 2015 (arXiv 1412.6980), with its constants.
    """

    def __init__(
        self,
        parameters: NDArray[Any],
        scale: NDArray[Any],
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-8,
    ) -> None:
        self.parameters, self.scale = parameters, scale
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
        scratch *= self.scale
        scratch *= learning_rate * correction / (1 - self.beta_1**self.steps)
        self.parameters -= scratch


def one_cycle(step: int, steps: int, peak: float) -> float:
    """The learning rate of a step, counted from 0: straight up to the peak, held there, straight down to near 0.

    Source: Smith & Topin, 2017 (arXiv 1708.07120), here with a plateau: in the few epochs of a quick training every
    step counts (benchmarks/schedule.py compares them).
    """
    return peak * min(1.0, (step + 1) / (WARM_UP * steps + 1), (steps - step) / (COOL_DOWN * steps))


def layer_scale(specs: Specs) -> NDArray[np.float64]:
    """What multiplies the learning rate of each parameter (parameters,): sqrt(REFERENCE_INPUTS / inputs of its unit).

    Adam moves every weight by about the learning rate, but a unit of 25 inputs starts with weights four times those of
    one of 400. So scaled, all move by the same share of where they started.

    Source: 'equalized learning rate', Karras et al., ICLR 2018 (arXiv 1710.10196), section 4.1.
    """
    pairs = parameter_shapes(specs).values()
    factors = [(REFERENCE_INPUTS / prod(weight[1:])) ** 0.5 for weight, _ in pairs]
    return np.repeat(factors, [prod(weight) + prod(bias) for weight, bias in pairs])
