"""Reading rows: the digits of each as the network reads them best, and the signs between."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from preprocessing.atoms import Atom, parted
from preprocessing.box import Box
from preprocessing.components import Component
from preprocessing.digits import Digit
from preprocessing.ink import Ink
from preprocessing.judge import Judge
from preprocessing.pair_reading import read_atoms
from preprocessing.reading import FoundDigit, Line, Page
from preprocessing.rows import BIG, Row, find_rows, usual_height
from preprocessing.signs import is_slash
from preprocessing.steps import Steps
from preprocessing.view import View

Item = tuple[float, float, FoundDigit | str | None]  # from where to where on its row; None for what is no digit

# Sizes are in heights of the row.
MIN_PART = 0.12  # what is shorter is a speck
WORD_GAP = 0.5  # between the letters of a word
NUMBER_GAP = 1.2  # between numbers, unless digits are written as far apart:
NUMBER_GAPS = 2.5  # it is so many times the usual gap
SURE = -0.35  # the score, in nats, from which ink needs no cuts
MIN_CUT_WIDTH = 0.45  # what is narrower is one digit,
MIN_CUT_HEIGHT = 0.6  # and what is lower a part
MANY_LETTERS, TEXT_SHARE, LETTER_SCORE = 8, 0.55, -1.5  # of a row of text
DOUBTFUL = -1.2  # the score of what may be a letter, beside letters
MIN_DIGITS = 0.34  # share of a row with letters that its digits are
JOINED_SCORE = -2.0  # in nats, at least, of strokes that are joined: digits that touch are none, nor are two rows
MANY_WORDS = 4  # groups of digits of a row of a table
MIN_LETTERS, WORD_SCORE = 3, -0.9  # of the word that it begins with, whose mean score is below that
CRACK = 0.04  # strokes so near are one that is torn
MAX_TEAR = 0.25  # parts of a digit are at most so far apart
SMALL_SCORE = -1.5  # in nats, of what is too small for a digit


@dataclass(frozen=True)
class Rows:
    """What was read of some rows: lines, components that were left out, and digits that were, as letters of words."""

    lines: list[Line]
    left_out: list[Component]
    words: list[FoundDigit]

    def add(self, other: "Rows") -> None:
        """Add what was read below."""
        self.lines.extend(other.lines)
        self.left_out.extend(other.left_out)
        self.words.extend(other.words)

    def page(self, view: View, least: float) -> Page:
        """Return the page of it; of what was left out, what is no longer than `least` pixels of the view is no ink."""
        letters = [one.digit.box for one in self.words]
        boxes = [view.in_picture(one.box) for one in self.left_out if one.box.length > least]
        return Page(tuple(self.lines), left_out=(*boxes, *letters), words=len(letters))


def read_rows(components: Sequence[Component], ink: Ink, view: View, judge: Judge, steps: Steps) -> Rows:
    """Read components row by row."""
    height = usual_height(components)
    rows, rest = find_rows(join_strokes(components, ink, judge, height, steps))
    read = Rows([], list(rest), [])
    for row in rows:
        read.add(read_row(row, ink, view, judge, steps))
    return read


def join_strokes(
    components: Sequence[Component], ink: Ink, judge: Judge, height: float, steps: Steps
) -> list[Component]:
    """Join what is above or below one another and near, where the network takes both for a digit sooner than each."""
    joined = list(components)
    scores: dict[tuple[int, ...], float] = {}

    def score(one: Component) -> float:
        if one.labels not in scores:
            small = one.box.height < BIG * height and one.box.width < BIG * height
            scores[one.labels] = (
                SMALL_SCORE if small else float(judge.verdict(ink.images([one], steps.wanted_width)).scores[0])
            )
        return scores[one.labels]

    pairs = [
        (joined[first].distance(joined[second]), joined[first], joined[second])
        for first, second in _above_one_another(joined)
        if _stacked(joined[first], joined[second], height)
    ]
    while pairs:
        distance, one, other = min(pairs, key=lambda pair: pair[0])
        pairs = [pair for pair in pairs if pair[1:] != (one, other)]
        both = one.join(other)
        are_digits = min(score(one), score(other)) > DOUBTFUL
        is_better = not are_digits and score(both) > max(JOINED_SCORE, score(one) + score(other) - 0.5)
        if distance < CRACK * height or is_better:
            joined = [each for each in joined if each not in (one, other)]
            pairs = [pair for pair in pairs if not {pair[1].labels, pair[2].labels} & {one.labels, other.labels}]
            pairs += [(both.distance(each), both, each) for each in joined if _stacked(both, each, height)]
            joined.append(both)
    return joined


def _above_one_another(components: Sequence[Component]) -> list[tuple[int, int]]:
    """Return the pairs of components of which one is above the other, or within it."""
    left = np.array([one.box.left for one in components])
    right = np.array([one.box.right for one in components])
    over = np.minimum(right[:, None], right) - np.maximum(left[:, None], left)
    narrower = np.minimum((right - left)[:, None], right - left)
    first, second = np.nonzero(np.triu(2 * over > narrower, 1))
    return list(zip(first.tolist(), second.tolist(), strict=True))


def _stacked(one: Component, other: Component, height: float) -> bool:
    """Tell whether two components may be parts of a digit, one above the other."""
    first, second, both = one.box, other.box, one.box.join(other.box)
    over = min(first.right, second.right) - max(first.left, second.left)
    if over <= min(first.width, second.width) / 2:
        return False
    if one.distance(other) > MAX_TEAR * max(height, min(first.length, second.length)):
        return False
    return both.height <= 2.6 * height and both.width <= 1.6 * max(both.height, height)


def read_row(row: Row, ink: Ink, view: View, judge: Judge, steps: Steps) -> Rows:
    """Read one row: its numbers, each of digits and signs."""
    signs: list[tuple[float, str]] = []
    members = []
    for one in row.big:
        if is_slash(one, ink.mask(one.labels, one.box), row):
            signs.append((one.box.left + one.box.width / 2, "/"))
        else:
            members.append(one)
    for one in row.small:
        if sign := steps.find_sign(one, row, row.small):
            signs.append((one.box.left + one.box.width / 2, sign))
        elif one.box.length > MIN_PART * row.height:
            members.append(one)
    members.sort(key=lambda one: one.box.left + one.box.right)
    atoms = to_atoms(members, row.height, ink, judge, steps)
    left_out: list[Component] = []
    items: list[Item] = []
    for span in read_atoms(atoms, ink, judge, row.height, steps.wanted_width):
        if span.image is None or span.probabilities is None:
            left_out.append(replace(members[atoms[span.first].component], box=span.box))
            if span.box.height > BIG * row.height:
                items.append((span.box.left, span.box.right, None))
            continue
        seen = view.in_picture(span.box)
        around = Box.between(seen.left, seen.top, max(seen.right, seen.left + 1), max(seen.bottom, seen.top + 1))
        digit = FoundDigit(
            Digit(span.image, around), span.probabilities, span.score - span.cost, span.wholeness, span.cost, span.pair
        )
        items.append((span.box.left, span.box.right, digit))
    kept = without_words(items, row.height)
    words = [item[2] for item in items if isinstance(item[2], FoundDigit) and item not in kept]
    return Rows([to_numbers(kept, signs, row.height)] if kept else [], left_out, words)


def to_atoms(members: Sequence[Component], height: float, ink: Ink, judge: Judge, steps: Steps) -> list[Atom]:
    """Part what is not surely one digit at each place where it may be two."""
    masks = [ink.mask(one.labels, one.box) for one in members]
    verdict = judge.verdict(
        [ink.image(one.box, mask, steps.wanted_width) for one, mask in zip(members, masks, strict=True)]
    )
    # Where most of a row is letters, cuts would only find digits in them.
    is_text = len(members) >= MANY_LETTERS and (verdict.scores < LETTER_SCORE).mean() > TEXT_SHARE
    atoms: list[Atom] = []
    for index, (one, mask) in enumerate(zip(members, masks, strict=True)):
        is_sure = verdict.scores[index] > SURE
        if is_sure or is_text or one.box.width < MIN_CUT_WIDTH * height or one.box.height < MIN_CUT_HEIGHT * height:
            atoms.append(Atom(one.box, mask, index, 0.0))
        else:
            atoms += parted(one.box, mask, steps.find_cuts(mask), index, height)
    return atoms


def without_words(items: list[Item], height: float) -> list[Item]:
    """Leave out what is no digit, and digits that are near one another with as many letters: a word, or d1."""
    words: list[list[Item]] = []
    for item in items:
        if words and item[0] - words[-1][-1][1] <= WORD_GAP * height:
            words[-1].append(item)
        else:
            words.append([item])
    if len(words) >= MANY_WORDS:  # a table: its words are read badly, and its numbers well
        words = words[1:] if _is_word(words[0]) else words
    letters = sum(each is None for _, _, each in items)
    kept = [
        item
        for word in words
        if 2 * sum(_is_letter(each, letters) for _, _, each in word) < len(word)
        for item in word
        if item[2] is not None
    ]
    # In a row of text, what is left are letters that look like digits.
    return [] if letters >= MANY_LETTERS and len(kept) < MIN_DIGITS * len(items) else kept


def _is_word(items: list[Item]) -> bool:
    """Tell whether the first of a row's groups is its word."""
    scores = [item.score if isinstance(item, FoundDigit) else SMALL_SCORE for _, _, item in items]
    return len(items) >= MIN_LETTERS and bool(np.mean(scores) < WORD_SCORE)


