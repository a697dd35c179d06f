"""Calibration: confidences that are the share of right answers."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnn.loss import softmax
from system.arrays import Array

MAX_TEMPERATURE = 10.0
_HALVINGS = 40  # of the range, in which 1 part in 10^11 is left


def fit_temperature(logits: Array, labels: NDArray[np.integer[Any]]) -> float:
    """Return the temperature, from 1/10 to 10, at which softmax(logits / temperature) has the least cross-entropy.

    logits: (N, classes), of images that the network was not trained on; labels: (N,), 0 to classes - 1. It changes no
    answer, only how sure of it the network says it is: above 1 less, below 1 more.

    Source: Guo, Pleiss, Sun & Weinberger, ICML 2017 (arXiv 1706.04599). With b = 1 / temperature the cross-entropy is
    convex in b, and its slope the mean logit under softmax(b * logits) less that of the labels: the root is bracketed.
    """
    logits = logits.astype(np.float64)
    of_labels = logits[np.arange(len(labels)), labels].mean()
    lowest, highest = 1 / MAX_TEMPERATURE, MAX_TEMPERATURE
    for _ in range(_HALVINGS):
        middle = (lowest * highest) ** 0.5
        slope = (softmax(middle * logits.T).T * logits).sum(axis=1).mean() - of_labels
        lowest, highest = (middle, highest) if slope < 0 else (lowest, middle)
    return float(1 / (lowest * highest) ** 0.5)
