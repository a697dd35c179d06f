"""Digits that are slid together and cut apart, and what the pieces show."""

import numpy as np
import pytest

from preprocessing import touching
from preprocessing.atoms import Atom
from preprocessing.box import Box
from preprocessing.touching import (
    INK,
    NONE,
    OVERLAP,
    SCALE,
    Writer,
    cut_apart,
    is_digit,
    is_no_digit,
    judge_spans,
    slide_together,
)
from tests.preprocessing.drawings import data


def test_digits_slide_until_their_ink_meets() -> None:
    generator = np.random.default_rng(0)
    shapes = [np.full((30, 10), 255, np.uint8), np.tri(30, 20, dtype=np.uint8) * np.uint8(255)]
    gaps = []
    for _ in range(40):
        first, second = slide_together(shapes, generator)
        assert (
            first.shape == second.shape and (first > INK).sum() == 300 and (second > INK).sum() == np.tri(30, 20).sum()
        )
        gaps.append(np.flatnonzero(second.any(axis=0))[0] - np.flatnonzero(first.any(axis=0))[-1])
    assert -OVERLAP[1] * SCALE <= min(gaps) < 0 < max(gaps) <= 1 - OVERLAP[0] * SCALE


def _atoms(*widths: int) -> list[Atom]:
    """Return bars of such widths, side by side."""
    ends = np.cumsum(widths)
    return [
        Atom(Box(int(end - width), 0, width, 10), np.ones((10, width), bool), 0, 0.0)
        for width, end in zip(widths, ends, strict=True)
    ]


COLUMNS = np.arange(30)
LAYERS = [np.tile(each, (10, 1)) for each in (COLUMNS < 20, COLUMNS >= 20)]  # two digits


def test_spans_show_whose_ink_they_have() -> None:
    places, shown, best = judge_spans(_atoms(6, 14, 10), LAYERS)
    found = dict(zip(places, zip(shown.digit.tolist(), shown.purity.round(2).tolist(), best, strict=True), strict=True))
    assert found[0, 1] == (0, 1.0, 1.0) and found[2, 2] == (1, 1.0, 1.0)
    assert found[0, 0] == (0, 0.3, 1.0) and found[1, 1] == (0, 0.7, 1.0)
    assert found[1, 2][1:] == (0.3, 1.0) and found[0, 2][1:] == (0.0, 1.0)
    is_whole = is_digit(shown.purity, best)
    assert [place for place, whole in zip(places, is_whole, strict=True) if whole] == [(0, 1), (2, 2)]
    assert (is_no_digit(shown.purity, best) == ~is_whole).all()


def test_the_best_that_cuts_leave_of_a_digit_is_one_and_what_is_nearly_so_is_in_doubt() -> None:
    places, shown, best = judge_spans(_atoms(2, 15, 13), LAYERS)  # 17 columns of the first; 3 go with the second
    at = {place: index for index, place in enumerate(places)}
    is_whole, is_none = is_digit(shown.purity, best), is_no_digit(shown.purity, best)
    assert is_whole[at[0, 1]] and is_whole[at[2, 2]]
    assert not is_whole[at[1, 1]] and not is_none[at[1, 1]]
    assert is_none[at[0, 0]] and is_none[at[0, 2]]


def test_cut_digits_are_labelled_images_the_same_from_a_seed() -> None:
    part = data()
    made = []
    for _ in range(2):
        writer = Writer(part.x_train[:500], part.y_train[:500], np.random.default_rng(5))
        made.append([each for _ in range(20) for each in cut_apart(writer)])
    labels = [label for _, label in made[0]]
    assert all(image.shape == (28, 28) and image.max() > 200 for image, _ in made[0])
    assert 0.3 < np.mean([label == NONE for label in labels]) < 0.7 and len(set(labels)) > 8
    assert all((one == other).all() for (one, _), (other, _) in zip(*made, strict=True))


def test_most_pairs_that_touch_are_also_shown_uncut_as_no_digit(monkeypatch: pytest.MonkeyPatch) -> None:
    part = data()
    monkeypatch.setattr(touching, "COUNTS", {2: 1.0})
    shares = []
    for together in (0.0, 1.0):  # all but those that are too wide
        monkeypatch.setattr(touching, "TOGETHER", together)
        writer = Writer(part.x_train[:500], part.y_train[:500], np.random.default_rng(5))
        shares.append(np.mean([next(cut_apart(writer))[1] == NONE for _ in range(20)]))
    assert shares[0] < 0.4 and shares[1] > 0.7
