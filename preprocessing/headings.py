"""Headings: the words of a table, above and beside its numbers, which letters that look like digits are part of."""

import itertools
from dataclasses import replace

import numpy as np

from preprocessing.reading import FoundDigit, Line, Number, Page

SURE = -0.12  # the mean score, in nats, of the digits of a row that is not in doubt;
MIN_SURE = 8  # digits of such rows, beside which words show
MIN_LETTERS = 3  # pieces of ink that were no digits, at least, on a page with words;
MIN_DOUBTS = 8  # and so many with the digits that are in doubt
DOUBTED = -0.3  # the score of a digit that is in doubt,
MAX_DOUBTS = 0.2  # of which a number has no more than this share,
HEADING = -0.2  # or else a mean score above this
WORD = 3  # letters at least, of a word beside numbers
GAP = 0.5  # heights of a row, between words


def without_headings(page: Page, letters: int = MIN_LETTERS) -> Page:
    """Leave out the words of a page that were read as digits: much of them is in doubt, beside rows without any.

    They are above these, or begin a row. Without such rows, or so many letters that were left out, nothing is.
    """
    scores = [one.score for one in page.digits]
    doubts = sum(score < DOUBTED for score in scores)
    rows = [Page((line,)).digits for line in page.lines]
    sure = [_is_sure(_numbers(row)) for row in rows]
    count = sum(len(row) for row, is_sure in zip(rows, sure, strict=True) if is_sure)
    if count < MIN_SURE or page.unread < letters or page.unread + doubts < MIN_DOUBTS:
        return page
    above = rows[: sure.index(True)]
    headings = max((place + 1 for place, row in enumerate(above) if _is_all_words(row)), default=0)
    lines: list[Line] = []
    words = [one for row in rows[:headings] for one in row]
    for line, digits in zip(page.lines[headings:], rows[headings:], strict=True):
        word = digits[: len(digits) - len(_numbers(digits))]
        words += word
        lines.append(_without(line, word) if word else line)
    left_out = page.left_out + tuple(one.digit.box for one in words)
    return replace(page, lines=tuple(lines), left_out=left_out, words=len(left_out))


def _is_heading(digits: tuple[FoundDigit, ...]) -> bool:
    scores = np.array([one.score for one in digits])
    return bool(scores.mean() < HEADING and (scores < DOUBTED).mean() > MAX_DOUBTS)


def _is_sure(digits: tuple[FoundDigit, ...]) -> bool:
    return len(digits) >= WORD and float(np.mean([one.score for one in digits])) > SURE


def _is_all_words(row: tuple[FoundDigit, ...]) -> bool:
    """Tell whether a row is a heading, rather than a word and numbers."""
    return _is_heading(row) and _is_heading(_numbers(row))


def _numbers(row: tuple[FoundDigit, ...]) -> tuple[FoundDigit, ...]:
    """Return the digits of a row without the word that it begins with."""
    first = _first_word(row)
    return row[len(first) :] if WORD <= len(first) < len(row) and _is_heading(first) else row


def _first_word(digits: tuple[FoundDigit, ...]) -> tuple[FoundDigit, ...]:
    """Return the digits of a row until the first gap; it does not matter which way up the picture is."""
    boxes = [one.digit.box for one in digits]
    height = float(np.median([box.length for box in boxes]))
    for place, (one, other) in enumerate(itertools.pairwise(boxes), 1):
        across = max(other.left - one.right, one.left - other.right)
        down = max(other.top - one.bottom, one.top - other.bottom)
        if max(across, down) > GAP * height:
            return digits[:place]
    return digits


def _without(line: Line, word: tuple[FoundDigit, ...]) -> Line:
    """Return a line without the digits of its first word, and the signs between these."""
    rest: list[Number] = []
    left = len(word)
    for number in line:
        kept: list[FoundDigit | str] = []
        for item in number:
            if left and isinstance(item, FoundDigit):
                left -= 1
            elif not left and (kept or rest or isinstance(item, FoundDigit) or item == "-"):
                kept.append(item)
        if kept:
            rest.append(tuple(kept))
    return tuple(rest)
