"""Digits drawn in the terminal: in grey, without colours in blocks, and where there are no blocks in ASCII."""

from collections.abc import Callable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.text import Text

from system.arrays import Array

SIDE = 28  # columns of a large digit; it has half as many lines, as a cell is twice as high as wide
INK = 90  # of 255: what is drawn where there are no shades
BLOCKS = " ▗▖▄▝▐▞▟▘▚▌▙▀▜▛█"  # 8 for ink in the upper left quarter of a cell, 4 upper right, 2 lower left, 1 lower right
SHADES = " .:-=+*#%@"


def digit_lines(images: Sequence[NDArray[np.uint8]], console: Console) -> Iterator[Text]:
    """Yield the lines of a drawing of digits (28, 28) uint8, white on black, in rows of as many as the console is wide.

    They are large where all fit in one row, else of half the width and height.
    """
    small = len(images) * (SIDE + 1) - 1 > console.width
    in_a_row = max(1, (console.width + 1) // ((SIDE // 2 if small else SIDE) + 1))
    gap = 2 if small else 1  # pixels of a column
    draw = _way_to_draw(console)
    for first in range(0, len(images), in_a_row):
        if first:
            yield Text()
        row = np.hstack([np.pad(image, ((0, 0), (0, gap))) for image in images[first : first + in_a_row]])
        yield from draw(row[:, :-gap].astype(np.float32), small)


def _way_to_draw(console: Console) -> Callable[[Array, bool], Iterator[Text]]:
    try:
        BLOCKS.encode(console.encoding)
    except (UnicodeEncodeError, LookupError):
        return _in_ascii
    # Sixteen colours are whatever their user has made of them.
    return _in_grey if console.color_system in ("256", "truecolor") and not console.no_color else _in_blocks


def _in_grey(pixels: Array, small: bool) -> Iterator[Text]:
    """Yield lines of two rows of pixels, or, where small, of means of two by two: one as ink, one as paper."""
    for upper, lower in _pairs_of_rows(pixels, small):
        greys = zip(np.rint(upper).astype(int).tolist(), np.rint(lower).astype(int).tolist(), strict=True)
        yield Text.assemble(*(("▀", f"rgb({ink},{ink},{ink}) on rgb({paper},{paper},{paper})") for ink, paper in greys))


def _in_blocks(pixels: Array, small: bool) -> Iterator[Text]:
    """Yield lines of four quarters a cell: of one column of pixels, or, where small, of two, and as sharp across."""
    quarters = pixels.reshape(SIDE // 2, 2, -1).mean(axis=1) if small else pixels.repeat(2, axis=1)
    ink = (quarters > INK).reshape(len(quarters) // 2, 2, -1, 2)
    for line in (ink * [[[8, 4]], [[2, 1]]]).sum(axis=(1, 3)).tolist():
        yield Text("".join(BLOCKS[cell] for cell in line).rstrip())


def _in_ascii(pixels: Array, small: bool) -> Iterator[Text]:
    """Yield lines of the mean shade of each cell."""
    for upper, lower in _pairs_of_rows(pixels, small):
        shades = ((upper + lower) / 2 * len(SHADES) / 256).astype(int).tolist()
        yield Text("".join(SHADES[shade] for shade in shades).rstrip())


def _pairs_of_rows(pixels: Array, small: bool) -> Array:
    """Return (lines, 2, columns) pixels; where small, means of two by two."""
    if small:
        pixels = pixels.reshape(SIDE // 2, 2, -1, 2).mean(axis=(1, 3))
    return pixels.reshape(len(pixels) // 2, 2, -1)
