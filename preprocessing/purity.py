"""Purity: whose ink the pieces of touching digits have, and which of them show a digit whole and alone."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from preprocessing.atoms import Atom
from preprocessing.mnist_form import Mask
from system.arrays import Array

MOST_ATOMS = 20  # neighbouring pieces that are shown together
# Of a digit's own ink that is shown, as a share, less the share of another's that is shown with it:
LEAST = 0.5  # what is less, at the best that cuts leave, is no digit
NEARLY_BEST, WORSE = 0.05, 0.12  # what is nearly the best is a digit, and what is so much worse is none


@dataclass(frozen=True)
class Shown:
    """What some pieces (n,) show: of which digit the most, and the share of its ink less that of another's, -1 to 1."""

    digit: NDArray[np.int64]
    purity: NDArray[np.float64]


def show(inks: Sequence[Sequence[int]] | Array, layers: Sequence[Mask]) -> Shown:
    """Say what pieces show, from the pixels (n, digits) of each digit that they have; layers: where each is, (H, W)."""
    # Ink of two digits at once is each one's.
    shares = np.asarray(inks) / [max(1, each.sum()) for each in layers]
    rows, digit = np.arange(len(shares)), shares.argmax(axis=1)
    own = shares[rows, digit]
    shares[rows, digit] = 0
    return Shown(digit, own - shares.max(axis=1))


def inks_of_spans(atoms: Sequence[Atom], layers: Sequence[Mask]) -> tuple[list[tuple[int, int]], NDArray[np.int64]]:
    """Return neighbouring atoms, by the first and the last, and the pixels (n, digits) of each digit that they have."""
    inks = [[int((atom.mask & layer[atom.box.slices]).sum()) for layer in layers] for atom in atoms]
    sums = np.concatenate([np.zeros((1, len(layers)), np.int64), np.cumsum(inks, axis=0)])
    places = [
        (first, last) for first in range(len(atoms)) for last in range(first, min(len(atoms), first + MOST_ATOMS))
    ]
    return places, np.array([sums[last + 1] - sums[first] for first, last in places])


def judge_spans(
    atoms: Sequence[Atom], layers: Sequence[Mask]
) -> tuple[list[tuple[int, int]], Shown, NDArray[np.float64]]:
    """Return neighbouring atoms, by the first and the last; what they show; and the best purity of any of that digit.

    layers: where each digit is, (H, W).
    """
    places, inks = inks_of_spans(atoms, layers)
    shown = show(inks, layers)
    return places, shown, best_of_each(shown.digit, shown.purity)


def best_of_each(kinds: NDArray[np.int64], purity: Array) -> NDArray[np.float64]:
    """Return for each span the best purity, at least 0, of all that show the same digit, or pair."""
    best = [purity[kinds == kind].max(initial=0.0) for kind in range(kinds.max() + 1)]
    return np.array(best)[kinds]


def is_digit(purity: Array, best: Array, lacks: float = NEARLY_BEST) -> Mask:
    """Tell what is whole: what lacks no more than so much of the best that the cuts leave of a digit."""
    return np.asarray((purity >= best - lacks) & (best >= LEAST))


def is_no_digit(purity: Array, best: Array, lacks: float = WORSE) -> Mask:
    """Tell what is a part of a digit, or more than one: what lacks more than so much."""
    return np.asarray((purity < best - lacks) | (best < LEAST))
