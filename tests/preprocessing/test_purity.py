"""What pieces of touching digits show."""

import numpy as np

from preprocessing.atoms import Atom
from preprocessing.box import Box
from preprocessing.purity import is_digit, is_no_digit, judge_spans


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
