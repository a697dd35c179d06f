"""Lattice: the ways to part the ink of one row into digits, and the best of them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from preprocessing.atoms import Atom, is_cut, piece
from preprocessing.box import Box
from preprocessing.ink import SQUEEZED, Ink
from preprocessing.judge import Judge

# Sizes are in heights of the row.
MAX_WIDTH = 1.5  # of a digit
CUT_SIZE = 0.5, 1.2  # the least height and the most width of one that was cut off: what is not so is not judged
MAX_ATOMS = 30  # neighbouring pieces that may make up one digit
MAX_GAP = 0.3  # between parts of a digit side by side
CUT_COST = 0.3  # of parting ink that is connected, in nats
INK_COST = 0.8  # and for each height of ink that is cut
JOIN_COST = 0.7  # of taking ink that is apart for one digit
GAP_COST = 4.0  # and for each height between
LOW, LOW_CUT = 0.5, 0.75  # a digit is at least so high, and one that was cut off,
LOW_COST = 6.0  # for each height that is missing
ODDS_SHARE = 0.6  # what the odds that a piece is whole count, in nats,
LEAST_DOUBT = 0.0025  # of which no more than this is sure
TALL = 1.4  # what is so much higher than its row has a long tail, and is looked at without it, too;
TALL_COST = 1.2  # as it is, it counts so much less, in nats: a 9 with a long tail is like a 1
STACK_COST, MIN_OVERLAP = 3.0, 0.25  # of a digit after one that has less of its height in common with it, in nats
NONE_SCORE = -4.0  # of leaving a piece out
PIECE_SCORE = -6.0  # of leaving a piece out that was cut off
CLASSES, LEAST_LIKELY = 3, -5.0  # that what was cut off may be, by its own look, and in nats below the likeliest

Place = tuple[int, int, Box, float]  # the first and the last of some atoms, the box around them, and their cost


@dataclass(frozen=True)
class Span:
    """Neighbouring atoms as one digit: from which to which, its image, and what `judge.Verdict` says of it.

    score, cost: in nats, of what it looks like, and of the cuts and gaps that it takes. label: the class that it is
    taken for. pair: the logarithm of the probability that it and the digit before, where a cut parts them, are those.
    """

    first: int
    last: int
    box: Box
    image: NDArray[np.uint8] | None
    score: float
    probabilities: NDArray[np.float32] | None
    wholeness: float
    cost: float = 0.0
    label: int = 0
    pair: float | None = None

    @property
    def weight(self) -> float:
        """Return what it counts in a path, in nats.

        What is whole is not a part of anything else: ways past it count less, by the odds.
        """
        odds = -np.log(max(1 - self.wholeness, LEAST_DOUBT))
        return self.score - self.cost + ODDS_SHARE * float(odds)


def spans(
    atoms: Sequence[Atom], ink: Ink, judge: Judge, height: float, wanted_width: Callable[[float], float]
) -> list[Span]:
    """Judge all neighbouring atoms that may be one digit, and each alone as none."""
    found: list[Place] = []
    images: list[NDArray[np.uint8]] = []
    in_context: list[NDArray[np.uint8] | None] = []
    tails: list[tuple[Place, NDArray[np.uint8]]] = []
    for first in range(len(atoms)):
        box, cost = atoms[first].box, 0.0
        if atoms[first].cut:
            cost += CUT_COST + INK_COST * atoms[first].cut
        for last in range(first, min(len(atoms), first + MAX_ATOMS)):
            if last > first:
                joined = _join_cost(box, atoms[last - 1], atoms[last], height)
                if joined is None:
                    break
                cost += joined
                box = box.join(atoms[last].box)
            if box.width > MAX_WIDTH * max(height, box.height) and last > first:
                break
            whole, mask = piece(atoms, first, last)
            cut_off = is_cut(atoms, first, last)
            if cut_off and (whole.height < CUT_SIZE[0] * height or whole.width > CUT_SIZE[1] * max(height, box.height)):
                continue
            low = LOW_COST * max(0.0, (LOW_CUT if cut_off else LOW) - whole.height / height)
            found.append((first, last, whole, cost + low))
            images.append(ink.image(whole, mask, wanted_width))
            in_context.append(ink.in_context(images[-1], whole, mask) if cut_off else None)
            if whole.height > TALL * max(height, SQUEEZED * whole.width / TALL):
                tails += [(found[-1], shorter) for shorter in ink.shortened(whole, mask, wanted_width)]
                found[-1] = (first, last, whole, cost + low + TALL_COST)
    found += [same for same, _ in tails]
    images += [image for _, image in tails]
    verdict = judge.verdict(images, in_context)
    made = [
        Span(first, last, box, image, float(score), row, float(whole), cost, int(row.argmax()))
        for (first, last, box, cost), image, score, row, whole in zip(
            found, images, verdict.scores, verdict.probabilities, verdict.wholeness, strict=True
        )
    ]
    made += [other for span in made if is_cut(atoms, span.first, span.last) for other in _alternatives(span)]
    for place, atom in enumerate(atoms):
        score = PIECE_SCORE if is_cut(atoms, place, place) else NONE_SCORE
        made.append(Span(place, place, atom.box, None, score, None, 0.0))
    return made


def _join_cost(box: Box, before: Atom, after: Atom, height: float) -> float | None:
    """Return what it costs to take an atom to those in a box, the last of which is `before`; None where it is far."""
    if before.component == after.component:
        return 0.0
    gap = max(0.0, after.box.left - box.right, after.box.top - box.bottom, box.top - after.box.bottom)
    if gap > MAX_GAP * height:
        return None
    over = min(box.right, after.box.right) - max(box.left, after.box.left)
    return (0 if over > 0.5 * min(box.width, after.box.width) else JOIN_COST) + GAP_COST * gap / height


def _alternatives(span: Span) -> list[Span]:
    """Return what was cut off as the other digits that it may be: seen with its neighbours, it may look like one."""
    if span.probabilities is None:
        return []
    logs = np.log(np.maximum(span.probabilities, 1e-9))
    odds = logs - logs[span.label]
    likely = np.argsort(-odds)[1:CLASSES]
    return [
        replace(span, score=span.score + float(odds[label]), label=int(label))
        for label in likely
        if odds[label] > LEAST_LIKELY
    ]


@dataclass(frozen=True)
class _Way:
    """A way through the first atoms: what it counts, its last span, and the way until that."""

    weight: float
    span: Span | None = None
    before: "_Way | None" = None


def best_path(
    count: int, candidates: Sequence[Span], cost_between: Callable[[Span, Span], float] | None = None
) -> list[Span]:
    """Return the spans of the best way through `count` atoms: the one with the highest sum of weights, less costs.

    cost_between: what it costs to read a span after another; `stack_cost` unless given.
    """
    cost = cost_between or stack_cost
    ways: list[list[_Way]] = [[] for _ in range(count + 1)]
    ways[0].append(_Way(0.0))
    for first, following in groupby(sorted(candidates, key=lambda each: each.first), lambda each: each.first):
        until = sorted(ways[first], key=lambda each: -each.weight)
        for span in following if until else ():
            before, weight = until[0], -np.inf
            for way in until:
                if way.weight <= weight:  # and those after it, too: a cost only takes away
                    break
                if (left := way.weight - (cost(way.span, span) if way.span else 0.0)) > weight:
                    before, weight = way, left
            ways[span.last + 1].append(_Way(weight + span.weight, span, before))
    way = max(ways[count], key=lambda each: each.weight)
    path = []
    while way.span and way.before:
        path.append(way.span)
        way = way.before
    return path[::-1]


def stack_cost(one: Span, other: Span) -> float:
    """Return what it costs to read a span after another that it is above or below.

    Digits of a row stand side by side: what was cut off below another, as a long tail is, is hardly one.
    """
    if one.image is None or other.image is None:
        return 0.0
    overlap = min(one.box.bottom, other.box.bottom) - max(one.box.top, other.box.top)
    return STACK_COST if overlap < MIN_OVERLAP * min(one.box.height, other.box.height) else 0.0
