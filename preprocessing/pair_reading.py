"""Reading pairs: where a cut parts two digits, what both look like at once has a say in what each is."""

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from preprocessing.atoms import Atom, piece
from preprocessing.ink import Ink
from preprocessing.judge import Judge
from preprocessing.lattice import Span, best_path, spans, stack_cost
from preprocessing.pairs import MAX_WIDTH
from system.arrays import Array

PAIR_SHARE = 0.7  # what the logarithm of a pair's probability counts,
LOWEST = -8.0  # which is at least so much


def read_atoms(
    atoms: Sequence[Atom], ink: Ink, judge: Judge, height: float, wanted_width: Callable[[float], float]
) -> list[Span]:
    """Return the best way to read the atoms of a row; wanted_width: of strokes, as `mnist_form.normalize_digit` has it.

    What two neighbours look like at once is asked of the ways that are the best without it, until the best has no
    more to ask: as it can only cost, that is the best of all.
    """
    candidates = spans(atoms, ink, judge, height, wanted_width)
    pairs = Pairs(atoms, ink, judge, height, wanted_width)
    path = best_path(len(atoms), candidates)
    while pairs.ask(path):
        path = best_path(len(atoms), candidates, pairs.cost)
    return pairs.weighed(path)


@dataclass(frozen=True)
class Pairs:
    """Neighbouring pieces that a cut parted, seen at once; remembers what it was asked, by the first and last atom."""

    atoms: Sequence[Atom]
    ink: Ink
    judge: Judge
    height: float
    wanted_width: Callable[[float], float]
    known: dict[tuple[int, int], Array] = field(default_factory=dict)

    def ask(self, path: Sequence[Span]) -> bool:
        """Look at the pairs of a way that were not seen before; tell whether there are any."""
        places = sorted({place for place in self._places(path) if place not in self.known})
        images = [self.ink.stretched(*piece(self.atoms, *place), self.wanted_width) for place in places]
        seen = self.judge.pairs(images)
        if seen is None:
            return False
        self.known.update(zip(places, np.maximum(seen, LOWEST), strict=True))
        return True

    def _places(self, path: Sequence[Span]) -> list[tuple[int, int]]:
        """Return from which atom to which the pairs of a way are that are not too wide."""
        pairs = [pair for pair in itertools.pairwise(path) if self._are_parted(*pair)]
        boxes = [one.box.join(other.box) for one, other in pairs]
        return [
            (one.first, other.last)
            for (one, other), box in zip(pairs, boxes, strict=True)
            if box.width < MAX_WIDTH * max(self.height, box.height)
        ]

    def _are_parted(self, one: Span, other: Span) -> bool:
        """Tell whether a cut is between two digits."""
        return one.image is not None and other.image is not None and self.atoms[other.first].cut > 0

    def cost(self, one: Span, other: Span) -> float:
        """Return what it costs to read a span after another, in nats, as far as it is known."""
        seen = self.known.get((one.first, other.last))
        if seen is None or not self._are_parted(one, other):
            return stack_cost(one, other)
        return stack_cost(one, other) - PAIR_SHARE * float(seen[one.label, other.label])

    def weighed(self, path: Sequence[Span]) -> list[Span]:
        """Return a way whose spans have the probabilities that they have beside their neighbours, and say of pairs."""
        weighed = list(path)
        for place, (one, other) in enumerate(itertools.pairwise(path)):
            seen = self.known.get((one.first, other.last)) if self._are_parted(one, other) else None
            if seen is not None:
                weighed[place] = _beside(weighed[place], seen[:, other.label])
                weighed[place + 1] = replace(
                    _beside(weighed[place + 1], seen[one.label]), pair=float(seen[one.label, other.label])
                )
        return weighed


def _beside(span: Span, logs: Array) -> Span:
    """Return a span with the probabilities that it has where the logarithms (classes,) of pairs are known."""
    if span.probabilities is None:
        return span
    weights = span.probabilities * np.exp(PAIR_SHARE * (logs - logs.max()))
    return replace(span, probabilities=weights / weights.sum())
