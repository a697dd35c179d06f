"""Wholeness: whether an image shows one digit, whole and alone, or a part, two, or none.

A network of its own judges, whichever reads the digits: `python -m menu.make_models --whole-digits` trains it on what
`preprocessing.no_digits` makes of MNIST's. An image may show what a piece was cut from, darker than the piece.
"""

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from system.arrays import Array

if TYPE_CHECKING:
    from cnn.inputs import Images
    from cnn.model import Model

WHOLE_DIGITS = Path(__file__).with_name("whole_digits.npz")
SPECS = "C(16,3)-P2-C(32,3)-P2-FC256-FC11"  # the last class is what is no digit


def wholeness(images: "Images") -> Array:
    """Return how probable it is that each image shows each digit, whole and alone: (n, 10), with a sum of at most 1."""
    return _judge().probabilities(images)[:, :-1]


@cache
def _judge() -> "Model":
    from cnn.model import Model

    return Model.load(WHOLE_DIGITS)
