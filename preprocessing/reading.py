"""What was read on a picture: digits, and the lines, numbers and signs that they make up."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from preprocessing.box import Box
from preprocessing.digits import Digit

LEFT_OUT_SCORE = -4.0  # in nats: what ink counts that was left out, and no digit counts less
SURE = -0.5  # in nats: the score of a digit that is hardly in doubt
SINGLE_DOUBT = 1.0  # in nats: a single digit of that score is in no doubt


@dataclass(frozen=True, eq=False)
class FoundDigit:
    """A digit: image and box, the probability of each class, and what `judge.Verdict` says of it.

    cost: in nats, of the cuts and gaps that it takes, which its score has less. pair: as `lattice.Span` has it.
    """

    digit: Digit
    probabilities: NDArray[np.float32]
    score: float
    wholeness: float
    cost: float = 0.0
    pair: float | None = None


Number = tuple[FoundDigit | str, ...]  # digits, and the signs between them
Line = tuple[Number, ...]


@dataclass(frozen=True)
class Page:
    """What was read, line by line; by how many degrees, clockwise, the picture was turned; boxes of what was left out.

    warnings: sentences about what may be wrong. words: how many of the boxes are of words, beside which there is no
    doubt of the numbers.
    """

    lines: tuple[Line, ...]
    rotated: int = 0
    left_out: tuple[Box, ...] = ()
    warnings: tuple[str, ...] = ()
    words: int = 0

    @property
    def digits(self) -> tuple[FoundDigit, ...]:
        """All digits in reading order."""
        return tuple(item for line in self.lines for number in line for item in number if isinstance(item, FoundDigit))

    @property
    def unread(self) -> int:
        """How many boxes of what was left out are not of words."""
        return len(self.left_out) - self.words

    @property
    def quality(self) -> float:
        """How well its ink looks like digits, in nats: the mean of all scores, and of what was left out, but words."""
        scores = [max(one.score, LEFT_OUT_SCORE) for one in self.digits] + [LEFT_OUT_SCORE] * self.unread
        return float(np.mean(scores)) if scores else LEFT_OUT_SCORE

    @property
    def sure(self) -> int:
        """How many of its digits are hardly in doubt."""
        return sum(one.score > SURE for one in self.digits)

    @property
    def total(self) -> float:
        """The sum of all scores, in nats, and of what was left out, but words."""
        return sum(one.score for one in self.digits) + LEFT_OUT_SCORE * self.unread

    @property
    def looks(self) -> float:
        """The same, where what pairs look like, if any were seen, counts in place of the cuts that part them."""
        pairs = [one.pair for one in self.digits if one.pair is not None]
        return self.total + sum(pairs) + sum(one.cost for one in self.digits) if pairs else self.total

    @property
    def wholeness(self) -> float:
        """How probable it is that each digit is one, whole and alone; a single one counts where that is in doubt."""
        score = sum(one.score + one.cost for one in self.digits)
        return float(np.exp(score if len(self.digits) > 1 else min(0.0, score + SINGLE_DOUBT)))

    def moved(self, move: Callable[[Box], Box]) -> "Page":
        """Return the page with all boxes moved."""

        def of(item: FoundDigit | str) -> FoundDigit | str:
            return item if isinstance(item, str) else replace(item, digit=replace(item.digit, box=move(item.digit.box)))

        lines = tuple(tuple(tuple(of(item) for item in number) for number in line) for line in self.lines)
        return replace(self, lines=lines, left_out=tuple(move(box) for box in self.left_out))
