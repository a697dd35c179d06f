"""A curve in one line of text."""

from collections.abc import Sequence

_BLOCKS = "▁▂▃▄▅▆▇█"


def sparkline(values: Sequence[float]) -> str:
    """Return a block for each value, from 0 up, as high as its share of the highest."""
    highest = max(values, default=0) or 1
    return "".join(_BLOCKS[round(value / highest * (len(_BLOCKS) - 1))] for value in values)
