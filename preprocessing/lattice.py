"""Lattice: the ways to part the ink of one row into digits, and the best of them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from preprocessing.box import Box
from preprocessing.cuts import Cut
from preprocessing.foreground import FAINT_THRESHOLD
from preprocessing.judge import Judge
from preprocessing.mnist_form import Mask, normalize_digit

# Sizes are in heights of the row.
MAX_WIDTH = 1.5  # of a digit
MAX_ATOMS = 30  # neighbouring pieces that may make up one digit
MAX_GAP = 0.3  # between parts of a digit side by side
CUT_COST = 0.6  # of parting ink that is connected, in nats
INK_COST = 3.0  # and for each height of ink that is cut
JOIN_COST = 0.7  # of taking ink that is apart for one digit
GAP_COST = 4.0  # and for each height between
TALL = 1.4  # what is so much higher than its row has a long tail, which makes all else of it small,
SQUEEZED, CUT_OFF = 1.2, 1.8  # and is looked at with such heights over its width, too
NONE_SCORE = -2.5  # of leaving a piece out
PIECE_SCORE = -6.0  # of leaving a piece out that was cut off
MIN_PIECE = 0.006  # of a square of the row's height: what is less is no piece


@dataclass(frozen=True)
class Atom:
    """Ink that is not parted further: where it is, a mask (H, W) of its box, and which component it is of."""

    box: Box
    mask: Mask
    component: int
    cut: float  # ink of the cut before it, in heights; 0 where nothing is cut


@dataclass(frozen=True)
class Span:
    """Neighbouring atoms as one digit: from which to which, and its image; score in nats, probabilities (classes,)."""

    first: int
    last: int
    box: Box
    image: NDArray[np.uint8] | None
    score: float
    probabilities: NDArray[np.float32] | None
    wholeness: float


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

    def shortened(self, box: Box, mask: Mask, wanted_width: Callable[[float], float]) -> list[NDArray[np.uint8]]:
        """Bring a mask (H, W) that is far taller than wide into MNIST's form lower, and with its tail cut off."""
        import cv2

        strength = np.where(mask, self.strength[box.slices], 0)
        lower = cv2.resize(strength, (box.width, max(3, round(SQUEEZED * box.width))), interpolation=cv2.INTER_AREA)
        cut = strength[: max(3, round(CUT_OFF * box.width))]
        both = [np.asarray(lower, np.float32), np.ascontiguousarray(cut)]
        return [normalize_digit(each, FAINT_THRESHOLD, wanted_width) for each in both if (each > FAINT_THRESHOLD).any()]


def parted(box: Box, mask: Mask, cuts: Sequence[Cut], component: int, height: float) -> list[Atom]:
    """Part one component, a mask (H, W) of its box, at each of its cuts."""
    columns = np.arange(mask.shape[1])[None, :]
    atoms: list[Atom] = []
    before = np.zeros(mask.shape, bool)
    ink = 0.0
    for cut in [*cuts, None]:
        until = np.ones(mask.shape, bool) if cut is None else columns < cut.columns[:, None]
        piece = mask & until & ~before
        if piece.sum() > MIN_PIECE * height * height:
            atoms.append(_atom(box, piece, component, ink))
            before |= until
            ink = 0.0
        if cut is not None:
            ink = max(ink, cut.ink) if ink else cut.ink
    rest = mask & ~np.any([_place(atom, box) for atom in atoms], axis=0) if atoms else mask
    if rest.any() and atoms:  # dust goes with the last
        last = atoms.pop()
        atoms.append(_atom(box, _place(last, box) | rest, component, last.cut))
    return atoms or [_atom(box, mask, component, 0.0)]


def _atom(box: Box, piece: Mask, component: int, cut: float) -> Atom:
    rows, columns = np.flatnonzero(piece.any(axis=1)), np.flatnonzero(piece.any(axis=0))
    own = piece[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    return Atom(
        Box(box.left + int(columns[0]), box.top + int(rows[0]), own.shape[1], own.shape[0]), own, component, cut
    )


def _place(atom: Atom, box: Box) -> Mask:
    """Return the mask of an atom in a larger box."""
    placed = np.zeros((box.height, box.width), bool)
    top, left = atom.box.top - box.top, atom.box.left - box.left
    placed[top : top + atom.box.height, left : left + atom.box.width] = atom.mask
    return placed


def merge(atoms: Sequence[Atom]) -> tuple[Box, Mask]:
    """Return the box around some atoms, and their mask in it."""
    box = atoms[0].box
    for atom in atoms[1:]:
        box = box.join(atom.box)
    return box, np.any([_place(atom, box) for atom in atoms], axis=0)


def spans(
    atoms: Sequence[Atom], ink: Ink, judge: Judge, height: float, wanted_width: Callable[[float], float]
) -> list[Span]:
    """Judge all neighbouring atoms that may be one digit, and each alone as none."""
    found: list[tuple[int, int, Box, float]] = []
    images: list[NDArray[np.uint8]] = []
    tails: list[tuple[int, NDArray[np.uint8]]] = []
    for first in range(len(atoms)):
        box, cost = atoms[first].box, 0.0
        if atoms[first].cut:
            cost += CUT_COST + INK_COST * atoms[first].cut
        for last in range(first, min(len(atoms), first + MAX_ATOMS)):
            if last > first:
                before, after = atoms[last - 1], atoms[last]
                if before.component != after.component:
                    gap = max(0.0, after.box.left - box.right, after.box.top - box.bottom, box.top - after.box.bottom)
                    if gap > MAX_GAP * height:
                        break
                    over = min(box.right, after.box.right) - max(box.left, after.box.left)
                    cost += 0 if over > 0.5 * min(box.width, after.box.width) else JOIN_COST
                    cost += GAP_COST * gap / height
                box = box.join(after.box)
            if box.width > MAX_WIDTH * max(height, box.height) and last > first:
                break
            whole, mask = merge(atoms[first : last + 1])
            found.append((first, last, whole, cost))
            images.append(ink.image(whole, mask, wanted_width))
            if whole.height > TALL * max(height, SQUEEZED * whole.width / TALL):
                tails += [(len(found), image) for image in ink.shortened(whole, mask, wanted_width)]
    for place, image in tails:
        found.append(found[place - 1])
        images.append(image)
    verdict = judge.verdict(images)
    made = [
        Span(first, last, box, image, float(score) - cost, row, float(whole))
        for (first, last, box, cost), image, score, row, whole in zip(
            found, images, verdict.scores, verdict.probabilities, verdict.wholeness, strict=True
        )
    ]
    for place, atom in enumerate(atoms):
        is_piece = atom.cut > 0 or (place + 1 < len(atoms) and atoms[place + 1].cut > 0)
        made.append(Span(place, place, atom.box, None, PIECE_SCORE if is_piece else NONE_SCORE, None, 0.0))
    return made


def best_path(count: int, candidates: Sequence[Span]) -> list[Span]:
    """Return the spans of the best way through `count` atoms: the one with the highest sum of scores."""
    best = np.full(count + 1, -np.inf)
    best[0] = 0
    taken: list[Span | None] = [None] * (count + 1)
    for span in sorted(candidates, key=lambda each: each.last):
        score = best[span.first] + span.score
        if score > best[span.last + 1]:
            best[span.last + 1], taken[span.last + 1] = score, span
    path, place = [], count
    while place and (step := taken[place]):
        path.append(step)
        place = step.first
    return path[::-1]
