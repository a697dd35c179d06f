"""Reading a view: its rows, as it lies or turned, and no texture."""

from dataclasses import replace

import numpy as np

from preprocessing.box import Box
from preprocessing.components import MAX_ASPECT, Component
from preprocessing.headings import without_headings
from preprocessing.judge import Judge
from preprocessing.reading import Line, Page
from preprocessing.row_reading import read_rows
from preprocessing.rows import BIG, usual_height
from preprocessing.steps import Steps
from preprocessing.view import View

EDGE = 0.05  # share of the picture's side along which the edge of the paper may be seen
TEXTURE_PIECES, TEXTURE_SCORE, TEXTURE_SHARE = 100, -0.5, 0.15  # of what is no writing
STRIPES = 3  # pieces of ink, at least, that are no digits but stripes
WORD = 3  # letters, at least, that may look like digits on their side
TALL = 0.3  # of a digit's height: other ink of that height is more than a speck
POOR = -1.5  # in nats: what reads better than that stays as it lies
POOR_ALONE = -2.5  # what reads worse is hardly digits
BETTER = 1.0  # in nats, by which another side up reads better
SURE_TURN = 1.0  # in nats, by which the pieces of a page look more like digits,
FEW = 4  # of which there are more: one may be several digits that touch
MANY = 60  # components that are tried
TURNED_FEW = -0.3  # the mean score of few digits, when they are turned,
SURE_ALONE = -0.15  # and of one alone, where it does not read that badly, in pieces, as it lies
BAR = "1"  # on its side, it is a dash, or an object, rather than this
SURE_ROW, CHANCE_ROW = -0.7, -2.8  # the mean score, in nats, of a row of digits, and of no digits beside it


def read_turned(view: View, judge: Judge, steps: Steps) -> Page:
    """Read a view, and turned by a quarter, a half or three where that is clearly better."""
    if _is_texture(view, judge, steps):
        return Page((), left_out=(view.in_picture(_around(view)),))
    quarters, gain = best_turn(view, judge, steps)
    if gain > SURE_TURN and len(view.digits) > FEW:  # then it is read once
        turned = replace(read_view(view.turned(quarters), judge, steps), rotated=360 - 90 * quarters)
        if len(turned.digits) > 1 and turned.quality > POOR and not is_word(turned):
            return turned
    page = read_view(view, judge, steps)
    # What hangs together and is read as two digits may rather be one on its side.
    reads = page.looks if len(view.digits) == 1 and len(page.digits) == 2 else page.quality
    if reads > POOR or not quarters:
        return page
    if gain <= SURE_TURN or len(view.digits) <= FEW:
        turned = replace(read_view(view.turned(quarters), judge, steps), rotated=360 - 90 * quarters)
    if len(turned.digits) == 1 and judge.name(turned.digits[0].probabilities) == BAR:
        return page
    if is_word(turned):
        return page
    least = TURNED_FEW if len(turned.digits) <= FEW else POOR
    if len(turned.digits) == 1 and page.quality > POOR_ALONE:
        least = SURE_ALONE
    return turned if turned.quality > max(reads + BETTER, least) else page


def is_word(turned: Page) -> bool:
    """Tell whether what was turned by a quarter to be read is a word: it is a column of digits, one a row, so."""
    is_column = len(turned.lines) >= WORD and len(turned.digits) == len(turned.lines)
    return turned.rotated % 180 == 90 and is_column


def _is_texture(view: View, judge: Judge, steps: Steps) -> bool:
    """Tell whether ink is in very many pieces of which hardly one is like a digit, either way up, or in stripes.

    Stripes run from one side of the frame to another, all of them.
    """
    if len(view.digits) >= STRIPES and all(_sides(one, view) >= 2 for one in view.digits):
        return True
    if len(view.digits) < TEXTURE_PIECES:
        return False
    chosen = sorted(view.digits, key=lambda one: -one.mass)[:MANY]
    images = view.ink.images(chosen, steps.wanted_width)
    scores = judge.verdict([np.rot90(image, turn) for turn in range(4) for image in images]).scores
    return float((scores > TEXTURE_SCORE).reshape(4, -1).mean(axis=1).max()) < TEXTURE_SHARE


def _sides(one: Component, view: View) -> int:
    """Count the sides of a view's frame that ink meets."""
    rows, columns = view.labels.shape
    return sum((one.box.left == 0, one.box.top == 0, one.box.right == columns, one.box.bottom == rows))


def _around(view: View) -> Box:
    """Return the box around all ink of a view."""
    box = view.digits[0].box
    for one in view.digits[1:]:
        box = box.join(one.box)
    return box


def best_turn(view: View, judge: Judge, steps: Steps) -> tuple[int, float]:
    """Return by how many quarters, anticlockwise, the network takes the ink for digits the most surely.

    And by how much, in nats, more surely than as it lies.
    """
    height = usual_height(view.digits)
    chosen = [one for one in view.digits if one.box.length > BIG * height][:MANY]
    if not chosen:
        return 0, 0.0
    images = view.ink.images(chosen, steps.wanted_width)
    scores = judge.verdict([np.rot90(image, turn) for turn in range(4) for image in images]).scores
    means = np.maximum(scores, -4).reshape(4, -1).mean(axis=1)
    best = int(means.argmax())
    return best, float(means[best] - means[0])


def _is_edge(one: Component, view: View) -> bool:
    """Tell whether ink is the edge of the paper: long and thin, and along the frame."""
    box, (rows, columns) = one.box, view.labels.shape
    if box.length < MAX_ASPECT * min(box.width, box.height):
        return False
    if box.height > box.width:
        return bool(min(box.left, columns - box.right) < EDGE * columns)
    return bool(min(box.top, rows - box.bottom) < EDGE * rows)


def read_view(view: View, judge: Judge, steps: Steps) -> Page:
    """Read the rows of a view."""
    height = usual_height(view.digits)
    inside = [one for one in view.digits if not _is_edge(one, view)]
    read = read_rows(inside, view.ink, view, judge, steps)
    rows, columns = view.labels.shape
    frame = view.in_picture(Box(0, 0, columns, rows))
    return without_chance(without_headings(read.page(view, TALL * height)), frame)


def without_chance(page: Page, frame: Box) -> Page:
    """Leave out rows that hardly look like digits, where another surely does: objects and shadows beside a number.

    What reaches in from the frame of what was read need not look as badly, nor the other as well.
    """
    means = [float(np.mean([one.score for one in Page((line,)).digits])) for line in page.lines]
    best = max(means, default=POOR)
    chance = [
        line
        for line, mean in zip(page.lines, means, strict=True)
        if (mean < CHANCE_ROW and best >= SURE_ROW) or (mean < POOR < best and _is_at(frame, line))
    ]
    kept = tuple(line for line in page.lines if line not in chance)
    boxes = tuple(one.digit.box for one in Page(tuple(chance)).digits)
    return replace(page, lines=kept, left_out=page.left_out + boxes)


def _is_at(frame: Box, line: Line) -> bool:
    """Tell whether each digit of a line touches the frame."""
    boxes = [one.digit.box for one in Page((line,)).digits]
    return all(
        box.left <= frame.left or box.top <= frame.top or box.right >= frame.right or box.bottom >= frame.bottom
        for box in boxes
    )
