"""Reading a page: straightened and turned as it should be, its tables as tables and its rows as rows."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from preprocessing.box import Box
from preprocessing.colours import HIDDEN, PLAIN
from preprocessing.components import Component
from preprocessing.digits import Digit, FoundDigits, find_digits
from preprocessing.grey import flatten
from preprocessing.grid import encloses_cells
from preprocessing.judge import Judge
from preprocessing.reading import FoundDigit, Page
from preprocessing.rows import BIG, usual_height
from preprocessing.solid import is_solid
from preprocessing.steps import STEPS, Steps, first_look
from preprocessing.tables_or_rows import read_rows_of, read_several
from preprocessing.view import View
from preprocessing.view_reading import TALL
from preprocessing.views import page_view
from system.arrays import Array

NO_DIGIT = "This does not look like a digit."
NOTHING = -2.5  # the mean score, in nats, of what is read at all;
NOTHING_ALONE = -6.0  # a single digit is read, with a doubt, unless it is hopeless;
DOUBTFUL = -1.0  # and of what is read without a doubt;
POOR_PAGE = -2.0  # and the same with what was left out
ALONE_SCORE = -0.4  # in nats: from it on, one digit without other ink is read as it is found
TINY = 40  # pixels of a picture that shows one digit
WHOLE_SCORE = -0.2  # and so all ink as one digit: a torn one
MOST_PARTS = 8  # of a torn digit, without dust
NARROW = 0.65  # width over height of connected ink that is not two digits
STAMP_PLACE = 0.15  # share of the picture's sides, between its corner and a camera's date,
STAMP_DIGITS, STAMP_SIZE = 5, 0.1  # which has so many digits, of less than such a share of its height,
STAMP_HEIGHT = 0.5  # and of that of others
SMALL_DIGITS, MANY_DIGITS = 4, 150  # at least, and at most, beside a shadow: more are grain
FEW = 3  # parts of one digit that may look like digits


def read_page(picture: Array, judge: Judge, steps: Steps = STEPS) -> Page:
    """Read an upright picture (H, W), (H, W, 3) blue first, or (H, W, 4) with opacity, uint8 or uint16."""
    if min(picture.shape[:2]) < 3:
        return Page((), warnings=find_digits(picture, steps).warnings)
    flat = steps.open_cards(flatten(picture))
    sheet = steps.straighten(flat)
    if not sheet:
        return with_doubts(read_closely(flat, judge, steps))
    return with_doubts(read_closely(sheet.picture, judge, steps).moved(sheet.in_picture))


def read_closely(flat: Array, judge: Judge, steps: Steps) -> Page:
    """Read a picture without transparency: by its colours where ink is hidden in its grey.

    Where that reads badly, by plain colours, or if these were read, by its grey, where it shows more digits, and then
    without what is large, as shadow.
    """
    shown = steps.show_colours(flat, HIDDEN)
    page = read_flat(shown, judge, steps)
    is_date = len(page.lines) == 1 and is_stamp(page, flat.shape)
    if page.quality > DOUBTFUL and not is_date:
        return page
    other = steps.show_colours(flat, PLAIN) if shown is flat else flat
    if other is not shown and (read := read_flat(other, judge, steps)).sure > (0 if is_date else page.sure):
        return read
    if is_date or page.quality > POOR_PAGE:
        return page
    return _read_in_shadow(shown, judge, steps) or page


def with_doubts(page: Page) -> Page:
    """Say where what is on a page does not look like a digit; where nothing does, nothing was read.

    What the network takes for digits in objects, letters and textures are chance likenesses: few are good.
    """
    if not page.digits and not page.left_out:
        return page
    scores = [one.score for one in page.digits]
    if not scores or np.mean(scores) < (NOTHING if len(scores) > 1 else NOTHING_ALONE):
        boxes = tuple(one.digit.box for one in page.digits)
        return replace(page, lines=(), left_out=page.left_out + boxes, warnings=(*page.warnings, NO_DIGIT))
    if np.mean(scores) < DOUBTFUL or page.quality < POOR_PAGE:
        return replace(page, warnings=(*page.warnings, NO_DIGIT))
    return page


def read_flat(flat: Array, judge: Judge, steps: Steps) -> Page:
    """Read a picture without transparency."""
    look = first_look(flat, steps)
    found = find_digits(flat, steps, look)
    view = page_view(flat, steps, look)
    tiny = max(flat.shape[:2]) <= TINY
    one, is_sure = _read_alone(found, view, tiny, judge, steps)
    alone = Page((((one,),),) if one else (), warnings=found.warnings)
    page = alone if is_sure else read_several(flat, view, judge, steps)
    if one and (not page.digits or (len(page.digits) <= FEW and one.score >= page.total) or (tiny and page.rotated)):
        page = alone  # its parts look less like digits, and crops are upright
    page = without_stamp(page, flat.shape[:2]) if page is not alone else page
    if len(page.digits) == 1 and not page.rotated and is_solid(flat, page.digits[0].digit):
        page = Page((), left_out=(*page.left_out, page.digits[0].digit.box))
    return page if page.lines or page.left_out else Page((), warnings=found.warnings)


def without_stamp(page: Page, shape: tuple[int, ...]) -> Page:
    """Leave out the date that a camera prints: a row of many small digits at the upper or lower side of a picture."""
    heights = [float(np.median([one.digit.box.height for one in Page((line,)).digits])) for line in page.lines]
    for line, height in zip(page.lines, heights, strict=True):
        if height < STAMP_HEIGHT * max(heights) and is_stamp(Page((line,)), shape):
            kept = tuple(each for each in page.lines if each is not line)
            boxes = tuple(one.digit.box for one in Page((line,)).digits)
            return replace(page, lines=kept, left_out=page.left_out + boxes)
    return page


def is_stamp(row: Page, shape: tuple[int, ...]) -> bool:
    """Tell whether a row of digits is as many, as small and as near a corner of a picture (H, W) as a camera's date."""
    boxes = [one.digit.box for one in row.digits]
    if len(boxes) < STAMP_DIGITS or float(np.median([box.height for box in boxes])) > STAMP_SIZE * shape[0]:
        return False
    rows = [min(box.top for box in boxes), shape[0] - max(box.bottom for box in boxes)]
    columns = [min(box.left for box in boxes), shape[1] - max(box.right for box in boxes)]
    return min(rows) < STAMP_PLACE * shape[0] and min(columns) < STAMP_PLACE * shape[1]


