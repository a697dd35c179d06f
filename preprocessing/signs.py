"""Signs between digits: point, comma, minus, slash and colon, told by their size and place."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from preprocessing.components import Component
from preprocessing.mnist_form import Mask
from preprocessing.rows import COMMA_DEPTH, MAX_AFTER, Row

# Sizes are in heights of the row.
MAX_DOT = 0.3  # of both sides of a point
MIN_DOT = 0.07  # specks are smaller
MAX_DOT_ASPECT = 2.6
DOT_PLACE = 0.62  # how far down the row the middle of a point is at least
COMMA_LENGTH = 0.26
COMMA_ASPECT = 1.2
COMMA_BELOW = 0.12  # how far below the row a comma reaches
MINUS_ASPECT = 1.8
MINUS_WIDTH = (0.18, 1.1)
MINUS_PLACE = (0.25, 0.75)
SLASH_HEIGHT = 1.3  # of both neighbours' heights, and of the row's, at least
SLASH_LEAN = (0.36, 1.0)  # to the side, for each step down
SLASH_WIDTH = 0.12  # of its height, to both sides of its middle
BESIDE = 0.25  # of a sign's width, that may be below a digit


def find_sign(one: Component, row: Row, others: Sequence[Component] = ()) -> str:
    """Return the sign that a small component of a row is: one of . , - : or nothing."""
    box, height = one.box, row.height
    left, right = neighbours(one, row)
    near = [each for each in (left, right) if each]
    if not near:
        return ""
    top = sum(each.box.top for each in near) / len(near)
    bottom = sum(each.box.bottom for each in near) / len(near)
    size = bottom - top
    middle = (box.top + box.height / 2 - top) / size
    if _covered(one, row):
        return ""
    if box.width > MINUS_ASPECT * box.height and MINUS_WIDTH[0] * height < box.width < MINUS_WIDTH[1] * height:
        if MINUS_PLACE[0] < middle < MINUS_PLACE[1]:
            return "-" if right else ""
    if max(box.width, box.height) < MIN_DOT * height or not (left and right):
        return ""
    if box.left - left.box.right > MAX_AFTER * height:
        return ""
    is_dot = max(box.width, box.height) < MAX_DOT * height and box.width < MAX_DOT_ASPECT * box.height
    if is_dot and sum(_over(one, other, height) for other in others if other is not one) == 1:
        return ":"
    if middle < DOT_PLACE or box.bottom > bottom + COMMA_DEPTH[1] * size:
        return ""
    if (
        box.height > COMMA_ASPECT * box.width
        and box.height > COMMA_LENGTH * height
        and box.bottom > bottom + COMMA_BELOW * size
    ):
        return ","
    return "." if is_dot or (middle > DOT_PLACE and max(box.width, box.height) < 1.4 * MAX_DOT * height) else ""


def is_slash(one: Component, mask: Mask, row: Row) -> bool:
    """Tell whether ink, a mask (H, W) of its box, is a slash: straight, higher than both neighbours and the row.

    It leans farther to the right than a 1 does.
    """
    left, right = neighbours(one, replace(row, big=[each for each in row.big if each is not one]))
    box = one.box
    if not (left and right) or box.height < SLASH_HEIGHT * max(left.box.height, right.box.height, row.height):
        return False
    rows, columns = np.nonzero(mask)
    slope, start = np.polyfit(rows, columns, 1)
    if not -SLASH_LEAN[1] < slope < -SLASH_LEAN[0]:
        return False
    return bool(np.abs(columns - start - slope * rows).max() < SLASH_WIDTH * box.height)


def neighbours(one: Component, row: Row) -> tuple[Component | None, Component | None]:
    """Return the digits of a row next to a component, on its left and on its right."""
    middle = one.box.left + one.box.width / 2
    left = [each for each in row.big if each.box.left + each.box.width / 2 < middle]
    right = [each for each in row.big if each.box.left + each.box.width / 2 >= middle]
    return (left[-1] if left else None), (right[0] if right else None)


def _covered(one: Component, row: Row) -> bool:
    """Tell whether a component is above, below or within a digit, rather than beside it."""
    for digit in row.big:
        over = min(one.box.right, digit.box.right) - max(one.box.left, digit.box.left)
        if over > (1 - BESIDE) * one.box.width:
            return True
    return False


def _over(one: Component, other: Component, height: float) -> bool:
    """Tell whether two points are one above the other."""
    over = min(one.box.right, other.box.right) - max(one.box.left, other.box.left)
    apart = abs((one.box.top + one.box.bottom) - (other.box.top + other.box.bottom)) / 2
    sizes = sorted((max(one.box.width, one.box.height), max(other.box.width, other.box.height)))
    return over > 0 and 0.2 * height < apart < 0.8 * height and sizes[0] > 0.4 * sizes[1]
