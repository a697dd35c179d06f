"""Holding images out of a training, so that they say how it goes."""

import numpy as np
from numpy.typing import NDArray

from cnn.inputs import InputError

_STREAM = 2  # of random numbers, of a seed: neither what orders the images nor what draws the weights


def hold_out(labels: NDArray[np.int64], share: float, seed: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the indices of the images that are trained on, and of those that are held out: the same for the same seed.

    labels: (N,). share: of the images of each class, from 0 to 1, rounded to whole images; 0 holds none out.

    Raises:
        InputError: where the share is above 0, but less than half an image of every class.
    """
    generator = np.random.default_rng([seed, _STREAM])
    held_out = np.zeros(len(labels), np.bool_)
    for each in np.unique(labels) if share else ():
        images = np.flatnonzero(labels == each)
        held_out[generator.permutation(images)[: round(share * len(images))]] = True
    if share and not held_out.any():
        raise InputError(
            f"A validation share is at least an image of some class: {share:g} of {len(labels):,} images was given. "
            "Choose a larger share, or 0."
        )
    return np.flatnonzero(~held_out), np.flatnonzero(held_out)
