"""Two readings of the same pictures: whether the second is better, by more than luck."""

from dataclasses import dataclass
from math import comb

import numpy as np
from numpy.typing import NDArray

from preprocessing.prediction import MIN_CONFIDENCE
from system.arrays import Array

MORE_RIGHT = 2  # pictures: one more may be luck
LUCK_OF_RIGHT = 0.25  # how probable it may be, of pictures read otherwise, that so many are right by luck
LUCK_OF_SURER = 0.05  # and of those read right, that so many are read more surely


@dataclass(frozen=True)
class Improvement:
    """How some pictures were read before and after.

    right_before, right_after: of their digits. gained, lost: pictures that are read right, all their digits, only
    after, and only before. doubtful_before, doubtful_after: pictures with a digit that is not read right with
    MIN_CONFIDENCE. read: pictures that are read right after. surer: of these, with a lower mean loss after.
    """

    pictures: int
    digits: int
    right_before: int
    right_after: int
    gained: int
    lost: int
    doubtful_before: int
    doubtful_after: int
    read: int
    surer: int

    @property
    def helped(self) -> bool:
        """Whether it is better by more than luck.

        Either more pictures are read right, and so many more that luck alone would hardly have it so; or none is
        misread anew, and so many of those read right are read more surely. Pictures that are misread after prove
        nothing: so are those with wrong labels, less surely than before.
        """
        more = self.gained - self.lost >= MORE_RIGHT and luck(self.gained, self.gained + self.lost) <= LUCK_OF_RIGHT
        return more or (not self.lost and luck(self.surer, self.read) <= LUCK_OF_SURER)


def compare_readings(
    before: Array, after: Array, labels: NDArray[np.integer], pictures: NDArray[np.integer]
) -> Improvement:
    """Compare two readings (n, classes), probabilities, of digits with labels (n,), each of a picture, (n,), from 0."""
    count = int(pictures.max()) + 1
    right = [reading.argmax(axis=1) == labels for reading in (before, after)]
    wrong = [np.bincount(pictures, ~each, count) > 0 for each in right]
    rows = np.arange(len(labels))
    doubtful = [
        int((np.bincount(pictures, each[rows, labels] < MIN_CONFIDENCE, count) > 0).sum()) for each in (before, after)
    ]
    better = np.log(np.maximum(after[rows, labels], 1e-9)) - np.log(np.maximum(before[rows, labels], 1e-9))
    return Improvement(
        pictures=count,
        digits=len(labels),
        right_before=int(right[0].sum()),
        right_after=int(right[1].sum()),
        gained=int((wrong[0] & ~wrong[1]).sum()),
        lost=int((wrong[1] & ~wrong[0]).sum()),
        doubtful_before=doubtful[0],
        doubtful_after=doubtful[1],
        read=int((~wrong[1]).sum()),
        surer=int((~wrong[1] & (np.bincount(pictures, better, count) > 0)).sum()),
    )


def luck(good: int, of: int) -> float:
    """Return how probable it is that of so many tosses of a coin, so many or more are heads: the sign test."""
    return float(sum(comb(of, heads) for heads in range(good, of + 1)) / 2**of)
