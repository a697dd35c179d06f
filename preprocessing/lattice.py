"""Lattice: the ways to part the ink of one row into digits, and the best of them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from preprocessing.atoms import Atom, is_cut, piece
from preprocessing.box import Box
from preprocessing.components import Component
from preprocessing.foreground import FAINT_THRESHOLD
from preprocessing.judge import Judge
from preprocessing.mnist_form import SIDE, Mask, normalize_digit

# Sizes are in heights of the row.
MAX_WIDTH = 1.5  # of a digit
CUT_SIZE = 0.5, 1.2  # the least height and the most width of one that was cut off: what is not so is not judged
MAX_ATOMS = 30  # neighbouring pieces that may make up one digit
MAX_GAP = 0.3  # between parts of a digit side by side
CUT_COST = 0.3  # of parting ink that is connected, in nats
INK_COST = 1.5  # and for each height of ink that is cut
JOIN_COST = 0.7  # of taking ink that is apart for one digit
GAP_COST = 4.0  # and for each height between
LOW, LOW_CUT = 0.5, 0.75  # a digit is at least so high, and one that was cut off,
LOW_COST = 6.0  # for each height that is missing
ODDS_SHARE = 0.6  # what the odds that a piece is whole count, in nats,
LEAST_DOUBT = 0.0025  # of which no more than this is sure
TALL = 1.4  # what is so much higher than its row has a long tail, which makes all else of it small,
SQUEEZED, CUT_OFF = 1.2, 1.8  # and is looked at with such heights over its width, too;
TALL_COST = 1.2  # as it is, it counts so much less, in nats: a 9 with a long tail is like a 1
STACK_COST, MIN_OVERLAP = 3.0, 0.25  # of a digit after one that has less of its height in common with it, in nats
NONE_SCORE = -4.0  # of leaving a piece out
PIECE_SCORE = -6.0  # of leaving a piece out that was cut off
CONTEXT = 0.4  # how bright ink is that was cut off, around a piece

Place = tuple[int, int, Box, float]  # the first and the last of some atoms, the box around them, and their cost


@dataclass(frozen=True)
class Span:
    """Neighbouring atoms as one digit: from which to which, its image, and what `judge.Verdict` says of it.

    score, cost: in nats, of what it looks like, and of the cuts and gaps that it takes.
    """

    first: int
    last: int
    box: Box
    image: NDArray[np.uint8] | None
    score: float
    probabilities: NDArray[np.float32] | None
    wholeness: float
    cost: float = 0.0

    @property
    def weight(self) -> float:
        """Return what it counts in a path, in nats.

        What is whole is not a part of anything else: ways past it count less, by the odds.
        """
        odds = -np.log(max(1 - self.wholeness, LEAST_DOUBT))
        return self.score - self.cost + ODDS_SHARE * float(odds)


@dataclass(frozen=True)
class Ink:
    """The ink of a picture: its strength (H, W), and the label (H, W) of each pixel's component."""

    strength: NDArray[np.float32]
    labels: NDArray[np.int32]

    def mask(self, labels: Sequence[int], box: Box) -> Mask:
        """Tell where some components are in a box."""
        return np.isin(self.labels[box.slices], labels)

    def image(self, box: Box, mask: Mask, wanted_width: Callable[[float], float]) -> NDArray[np.uint8]:
        """Bring what a mask (H, W) shows of a box into MNIST's form, with the soft edges of its strokes."""
        import cv2

        rows, columns = self.labels.shape
        above, before = min(1, box.top), min(1, box.left)
        around = (
            slice(box.top - above, min(box.bottom + 1, rows)),
            slice(box.left - before, min(box.right + 1, columns)),
        )
        written = np.zeros(self.labels[around].shape, np.uint8)
        written[above : above + box.height, before : before + box.width] = mask
        # One pixel around has the outer half of its edge, unless that is other ink.
        near = (cv2.dilate(written, np.ones((3, 3), np.uint8)) > 0) & ((self.labels[around] == 0) | (written > 0))
        return normalize_digit(np.where(near, self.strength[around], 0), FAINT_THRESHOLD, wanted_width)

    def images(
        self, components: Sequence[Component], wanted_width: Callable[[float], float]
    ) -> list[NDArray[np.uint8]]:
        """Bring each of some components into MNIST's form."""
        return [self.image(one.box, self.mask(one.labels, one.box), wanted_width) for one in components]

    def in_context(self, image: NDArray[np.uint8], box: Box, mask: Mask) -> NDArray[np.uint8]:
        """Return the image (28, 28) of a piece with the rest of its component around it, darker."""
        import cv2

        shown = Box.around(image > 0)
        # Pixels of the picture to one of the image, and the part of the picture that the whole image shows.
        scale = box.length / shown.length
        top = round(box.top + box.height / 2 - scale * (shown.top + shown.bottom) / 2)
        left = round(box.left + box.width / 2 - scale * (shown.left + shown.right) / 2)
        side = max(1, round(SIDE * scale))
        inside = (
            slice(max(0, top), min(top + side, self.labels.shape[0])),
            slice(max(0, left), min(left + side, self.labels.shape[1])),
        )
        rest = np.isin(self.labels[inside], np.unique(self.labels[box.slices][mask])).astype(np.float32)
        around = np.zeros((side, side), np.float32)
        around[inside[0].start - top : inside[0].stop - top, inside[1].start - left : inside[1].stop - left] = rest
        own = around[max(0, box.top - top) : box.bottom - top, max(0, box.left - left) : box.right - left]
        own[mask[max(0, top - box.top) :, max(0, left - box.left) :][: own.shape[0], : own.shape[1]]] = 0
        small = np.asarray(cv2.resize(around, (SIDE, SIDE), interpolation=cv2.INTER_AREA), np.float32)
        return np.asarray(np.maximum(image, np.rint(255 * CONTEXT * small)), np.uint8)

    def shortened(self, box: Box, mask: Mask, wanted_width: Callable[[float], float]) -> list[NDArray[np.uint8]]:
        """Bring a mask (H, W) that is far taller than wide into MNIST's form lower, and with its tail cut off."""
        import cv2

        strength = np.where(mask, self.strength[box.slices], 0)
        lower = cv2.resize(strength, (box.width, max(3, round(SQUEEZED * box.width))), interpolation=cv2.INTER_AREA)
        cut = strength[: max(3, round(CUT_OFF * box.width))]
        both = [np.asarray(lower, np.float32), np.ascontiguousarray(cut)]
        return [normalize_digit(each, FAINT_THRESHOLD, wanted_width) for each in both if (each > FAINT_THRESHOLD).any()]


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
        Span(first, last, box, image, float(score), row, float(whole), cost)
        for (first, last, box, cost), image, score, row, whole in zip(
            found, images, verdict.scores, verdict.probabilities, verdict.wholeness, strict=True
        )
    ]
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


