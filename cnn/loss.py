"""Softmax and cross-entropy, together and from logits."""

import numpy as np
from numpy.typing import NDArray

from system.arrays import Array


def softmax(logits: Array) -> Array:
    """Return probabilities (classes, N), each image's from 0 to 1 with sum 1, for logits (classes, N)."""
    # Without its maximum subtracted, a logit over 88 overflows exp in float32; the quotient is the same.
    exponentials = np.exp(logits - logits.max(axis=0))
    probabilities: Array = exponentials / exponentials.sum(axis=0)
    return probabilities


def cross_entropy(logits: Array, labels: NDArray[np.integer]) -> tuple[Array, Array]:
    """Return each image's loss (N,), in nats, and its gradient with respect to that image's logits (classes, N).

    For logits (classes, N) and labels (N,) from 0 to classes - 1. The loss is log(sum(exp(logits))) - logits[label],
    finite where the probability of the label rounds to 0; its gradient is softmax(logits) - one_hot(label).
    """
    images = np.arange(len(labels))
    shifted = logits - logits.max(axis=0)
    exponentials = np.exp(shifted)
    sums = exponentials.sum(axis=0)
    losses = np.log(sums) - shifted[labels, images]
    gradient = exponentials / sums
    gradient[labels, images] -= 1
    return losses, gradient
