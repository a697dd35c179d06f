"""Page: which part of a picture is paper, rather than the table that it lies on."""

import numpy as np

from preprocessing.box import Box
from preprocessing.grey import Grey, reduce

# A table's edge is straight and long: few pixels show it.
PAGE_SIDE = 128  # pixels
TABLE_DIVISOR = 4  # a table takes at most one part in so many of a picture's height or width, on each side
MIN_CONTRAST = 0.1  # of the range from black to white: a table is at least so much darker or lighter than paper
MAX_VARIATION = 0.25  # the share of the difference that a table varies by at most: more is writing
MAX_INK_SHARE = 0.1  # the share of paper that ink takes at most, where a table lies around it
MIN_EDGE = 0.7  # the share of the difference that lies at the table's edge
MIN_ROW_SHARE = 0.9  # the share of the outermost row that is table


def find_page(grey: Grey) -> Box:
    """Find the part of a grey picture (H, W) without tables and frames along its sides.

    A table fills the rows along a side, differs from the middle of the picture, and ends at an edge: light changes
    slowly. Little of its brightness is found on the paper, or else it is the paper itself around a thick stroke.
    """
    small = reduce(grey, PAGE_SIDE)
    rows, columns = small.shape
    middle = float(np.median(small[rows // 4 : rows - rows // 4, columns // 4 : columns - columns // 4]))
    top, bottom = (table_rows(side, middle) for side in (small, small[::-1]))
    left, right = (table_rows(side, middle) for side in (small.T, small[:, ::-1].T))
    if not any((top, bottom, left, right)):
        return Box(0, 0, grey.shape[1], grey.shape[0])
    paper = small[top : rows - bottom, left : columns - right]
    across, down = grey.shape[1] / columns, grey.shape[0] / rows
    for table in (small[0], small[-1], small[:, 0], small[:, -1]):
        outer = float(np.median(table))
        if abs(outer - middle) > MIN_CONTRAST and _beyond(paper, outer, middle).mean() > MAX_INK_SHARE:
            return Box(0, 0, grey.shape[1], grey.shape[0])
    return Box.between(
        round(left * across),
        round(top * down),
        round((columns - right) * across),
        round((rows - bottom) * down),
    )


def table_rows(small: Grey, middle: float) -> int:
    """Count the first rows of a small grey picture (H, W) that are a table's; `middle` is the brightness of paper."""
    rows = len(small)
    outer = float(np.median(small[0]))
    if abs(outer - middle) < MIN_CONTRAST:
        return 0
    share = _beyond(small, outer, middle).mean(axis=1)
    end = int(np.argmax(share < 0.5))
    near = max(2, rows // 16)
    if share[0] < MIN_ROW_SHARE or not 0 < end <= rows // TABLE_DIVISOR:
        return 0
    medians = np.median(small, axis=1)
    if abs(medians[max(0, end - near)] - medians[end + near]) < MIN_EDGE * abs(outer - middle):
        return 0
    # Where something is written in the strip, it is paper in another light.
    table = small[: max(1, end - near // 2)]
    if np.abs(table - outer).max() > MAX_VARIATION * abs(outer - middle):
        return 0
    # The edge may be askew.
    return end + int(np.argmin(share[end : end + near]))


def _beyond(small: Grey, outer: float, middle: float) -> Grey:
    level = (outer + middle) / 2
    return np.asarray(small < level if outer < middle else small > level, np.float32)
