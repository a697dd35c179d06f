"""Ways to part ink into digits: what a piece shows, alone and with what it was cut from, and which way is the best."""

import numpy as np

from preprocessing.atoms import CRUMB, Atom, is_cut, parted, piece
from preprocessing.box import Box
from preprocessing.ink import CONTEXT, Ink
from preprocessing.lattice import Span, best_path
from preprocessing.mnist_form import wanted_width


def _atom(left: int, mask: np.ndarray, cut: float = 0.0) -> Atom:
    return Atom(Box(left, 0, mask.shape[1], mask.shape[0]), mask, 0, cut)


def _span(first: int, last: int, score: float, wholeness: float, cost: float = 0.0) -> Span:
    return Span(
        first, last, Box(0, 0, 1, 1), np.zeros((28, 28), np.uint8), score, np.ones(10, np.float32), wholeness, cost
    )


def test_a_piece_that_was_cut_off_has_no_crumbs_and_others_keep_theirs() -> None:
    mask = np.zeros((40, 20), bool)
    mask[:, :6] = True
    crumb = mask.copy()
    crumb[:2, 12:16] = True  # far less than CRUMB
    assert 8 < CRUMB * crumb.sum()
    after = _atom(20, np.ones((40, 6), bool), cut=0.1)
    box, left = piece([_atom(0, crumb), after], 0, 0)
    assert (box.width, box.height) == (6, 40) and left.all()
    assert piece([_atom(0, crumb)], 0, 0)[0].width == 20
    large = mask.copy()
    large[:12, 12:18] = True
    assert piece([_atom(0, large), after], 0, 0)[1].sum() == large.sum()


def test_what_is_between_two_components_is_not_cut() -> None:
    bar = np.ones((20, 5), bool)
    atoms = [_atom(0, bar), _atom(5, bar, cut=0.2), _atom(12, bar)]
    assert [is_cut(atoms, first, last) for first, last in ((0, 0), (1, 1), (2, 2), (0, 1), (1, 2))] == [
        True,
        True,
        False,
        False,
        True,
    ]


def test_a_piece_is_seen_with_the_rest_of_its_component_around_it_and_with_no_other() -> None:
    labels = np.zeros((60, 90), np.int32)
    labels[10:50, 40:46] = 1  # a stroke, with another bound to it on its right, and one of another component
    labels[10:50, 56:60] = 1
    labels[28:32, 46:56] = 1
    labels[10:50, 26:30] = 2
    ink = Ink(2 * (labels > 0).astype(np.float32), labels)
    box = Box(40, 10, 6, 40)
    mask = np.ones((40, 6), bool)
    image = ink.image(box, mask, wanted_width)
    seen = ink.in_context(image, box, mask)
    added = np.where(image == 0, seen, 0)
    assert (seen[image > 0] >= image[image > 0]).all() and added.max() == round(255 * CONTEXT)
    columns = np.flatnonzero(added.any(axis=0))
    stroke = np.flatnonzero(image.any(axis=0))
    assert columns.min() > stroke.min()  # nothing on its left
    # 10 to 14 pixels after its right side, 40 pixels of the picture being 20 of the image.
    assert abs(columns.max() - stroke.max() - 7) <= 1


def test_all_ink_of_a_component_is_in_one_of_its_parts() -> None:
    mask = np.ones((30, 40), bool)
    atoms = parted(Box(3, 4, 40, 30), mask, [], 0, 30)
    assert len(atoms) == 1 and atoms[0].box == Box(3, 4, 40, 30) and not atoms[0].cut


def test_of_two_ways_the_one_whose_pieces_are_surely_whole_is_taken() -> None:
    whole = [_span(0, 0, -0.1, 0.99), _span(1, 1, -0.1, 0.99)]
    both = _span(0, 1, -0.15, 0.6)
    assert best_path(2, [both, *whole]) == whole
    assert best_path(2, [both, *(_span(each.first, each.last, -0.1, 0.99, cost=3.0) for each in whole)]) == [both]


def _cut_off(place: int, box: Box, cost: float) -> Span:
    return Span(place, place, box, np.zeros((28, 28), np.uint8), 0.0, np.ones(10, np.float32), 0.9, cost)


def test_a_digit_stands_beside_the_one_before_it_not_below() -> None:
    tail, loop, beside = Box(0, 20, 5, 20), Box(4, 0, 12, 19), Box(6, 18, 12, 20)
    long = Span(0, 1, Box(0, 0, 16, 40), np.zeros((28, 28), np.uint8), 0.0, np.ones(10, np.float32), 0.9, 1.0)
    assert best_path(2, [_cut_off(0, tail, 0.2), _cut_off(1, loop, 0.2), long]) == [long]
    apart = [_cut_off(0, tail, 0.2), _cut_off(1, beside, 0.2)]
    assert best_path(2, [*apart, long]) == apart