def _read_in_shadow(flat: Array, judge: Judge, steps: Steps) -> Page | None:
    """Read a picture of small digits beside large shadows; None where it does not read well so."""
    view = page_view(flat, steps, in_shadow=True)
    if not SMALL_DIGITS <= len(view.digits) <= MANY_DIGITS:
        return None
    page = without_stamp(read_rows_of(view, judge, steps), flat.shape[:2])
    return page if len(page.digits) >= SMALL_DIGITS and page.quality > DOUBTFUL else None


def _read_alone(
    found: FoundDigits, view: View, tiny: bool, judge: Judge, steps: Steps
) -> tuple[FoundDigit | None, bool]:
    """Read a picture of one digit: as it is found, or all of its ink; None where there is more; and whether it is sure.

    tiny: it is so small that it shows one digit, whose strokes may be torn and cut off.
    """
    parts = [one for one in view.digits if one.box.height > BIG * usual_height(view.digits)]
    if len(parts) > MOST_PARTS and not tiny:
        return None, False
    alone = list(found.digits) if len(found.digits) == 1 and _alone(view, found.digits[0].box) else []
    whole = [] if alone and not tiny else _all_ink(view, tiny, steps)
    digits = [*alone, *whole]
    if not digits:
        return None, False
    verdict = judge.verdict([one.image for one in digits])
    least = [ALONE_SCORE] * len(alone) + [WHOLE_SCORE] * len(whole)
    sure = [index for index, score in enumerate(verdict.scores) if score > least[index]]
    if not (sure or alone):
        return None, False
    best = sure[-1] if sure else 0  # what is more of the picture
    one = FoundDigit(
        digits[best], verdict.probabilities[best], float(verdict.scores[best]), float(verdict.wholeness[best])
    )
    if len(parts) == 1:
        is_narrow = one.digit.box.width < NARROW * one.digit.box.height
        return one, bool(sure) or (is_narrow and not encloses_cells(view.ink.mask(parts[0].labels, parts[0].box)))
    return one, bool(sure) and (tiny or one.score > _sum_of(parts, view, judge, steps))


def _sum_of(parts: Sequence[Component], view: View, judge: Judge, steps: Steps) -> float:
    """Return how much parts look like a digit each, in nats: where more than all at once, there are several."""
    return float(judge.verdict(view.ink.images(parts, steps.wanted_width)).scores.sum())


def _all_ink(view: View, tiny: bool, steps: Steps) -> list[Digit]:
    """Return all ink of a view as one digit; none where it is as wide as two."""
    ink = view.ink
    written = view.labels > 0 if tiny else np.isin(view.labels, [label for one in view.digits for label in one.labels])
    if not written.any():
        return []
    box = Box.around(written)
    if box.width > 1.1 * box.height:
        return []
    labels = np.unique(view.labels[written]).tolist()
    return [Digit(ink.image(box, ink.mask(labels, box), steps.wanted_width), view.in_picture(box))]


def _alone(view: View, box: Box) -> bool:
    """Tell whether there is no other ink of any size."""
    return all(one.box.height < TALL * box.height or _inside(view.in_picture(one.box), box) for one in view.digits)


def _inside(one: Box, other: Box) -> bool:
    across = min(one.right, other.right) - max(one.left, other.left)
    down = min(one.bottom, other.bottom) - max(one.top, other.top)
    return across > 0 and down > 0 and across * down > 0.5 * one.width * one.height
