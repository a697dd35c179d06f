"""Rows: which digits stand side by side, on level, slanting and close lines of writing."""

from collections.abc import Sequence
from dataclasses import astuple, dataclass, field

import numpy as np

from preprocessing.components import Component

# Sizes are in heights of the larger of two digits, or of a digit of the usual height.
WEIGHT = 1.5  # the power of its height by which a component counts
NEAR = (0.55, 1.6)  # heights that are alike
MAX_HEIGHT = 3.5  # of a digit, or of two on two rows that touch: what is taller is none
BIG = 0.42  # what is at least so high is a digit by itself; smaller ones are parts, signs and specks
COMMA_SIZE = 0.35, 0.65  # of a comma, at most: its width and its height,
COMMA_TOP = 0.55  # how far down a digit it begins, at least,
COMMA_DEPTH = 0.1, 0.6  # and how far below it ends
MAX_AFTER = 0.9  # how far after a digit its point or comma is
MIN_OVERLAP = 0.25  # neighbours of a row have at least so much of the lower one's height in common
DROP_COST = 1.5  # how much worse a neighbour is for being higher or lower, beside being farther to the side
MAX_GAP = 12.0  # between neighbours of a row
MAX_OFFSET = 0.5  # how far a digit's middle is from the line of its row
NEAR_END, END_OVERLAP = 2.0, 0.6  # between pieces of a row that go on from one another, and what they have in common
MAX_SLOPE = 0.5
SMALL_ABOVE, SMALL_BELOW = 0.35, 0.5  # how far above or below a row its signs and parts are


@dataclass
class Row:
    """Digits of one row, from left to right, and what is smaller: their parts, signs and specks."""

    big: list[Component]
    small: list[Component] = field(default_factory=list)

    @property
    def height(self) -> float:
        """The usual height of its digits."""
        return float(np.median([one.box.height for one in self.big]))

    @property
    def middle(self) -> float:
        """How far down its middle is."""
        return float(np.mean([_middle(one) for one in self.big]))

    def line(self, slope: float) -> tuple[float, float]:
        """Return where its middle line is at the left of the picture, and its slope, unless it is too short for one."""
        across, down = [_centre(one) for one in self.big], [_middle(one) for one in self.big]
        if len(self.big) > 2 and np.ptp(across) > 3 * self.height:
            fitted = float(np.polyfit(across, down, 1)[0])
            slope = float(np.clip(fitted, -MAX_SLOPE, MAX_SLOPE))
        return float(np.mean(down) - slope * np.mean(across)), slope


def usual_height(components: Sequence[Component]) -> float:
    """Return the height of a digit among some components: the one that the most, and the tallest, are near.

    A patch is taller than digits, specks are more; that of neither is near so many weighed by their height.
    """
    heights = np.sort(np.array([one.box.height for one in components], np.float64))
    if not len(heights):
        return 0.0
    weights = np.concatenate([[0], np.cumsum(heights**WEIGHT)])
    first = np.searchsorted(heights, NEAR[0] * heights)
    last = np.searchsorted(heights, NEAR[1] * heights, side="right")
    best = int(np.argmax(weights[last] - weights[first]))
    return float(np.median(heights[first[best] : last[best]]))


def find_rows(components: Sequence[Component]) -> tuple[list[Row], list[Component]]:
    """Sort components into rows, from top to bottom; and those that are near none.

    Each digit is linked to the nearest on its right that it is the nearest of on the left: so a row may rise and fall,
    and rows that are close do not run together. Pieces of a row, with a gap between them, are joined along its line.
    """
    height = usual_height(components)
    tall = [one for one in components if BIG * height <= one.box.height <= MAX_HEIGHT * height]
    commas = [one for one in tall if _is_comma(one, tall)]
    rows = _join(_chains([one for one in tall if one not in commas]))
    rest = [one for one in components if one.box.height > MAX_HEIGHT * height]
    for one in [*commas, *(one for one in components if one.box.height < BIG * height)]:
        row = _row_of(one, rows)
        (row.small if row else rest).append(one)
    return rows, rest


def _is_comma(one: Component, tall: Sequence[Component]) -> bool:
    """Tell whether ink is a comma between two digits, rather than one: narrow, lower, and down to below their feet."""

    def hangs(other: Component, gap: int) -> bool:
        box, height = other.box, other.box.height
        return bool(
            one.box.width < COMMA_SIZE[0] * height
            and one.box.height < COMMA_SIZE[1] * height
            and one.box.top > box.top + COMMA_TOP * height
            and COMMA_DEPTH[0] * height < one.box.bottom - box.bottom < COMMA_DEPTH[1] * height
            and -one.box.width < gap < MAX_AFTER * height
        )

    before = any(hangs(other, one.box.left - other.box.right) for other in tall)
    return before and any(hangs(other, other.box.left - one.box.right) for other in tall)


