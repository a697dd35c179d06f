"""Pairs: which two digits an image shows, side by side and touching.

A network of its own, as that of `cnn.wholeness`, says so, whichever reads the digits: `python -m menu.make_models
--pairs` trains it on what `preprocessing.pairs` makes of MNIST's.
"""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from cnn.architecture import DIGITS
from cnn.wholeness import of_hand
from system.arrays import Array

if TYPE_CHECKING:
    from cnn.inputs import Images
    from cnn.model import Model

DIGIT_PAIRS = Path(__file__).with_name("digit_pairs.npz")
SPECS = "C(24,3)-P2-C(48,3)-P2-FC384-FC101"  # the class of a before b is 10a + b, and the last is what is no pair


def pairs(images: "Images", alike: Mapping[str, str] = MappingProxyType({})) -> Array:
    """Return how probable it is that each stretched image shows two digits, one and after it the other: (n, 10, 10).

    alike: as `cnn.wholeness.wholeness` has it.
    """
    found: Array = _network().probabilities(images)
    seen: Array = found[:, :-1].reshape(-1, len(DIGITS), len(DIGITS))
    for _ in range(2):  # of the first digits, and of the second
        seen = of_hand(seen, found[:, -1:], alike).swapaxes(1, 2)
    return seen


@cache
def _network() -> "Model":
    from cnn.model import Model

    return Model.load(DIGIT_PAIRS)
