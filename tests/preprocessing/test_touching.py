"""Digits that are slid together and cut apart."""

import numpy as np
import pytest

from preprocessing import touching
from preprocessing.touching import (
    INK,
    NONE,
    OVERLAP,
    SCALE,
    Writer,
    cut_apart,
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
