"""Which components make up a digit, which are digits of their own, and which are neither."""

import numpy as np
import pytest

from preprocessing.box import Box
from preprocessing.components import Component, belong_together, find_components, join_parts, sort_lines
from preprocessing.foreground import Foreground
from preprocessing.page import find_page
from preprocessing.ruled_lines import find_level_lines, remove_level_lines, remove_ruled_lines, upright_runs
from preprocessing.steps import choose_digits
from preprocessing.views import choose_all


def component(left: int, top: int, right: int, bottom: int) -> Component:
    return Component((1,), Box.between(left, top, right, bottom), float((right - left) * (bottom - top)))


def boxes(components: list[Component]) -> list[tuple[int, int, int, int]]:
    return [(one.box.left, one.box.top, one.box.right, one.box.bottom) for one in components]


@pytest.mark.parametrize(
    ("one", "other", "together"),
    [
        (component(0, 30, 50, 100), component(20, 0, 60, 20), True),  # the bar of a 5
        (component(0, 0, 50, 60), component(0, 65, 50, 130), True),  # a stroke torn across
        (component(0, 0, 40, 60), component(45, 35, 60, 100), True),  # an open 4
        (component(0, 0, 60, 100), component(65, 0, 125, 100), False),  # neighbours
        (component(0, 0, 60, 100), component(62, 10, 80, 100), False),  # a 1 close by
        (component(0, 0, 60, 100), component(0, 150, 60, 250), False),  # the next line
        (component(0, 0, 60, 100), component(100, 50, 110, 60), False),  # a speck far away
    ],
)
def test_what_belongs_together(one: Component, other: Component, together: bool) -> None:
    assert belong_together(one, other) == belong_together(other, one) == together


def test_parts_join_through_one_another() -> None:
    torn = [component(0, 0, 50, 40), component(20, 45, 40, 80), component(0, 85, 50, 130)]
    assert boxes(join_parts(torn)) == [(0, 0, 50, 130)]


def test_digits_are_sorted_by_line_and_then_from_the_left() -> None:
    order = [
        component(0, 10, 10, 60),
        component(30, 0, 40, 50),
        component(70, 20, 80, 70),
        component(5, 100, 15, 150),
        component(40, 90, 50, 140),
    ]
    assert boxes(sort_lines(order[::-1])) == boxes(order)


def test_what_runs_along_the_frame_is_left_out_only_where_something_else_is() -> None:
    mask = np.zeros((100, 100), bool)
    mask[:8] = mask[:, :6] = True
    for expected in ([(0, 0, 100, 100)], [(40, 30, 60, 80)]):
        strength = mask.astype(np.float32) * 2
        labels, found = find_components(Foreground(strength, mask))
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
    left = remove_ruled_lines(strength)
    np.testing.assert_array_equal(left[60:140, 97:105], 2)
    left[60:140, 97:105] = 0
    assert not left.any()


def test_a_stroke_across_the_whole_picture_is_no_rule_where_it_is_thick() -> None:
    strength = np.zeros((100, 100), np.float32)
    strength[40:60] = 2
    np.testing.assert_array_equal(remove_ruled_lines(strength), strength)


def test_strokes_from_top_to_bottom_of_a_low_picture_are_no_rules_and_thin_lines_are() -> None:
    strength = np.zeros((80, 1000), np.float32)
    for left in range(60, 960, 150):
        strength[:, left : left + 9] = 2
        strength[:8, left : left + 40] = 2
    np.testing.assert_array_equal(remove_ruled_lines(strength), strength)
    thin = np.zeros((80, 1000), np.float32)
    thin[:, 500:503] = 1
    assert not remove_ruled_lines(thin).any()


def test_a_table_is_cut_away_and_a_shadow_is_not() -> None:
    paper = np.full((300, 400), 0.8, np.float32)
    table = paper.copy()
    table[:, :60] = table[270:] = 0.2
    page = find_page(table)
    assert abs(page.left - 60) <= 6 and page.top == 0 and page.right == 400 and abs(page.bottom - 270) <= 6
    shade = paper * (1 - 0.6 * np.clip(np.linspace(1.5, -1, 400), 0, 1)).astype(np.float32)
    written = table.copy()
    written[100:200, 20:26] = 0.0
    for whole in (paper, shade, written[:270]):
        assert find_page(whole) == Box(0, 0, whole.shape[1], whole.shape[0])


def test_a_line_without_ink_changes_nothing() -> None:
    """Of a small picture the line may be seen where the large one has none."""
    strength = np.zeros((28, 12), np.float32)
    strength[5, 0] = 1
    line = np.zeros((28, 12), bool)
    line[20] = True
    np.testing.assert_array_equal(remove_level_lines(strength, lambda seen: line), strength)


def test_boxes_join_and_scale() -> None:
    box = Box(2, 3, 10, 20)
    assert (box.right, box.bottom, box.length) == (12, 23, 20)
    assert box.join(Box(0, 10, 4, 4)) == Box(0, 3, 12, 20)
    assert box.scaled(1.5) == Box(3, 4, 15, 30)
    assert np.zeros((50, 40))[box.slices].shape == (20, 10)


def test_beside_a_line_that_is_left_of_a_table_digits_are_no_specks() -> None:
    digits = [component(30 * place, 20, 30 * place + 15, 40) for place in range(5)]
    line = component(200, 0, 203, 216)
    assert choose_all([*digits, line], None) == digits
    assert choose_all([line], None) == [line]