def _centre(one: Component) -> float:
    return one.box.left + one.box.width / 2


def _middle(one: Component) -> float:
    return one.box.top + one.box.height / 2


def _chains(big: Sequence[Component]) -> list[Row]:
    if not big:
        return []
    right_of, left_of = _nearest(big, 1), _nearest(big, -1)
    starts = [index for index in range(len(big)) if left_of[index] < 0 or right_of[left_of[index]] != index]
    rows = []
    for start in starts:
        chain, index = [start], right_of[start]
        while index >= 0 and left_of[index] == chain[-1] and index not in chain:
            chain.append(index)
            index = right_of[index]
        rows.append(Row([big[each] for each in chain]))
    return rows


def _nearest(big: Sequence[Component], side: int) -> list[int]:
    """Return for each component which is the next on the right (1) or on the left (-1) of its row; -1 where none is."""
    left, top, width, height = np.array([astuple(one.box) for one in big], np.float64).T
    right, bottom = left + width, top + height
    centre, middle = left + width / 2, top + height / 2
    # Of each component, down, all others, across.
    ahead = side * (centre[None] - centre[:, None])
    overlap = np.minimum(bottom[:, None], bottom) - np.maximum(top[:, None], top)
    gap = left[None] - right[:, None] if side > 0 else left[:, None] - right[None]
    size = np.maximum(height[:, None], height)
    apart = np.minimum(np.abs(middle[:, None] - middle), np.abs(bottom[:, None] - bottom))
    cost = np.maximum(gap, -0.2 * size) + DROP_COST * apart
    possible = (
        (ahead > 0)
        & (overlap >= MIN_OVERLAP * np.minimum(height[:, None], height))
        & (gap <= MAX_GAP * size)
        & (gap >= -0.6 * np.minimum(width[:, None], width))  # else above or below
    )
    cost[~possible] = np.inf
    best = cost.argmin(axis=1)
    return [int(index) if np.isfinite(cost[one, index]) else -1 for one, index in enumerate(best)]


def _join(chains: list[Row]) -> list[Row]:
    """Join pieces of a row along its line, the longest first."""
    slopes = [
        (_middle(right) - _middle(left)) / max(_centre(right) - _centre(left), 1)
        for row in chains
        for left, right in zip(row.big, row.big[1:], strict=False)
    ]
    slope = float(np.clip(np.median(slopes), -MAX_SLOPE, MAX_SLOPE)) if len(slopes) > 3 else 0.0
    rows: list[Row] = []
    lines: list[tuple[float, float, float]] = []  # of each row: fitting one anew for each chain takes long
    for chain in sorted(chains, key=lambda row: -len(row.big)):
        for place, row in enumerate(rows):
            if _on_line(chain, row, lines[place]):
                row.big = sorted(row.big + chain.big, key=_centre)
                lines[place] = (*row.line(slope), row.height)
                break
        else:
            rows.append(chain)
            lines.append((*chain.line(slope), chain.height))
    return sorted(rows, key=lambda row: row.line(slope)[0] + slope * np.mean([_centre(one) for one in row.big]))


def _on_line(chain: Row, row: Row, line: tuple[float, float, float]) -> bool:
    """Tell whether a chain is on the line of a row: its start, slope and height."""
    start, fitted, height = line
    offsets = [abs(_middle(one) - start - fitted * _centre(one)) for one in chain.big]
    if sum(offsets) / len(offsets) > MAX_OFFSET * max(height, 0.6 * chain.height):
        return _continues(chain, row) or _continues(row, chain)
    # What stands above or below others is on another row.
    return not any(
        min(one.box.right, other.box.right) - max(one.box.left, other.box.left)
        > 0.5 * min(one.box.width, other.box.width)
        and min(one.box.bottom, other.box.bottom) - max(one.box.top, other.box.top)
        < 0.3 * min(one.box.height, other.box.height)
        for one in chain.big
        for other in row.big
    )


def _continues(before: Row, after: Row) -> bool:
    """Tell whether a piece of a row goes on where another ends: side by side, and as high."""
    one, other = before.big[-1].box, after.big[0].box
    beside = min(one.bottom, other.bottom) - max(one.top, other.top)
    near = other.left - one.right < NEAR_END * max(one.height, other.height)
    return one.right <= other.left and near and beside > END_OVERLAP * min(one.height, other.height)


def _row_of(small: Component, rows: Sequence[Row]) -> Row | None:
    """Return the row that a small component is a part or a sign of: that of the digit it is nearest to."""
    best, lowest = None, np.inf
    middle = _middle(small)
    for row in rows:
        height = row.height
        for one in row.big:
            if not one.box.top - SMALL_ABOVE * height < middle < one.box.bottom + SMALL_BELOW * height:
                continue
            distance = one.distance(small) + 0.3 * abs(_middle(one) - middle)
            if distance < min(lowest, 2.5 * height):
                best, lowest = row, distance
    return best
