"""Which pieces of ink make up a digit, which are digits of their own, and which are neither."""

import numpy as np
import pytest

from preprocessing.ink import Ink
from preprocessing.paper import find_paper
from preprocessing.pieces import Piece, belong_together, choose_digits, find_pieces, join_parts, sort_lines
from preprocessing.rules import find_level_lines, remove_rules, upright_runs


def piece(left: int, top: int, right: int, bottom: int) -> Piece:
    return Piece((1,), left, top, right, bottom, float((right - left) * (bottom - top)))


def boxes(pieces: list[Piece]) -> list[tuple[int, int, int, int]]:
    return [(one.left, one.top, one.right, one.bottom) for one in pieces]


@pytest.mark.parametrize(
    ("one", "other", "together"),
    [
        (piece(0, 30, 50, 100), piece(20, 0, 60, 20), True),  # the bar of a 5
        (piece(0, 0, 50, 60), piece(0, 65, 50, 130), True),  # a stroke torn across
        (piece(0, 0, 40, 60), piece(45, 35, 60, 100), True),  # an open 4
        (piece(0, 0, 60, 100), piece(65, 0, 125, 100), False),  # neighbours
        (piece(0, 0, 60, 100), piece(62, 10, 80, 100), False),  # a 1 close by
        (piece(0, 0, 60, 100), piece(0, 150, 60, 250), False),  # the next line
        (piece(0, 0, 60, 100), piece(100, 50, 110, 60), False),  # a speck far away
    ],
)
def test_what_belongs_together(one: Piece, other: Piece, together: bool) -> None:
    assert belong_together(one, other) == belong_together(other, one) == together


def test_parts_join_through_one_another() -> None:
    torn = [piece(0, 0, 50, 40), piece(20, 45, 40, 80), piece(0, 85, 50, 130)]
    assert boxes(join_parts(torn)) == [(0, 0, 50, 130)]


def test_digits_are_sorted_by_line_and_then_from_the_left() -> None:
    order = [
        piece(0, 10, 10, 60),
        piece(30, 0, 40, 50),
        piece(70, 20, 80, 70),
        piece(5, 100, 15, 150),
        piece(40, 90, 50, 140),
    ]
    assert boxes(sort_lines(order[::-1])) == boxes(order)


def test_what_runs_along_the_frame_is_left_out_only_where_something_else_is() -> None:
    mask = np.zeros((100, 100), bool)
    mask[:8] = mask[:, :6] = True
    for expected in ([(0, 0, 100, 100)], [(40, 30, 60, 80)]):
        strength = mask.astype(np.float32) * 2
        labels, found = find_pieces(Ink(strength, mask))
        assert boxes(choose_digits(found, labels)) == expected
        mask[30:80, 40:60] = True


def test_upright_runs_are_counted_by_hand() -> None:
    ink = np.array([[1, 0, 1], [1, 1, 0], [0, 1, 1], [1, 1, 1]], bool)
    np.testing.assert_array_equal(upright_runs(ink), [[2, 0, 1], [2, 3, 0], [0, 3, 2], [1, 3, 2]])


@pytest.mark.parametrize("rise", [-20, 0, 13])
def test_lines_across_the_picture_are_found_and_strokes_are_not(rise: int) -> None:
    seen = np.zeros((100, 200), bool)
    columns = np.arange(200)
    rows = np.rint(50 + rise * (columns / 200 - 0.5)).astype(int)
    seen[rows, columns] = True
    seen[20, 30:150] = True
    lines = find_level_lines(seen)
    assert lines[rows, columns].mean() > 0.95
    assert not lines[20, 30:150].any()


def test_rules_go_and_what_crosses_them_stays() -> None:
    strength = np.zeros((200, 200), np.float32)
    strength[100:103] = strength[:, 50:53] = 1.8
    strength[60:140, 97:105] = 2
    left = remove_rules(strength)
    np.testing.assert_array_equal(left[60:140, 97:105], 2)
    left[60:140, 97:105] = 0
    assert not left.any()


def test_a_stroke_across_the_whole_picture_is_no_rule_where_it_is_thick() -> None:
    strength = np.zeros((100, 100), np.float32)
    strength[40:60] = 2
    np.testing.assert_array_equal(remove_rules(strength), strength)


def test_a_table_is_cut_away_and_a_shadow_is_not() -> None:
    paper = np.full((300, 400), 0.8, np.float32)
    table = paper.copy()
    table[:, :60] = table[270:] = 0.2
    left, top, right, bottom = find_paper(table)
    assert abs(left - 60) <= 6 and top == 0 and right == 400 and abs(bottom - 270) <= 6
    shade = paper * (1 - 0.6 * np.clip(np.linspace(1.5, -1, 400), 0, 1)).astype(np.float32)
    written = table.copy()
    written[100:200, 20:26] = 0.0
    for whole in (paper, shade, written[:270]):
        assert find_paper(whole) == (0, 0, whole.shape[1], whole.shape[0])


def test_a_line_without_ink_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a small picture the line may be seen where the large one has none."""
    strength = np.zeros((28, 12), np.float32)
    strength[5, 0] = 1
    line = np.zeros((28, 12), bool)
    line[20] = True
    monkeypatch.setattr("preprocessing.rules.find_level_lines", lambda seen: line)
    np.testing.assert_array_equal(remove_rules(strength), strength)
