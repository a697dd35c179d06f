"""Headings: words that were read as digits are left out beside numbers that are not in doubt, and only there."""

from preprocessing.box import Box
from preprocessing.headings import without_headings
from preprocessing.reading import Page
from tests.preprocessing.pages import number

LETTERS = tuple(Box(10 * place, 0, 8, 8) for place in range(4))
HEADING = (number(-1.0, 0, 0, 8),)
ROWS = tuple((number(-0.05, 300, 60 * row, 4, 70),) for row in (2, 3, 4))


def test_a_row_in_doubt_above_sure_ones_is_a_heading() -> None:
    page = without_headings(Page((HEADING, *ROWS), left_out=LETTERS))
    assert page.lines == ROWS
    assert page.words == len(page.left_out) == 12
    assert page.quality > -0.1  # what is known to be words does not count


def test_a_row_in_doubt_below_a_sure_one_stays() -> None:
    page = Page((ROWS[0], HEADING, *ROWS[1:]), left_out=LETTERS)
    assert without_headings(page).lines == page.lines


def test_the_word_that_a_row_begins_with_is_left_out_and_its_numbers_stay() -> None:
    row = (number(-1.0, 0, 120, 8, 25) + number(-0.05, 400, 120, 4, 70),)
    page = without_headings(Page((row, *ROWS), left_out=LETTERS))
    assert [len(line[0]) for line in page.lines] == [4, 4, 4, 4]
    assert len(page.left_out) == 12


def test_nothing_is_left_out_where_there_are_no_letters() -> None:
    page = Page((HEADING, *ROWS))
    assert without_headings(page) is page