def _is_letter(item: FoundDigit | str | None, letters: int) -> bool:
    """Tell whether something of a row with so many letters is one: what is in doubt is, beside others."""
    return item is None or (letters > 0 and isinstance(item, FoundDigit) and item.score < DOUBTFUL)


def to_numbers(items: list[Item], signs: list[tuple[float, str]], height: float) -> Line:
    """Put signs between digits, and part numbers where the gap is wide."""
    between = [(place, place, sign) for place, sign in _single(signs, [item[0] + item[1] for item in items])]
    everything = sorted([*items, *between], key=lambda each: each[0] + each[1])
    gaps = [max(0.0, after[0] - before[1]) for before, after in itertools.pairwise(everything)]
    wide = max(NUMBER_GAP * height, NUMBER_GAPS * float(np.median(gaps))) if gaps else 0.0
    numbers: list[list[FoundDigit | str]] = [[]]
    for gap, (_, _, item) in zip([0.0, *gaps], everything, strict=True):
        if gap > wide:
            numbers.append([])
        if item is not None:
            numbers[-1].append(item)
    return tuple(tuple(number) for number in numbers)


def _single(signs: list[tuple[float, str]], places: list[float]) -> list[tuple[float, str]]:
    """Return the signs before and between digits, at twice their `places`; several at one place are specks.

    Of a colon, each of both points is one.
    """
    by_gap: dict[int, list[tuple[float, str]]] = {}
    for place, sign in signs:
        by_gap.setdefault(sum(2 * place > each for each in places), []).append((place, sign))
    return [
        found[0]
        for gap, found in sorted(by_gap.items())
        if (0 < gap < len(places) or (gap == 0 and found[0][1] == "-"))
        and ((len(found) == 1 and found[0][1] != ":") or (len(found) == 2 and found[0][1] == found[1][1] == ":"))
    ]
