"""Wholeness: whether an image shows one digit, whole and alone, or a part, two, or none.

A network of its own judges, whichever reads the digits: `python -m menu.make_models --whole-digits` trains it on what
`preprocessing.no_digits` makes of MNIST's. An image may show what a piece was cut from, darker than the piece.
"""

from collections import Counter
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from cnn.architecture import DIGITS
from system.arrays import Array

if TYPE_CHECKING:
    from cnn.inputs import Images
    from cnn.model import Model

WHOLE_DIGITS = Path(__file__).with_name("whole_digits.npz")
SPECS = "C(16,3)-P2-C(32,3)-P2-FC256-FC11"  # the last class is what is no digit
NONE = "-"  # what it is called where digits are named that a digit looks like
# Of what looks like no digit, and is one in a hand: so much that it is read, with a doubt, where there is nothing else.
# With a half, a model of struck zeros took objects, and touching digits, for zeros: of 180 pictures of numbers it read
# 139 right, not 144 as its parent, and as with this.
NONE_SHARE = 0.06
FEWEST = 2  # digits of a hand that look like none, before such are read


def wholeness(images: "Images", alike: Mapping[str, str] = MappingProxyType({})) -> Array:
    """Return how probable it is that each image shows each digit, whole and alone: (n, 10).

    alike: for a digit, others that it looks like in the hand that the reading network has learned, or NONE: what shows
    one of them whole shows that digit whole, if the reading network takes it for that.
    """
    found: Array = _judge().probabilities(images)
    return of_hand(found[:, :-1], found[:, -1], alike)


def of_hand(seen: Array, none: Array, alike: Mapping[str, str]) -> Array:
    """Return probabilities (n, 10, ...) of digits as a hand writes them: each has those of what it looks like, too.

    none: that of no digit, (n, ...).
    """
    shown: Array = seen.copy()
    for digit, others in alike.items():
        shown[:, int(digit)] += seen[:, [int(other) for other in {*others} - {NONE, digit}]].sum(axis=1)
        if NONE in others:
            shown[:, int(digit)] += NONE_SHARE * none
    return shown


def alike_of(metadata: Mapping[str, Any]) -> dict[str, str]:
    """Return which digits, or NONE, the metadata of a model say that a digit looks like; none where nothing usable."""
    stored = metadata.get("alike")
    if not isinstance(stored, dict) or not all(isinstance(others, str) for others in stored.values()):
        return {}
    return {digit: others for digit, others in stored.items() if digit in DIGITS and {*others} <= {*DIGITS, NONE}}


def look_alikes(
    images: NDArray[np.uint8], labels: NDArray[np.integer[Any]], known: Mapping[str, str]
) -> dict[str, str]:
    """Return for each digit of a hand which others it looks like, or NONE: images (n, 28, 28) show labels (n,), whole.

    known: what was found before, which is kept.
    """
    alike = {digit: set(others) for digit, others in known.items()}
    taken = _judge().probabilities(images).argmax(axis=1)
    for (label, other), count in Counter(zip(labels.tolist(), taken.tolist(), strict=True)).items():
        if other != label and (other < len(DIGITS) or count >= FEWEST):
            alike.setdefault(str(label), set()).add(str(other) if other < len(DIGITS) else NONE)
    return {digit: "".join(sorted(others)) for digit, others in sorted(alike.items())}


@cache
def _judge() -> "Model":
    from cnn.model import Model

    return Model.load(WHOLE_DIGITS)
