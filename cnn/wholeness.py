"""Wholeness: whether an image shows one digit, whole and alone, or a part, two, or none.

A network of its own judges, whichever reads the digits. It was trained on MNIST's and on what `preprocessing.no_digits`
makes of them, by `python -m menu.make_models --whole-digits`.
"""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from system.arrays import Array

if TYPE_CHECKING:
    from cnn.inputs import Images
    from cnn.model import Model

WHOLE_DIGITS = Path(__file__).with_name("whole_digits.npz")
SPECS = "C(16,3)-P2-C(32,3)-P2-FC128-FC11"  # the last class is what is no digit
TAKEN = 0.5  # the probability of a digit that is taken for itself


def wholeness(images: "Images", alike: Mapping[str, str] = MappingProxyType({})) -> Array:
    """Return how probable it is that each image shows each digit, whole and alone: (n, 10).

    alike: for a digit, others that it looks like in the hand that the reading network has learned: what shows one of
    them whole shows that digit whole, if the reading network takes it for that.
    """
    found: Array = _judge().probabilities(images)[:, :-1]
    seen: Array = found.copy()
    for digit, others in alike.items():
        seen[:, int(digit)] = found[:, sorted({int(digit), *map(int, others)})].sum(axis=1)
    return seen


def look_alikes(
    images: NDArray[np.uint8], labels: NDArray[np.integer[Any]], known: Mapping[str, str]
) -> dict[str, str]:
    """Return for each digit of a hand which others it looks like: images (n, 28, 28) that show labels (n,), whole.

    known: what was found before, which is kept.
    """
    alike = {digit: set(others) for digit, others in known.items()}
    seen = wholeness(images)
    for label, probabilities in zip(labels, seen, strict=True):
        if probabilities[label] < TAKEN and probabilities.argmax() != label:
            alike.setdefault(str(label), set()).add(str(probabilities.argmax()))
    return {digit: "".join(sorted(others)) for digit, others in sorted(alike.items())}


@cache
def _judge() -> "Model":
    from cnn.model import Model

    return Model.load(WHOLE_DIGITS)
