"""Reading pairs: what two neighbours look like at once says what each is."""

import itertools
from dataclasses import dataclass, field

import numpy as np
import pytest
from numpy.typing import NDArray

from preprocessing.atoms import Atom
from preprocessing.box import Box
from preprocessing.ink import Ink
from preprocessing.judge import Judge
from preprocessing.lattice import Span
from preprocessing.mnist_form import wanted_width
from preprocessing.pair_reading import LOWEST, PAIR_SHARE, Pairs, read_atoms

LABELS = np.zeros((40, 60), np.int32)
LABELS[5:35, 10:16] = LABELS[5:35, 30:36] = LABELS[18:22, 10:36] = 1  # H
INK = Ink(2 * (LABELS > 0).astype(np.float32), LABELS)


def _atoms(cut: float) -> list[Atom]:
    """Return both halves of the H."""
    halves = [Box(10, 5, 13, 30), Box(23, 5, 13, 30)]
    return [
        Atom(half, np.asarray(LABELS[half.slices] > 0), 0, amount)
        for half, amount in zip(halves, (0, cut), strict=True)
    ]


@dataclass
class Reader:
    """Takes both at once for no digit, each half for a 0 with 60% and a 1 with 40%, and pairs as it is told to."""

    pair: tuple[int, int] | None
    asked: list[int] = field(default_factory=list)
    class_names: tuple[str, ...] = ("0", "1")

    def probabilities(self, images: NDArray[np.uint8], /) -> NDArray[np.float32]:
        return np.tile(np.array([0.6, 0.4], np.float32), (len(images), 1))

    def wholeness(self, images: NDArray[np.uint8], /) -> NDArray[np.float32]:
        wide = (images.max(axis=1) == 255).sum(axis=1) > 12
        return np.where(wide[:, None], np.float32(0.001), self.probabilities(images))

    def pairs(self, images: NDArray[np.uint8], /) -> NDArray[np.float32] | None:
        if self.pair is None:
            return None
        self.asked.append(len(images))
        found = np.full((len(images), 2, 2), 0.01, np.float32)
        found[:, self.pair[0], self.pair[1]] = 0.97
        return found


def _read(reader: Reader, cut: float = 0.1) -> list[Span]:
    return read_atoms(_atoms(cut), INK, Judge(reader), 30.0, wanted_width)


@pytest.mark.parametrize("pair", list(itertools.product((0, 1), repeat=2)))
def test_of_two_halves_each_is_what_both_look_like_at_once(pair: tuple[int, int]) -> None:
    reader = Reader(pair)
    one, other = _read(reader)
    assert (one.label, other.label) == pair and reader.asked == [1]
    for span, label in zip((one, other), pair, strict=True):
        assert span.probabilities is not None and span.probabilities[label] > 0.7
        assert span.probabilities.sum() == pytest.approx(1)


@pytest.mark.parametrize(("reader", "cut"), [(Reader(None), 0.1), (Reader((1, 1)), 0.0)])
def test_what_no_cut_parts_or_where_nobody_knows_is_read_one_by_one(reader: Reader, cut: float) -> None:
    for span in _read(reader, cut):
        assert span.label == 0 and not reader.asked
        if span.probabilities is not None:
            np.testing.assert_allclose(span.probabilities, [0.6, 0.4], atol=0.05)


def test_a_pair_is_seen_once_and_never_costs_more_than_the_least() -> None:
    reader = Reader((1, 0))
    pairs = Pairs(_atoms(0.1), INK, Judge(reader), 30.0, wanted_width)
    path = _read(Reader(None))
    assert pairs.cost(*path) == 0 and pairs.ask(path) and not pairs.ask(path)
    assert pairs.cost(*path) == pytest.approx(-PAIR_SHARE * np.log(0.01))
    assert pairs.cost(*path) < -PAIR_SHARE * LOWEST
