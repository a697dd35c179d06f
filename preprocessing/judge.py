"""The judge: how sure a reading network is that an image shows one digit, and which."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from system.arrays import Array

LOWEST = -8.0  # the logarithm of the smallest probability that counts: one digit never outweighs all others
CUT_SHARE = 0.25  # what the reader's logarithm of a cut piece's probability counts: 1 reads 3 of 100 rows less


class Reader(Protocol):
    """What reads images: a model of the network, or anything else with these two.

    One may have two more, which take images as `probabilities` does, and return None where they know nothing of the
    classes: `wholeness`, (N, classes), how probable it is that the image shows that class and nothing more or less; and
    `pairs`, (N, classes, classes), that a stretched one shows one class and after it the other.
    """

    @property
    def class_names(self) -> Sequence[str]:
        """The name of each class."""

    def probabilities(self, images: NDArray[np.uint8], /) -> Array:
        """Return the probabilities (N, classes), from 0 to 1 with sum 1 in a row, of images (N, 28, 28)."""


@dataclass(frozen=True)
class Verdict:
    """What a reader makes of some images.

    probabilities: (N, classes). scores: (N,), the logarithm of how probable it is that each shows its most probable
    class, whole and alone. wholeness: (N,), from 0 to 1, what the second network says of that.
    """

    probabilities: Array
    scores: Array
    wholeness: Array


class Judge:
    """A reader, asked about images; remembers what it was asked."""

    def __init__(self, reader: Reader) -> None:
        self.reader = reader
        self._check: Any = getattr(reader, "wholeness", None)
        self._pairs: Any = getattr(reader, "pairs", None)

    def name(self, probabilities: Array) -> str:
        """Return what the most probable class is called, of its probabilities (classes,)."""
        return self.reader.class_names[int(probabilities.argmax())]

    def verdict(
        self, images: Sequence[NDArray[np.uint8]], in_context: Sequence[NDArray[np.uint8] | None] = ()
    ) -> Verdict:
        """Judge images (28, 28).

        in_context: of each image that is a cut piece, how it looks with what it was cut from; None of others. The
        second network has seen such pieces, and the reader has not: it then says little about the class.
        """
        if not len(images):
            empty = np.zeros(0, np.float32)
            return Verdict(np.zeros((0, len(self.reader.class_names)), np.float32), empty, empty)
        stacked = np.stack(images)
        probabilities = self.reader.probabilities(stacked)
        rows = np.arange(len(stacked))
        seen = [*in_context, *[None] * (len(images) - len(in_context))]
        shown = [image if each is None else each for image, each in zip(images, seen, strict=True)]
        checked = self._check(np.stack(shown)) if self._check else None
        if checked is None:  # a plain rule: half a digit and two digits leave a network unsure
            sure = probabilities.max(axis=1)
            return Verdict(probabilities, np.maximum(2 * np.log(np.maximum(sure, 1e-9)), LOWEST), sure)
        is_cut = np.array([each is not None for each in seen])
        share = np.where(is_cut, CUT_SHARE, np.float32(1))[:, None]
        read, same = share * np.log(np.maximum(probabilities, 1e-9)), np.log(np.maximum(checked, 1e-9))
        both = np.exp(read + same)
        probabilities = np.where(is_cut[:, None], both / both.sum(axis=1, keepdims=True), probabilities)
        best = probabilities.argmax(axis=1)
        return Verdict(probabilities, np.maximum((read + same)[rows, best], LOWEST), checked[rows, best])

    def pairs(self, images: Sequence[NDArray[np.uint8]]) -> Array | None:
        """Return the logarithm of how probable each pair of classes is, (N, classes, classes), in stretched images.

        None where the reader does not know, or there are no images.
        """
        found = self._pairs(np.stack(images)) if self._pairs and len(images) else None
        return None if found is None else np.log(np.maximum(found, 1e-9))