@dataclass(frozen=True)
class _Way:
    """A way through the first atoms: what it counts, its last span, and the way until that."""

    weight: float
    span: Span | None = None
    before: "_Way | None" = None


def best_path(count: int, candidates: Sequence[Span]) -> list[Span]:
    """Return the spans of the best way through `count` atoms: the one with the highest sum of weights, less costs.

    Digits of a row stand side by side: what was cut off below another, as a long tail is, is hardly one.
    """
    ways: list[list[_Way]] = [[] for _ in range(count + 1)]
    ways[0].append(_Way(0.0))
    for span in sorted(candidates, key=lambda each: each.first):
        if ways[span.first]:
            weight, before = max(
                ((way.weight - _stack_cost(way.span, span), way) for way in ways[span.first]), key=lambda each: each[0]
            )
            ways[span.last + 1].append(_Way(weight + span.weight, span, before))
    way = max(ways[count], key=lambda each: each.weight)
    path = []
    while way.span and way.before:
        path.append(way.span)
        way = way.before
    return path[::-1]


def _stack_cost(one: Span | None, other: Span) -> float:
    """Return what it costs to read a span after another that it is above or below."""
    if one is None or one.image is None or other.image is None:
        return 0.0
    overlap = min(one.box.bottom, other.box.bottom) - max(one.box.top, other.box.top)
    return STACK_COST if overlap < MIN_OVERLAP * min(one.box.height, other.box.height) else 0.0
