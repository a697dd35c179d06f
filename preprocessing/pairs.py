"""Pairs: two digits that touch, seen at once, which teach a network to read both where a cut leaves them in doubt.

They are made as in `preprocessing.touching`. What is less or more than two digits, or has a letter, is no pair.
"""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from preprocessing.atoms import piece
from preprocessing.mnist_form import Mask, wanted_width
from preprocessing.purity import best_of_each, inks_of_spans, is_digit, is_no_digit, show
from preprocessing.touching import NONE, Touching, Writer, collect, several, some, touch

NO_PAIR = 100  # the class of what is no pair; that of the digits a and b is 10a + b
MAX_WIDTH = 2.6  # of two digits, in heights of the row
TURNED = 0.6  # how often a single digit lies on its side: its halves may look like digits
EACH = 3  # images of a pair, with other cuts around it,
OTHERS = 0.6  # and how often one is made of what is like no pair
# Of the digit of a pair that is seen less, as a share, less that of any third: what shows nearly the best that the cuts
# leave is that pair, whatever it lacks; what shows so much less is none.
NEARLY_BEST, WORSE = 0.1, 0.3
NEAR_MISS = 0.6  # what is none, but no worse than that, teaches more


def make_pairs(
    digits: NDArray[np.uint8], labels: NDArray[np.integer], generator: np.random.Generator, count: int
) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Make images (count, 28, 28), and their labels: 10a + b, or NO_PAIR; of digits (n, 28, 28) with labels (n,)."""
    writer = Writer(digits, labels, generator)
    return collect(lambda: pairs_of(writer), count)


def pairs_of(writer: Writer) -> Iterator[tuple[NDArray[np.uint8], int]]:
    """Slide digits, and some letters, together, cut them as a row is cut, and yield images (28, 28) of two, and others.

    With each goes its label: 10a + b, or NO_PAIR. What is in doubt is left out.
    """
    generator = writer.generator
    pieces = several(writer)
    if len(pieces) == 1 and generator.random() < TURNED:
        pieces = [(np.ascontiguousarray(np.rot90(pieces[0][0], int(generator.integers(1, 4)))), NONE)]
    made = touch(pieces, generator)
    if not made:
        return
    places, inks = inks_of_spans(made.atoms, made.masks)
    which, purity = purity_of_pairs(inks, made.masks)
    best = best_of_each(which, purity)
    pairs, none = is_digit(purity, best, NEARLY_BEST), is_no_digit(purity, best, WORSE)
    for pair, (one, other) in enumerate(zip(made.labels, made.labels[1:], strict=False)):
        is_pair = NONE not in (one, other)
        for index in some(np.flatnonzero(pairs & (which == pair)), EACH if is_pair else 1, generator):
            yield from _image(made, places[index], 10 * one + other if is_pair else NO_PAIR)
    shown = show(inks, made.masks)
    near = np.flatnonzero(none & (purity > best - NEAR_MISS))
    alone = np.flatnonzero(none & is_digit(shown.purity, best_of_each(shown.digit, shown.purity)))
    others = [*some(near, max(1, len(pieces) - 1), generator), *some(alone, 1, generator)]
    if generator.random() < OTHERS:
        others += some(np.flatnonzero(none), 1, generator)
    for index in others:
        yield from _image(made, places[index], NO_PAIR)


def purity_of_pairs(inks: NDArray[np.int64], layers: Sequence[Mask]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return of spans which pair they show the most, by its first digit, and how purely, -1 to 1.

    inks: the pixels (n, digits) of each digit; layers: where each is, (H, W). It is the share of the digit that is seen
    less, less that of any third.
    """
    shares = np.asarray(inks) / [max(1, mask.sum()) for mask in layers]
    if len(layers) < 2:
        return np.zeros(len(shares), np.int64), np.zeros(len(shares))
    purity = np.stack(
        [
            shares[:, pair : pair + 2].min(axis=1) - np.delete(shares, [pair, pair + 1], axis=1).max(axis=1, initial=0)
            for pair in range(len(layers) - 1)
        ]
    )
    which = purity.argmax(axis=0)
    return which, purity[which, np.arange(len(shares))]


def _image(made: Touching, place: tuple[int, int], label: int) -> Iterator[tuple[NDArray[np.uint8], int]]:
    box, mask = piece(made.atoms, *place)
    if box.width <= MAX_WIDTH * made.box.height:
        yield made.ink.stretched(box, mask, wanted_width), label
