"""Box: an upright rectangle of a picture."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, order=True)
class Box:
    """Left and top side, width and height, in pixels; the right and the bottom side are excluded."""

    left: int
    top: int
    width: int
    height: int

    @classmethod
    def between(cls, left: int, top: int, right: int, bottom: int) -> "Box":
        """Make a box of its four sides."""
        return cls(left, top, right - left, bottom - top)

    @classmethod
    def around(cls, mask: NDArray[np.bool_]) -> "Box":
        """Make the smallest box around what is set on a mask (H, W), which is not empty."""
        rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
        return cls.between(int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1)

    @property
    def right(self) -> int:
        """The first column beyond the box."""
        return self.left + self.width

    @property
    def bottom(self) -> int:
        """The first row below the box."""
        return self.top + self.height

    @property
    def length(self) -> int:
        """The longer side, in pixels."""
        return max(self.width, self.height)

    @property
    def slices(self) -> tuple[slice, slice]:
        """The rows and the columns of the box, to index an array (H, W) with."""
        return slice(self.top, self.bottom), slice(self.left, self.right)

    def join(self, other: "Box") -> "Box":
        """Return the smallest box around both."""
        left, top = min(self.left, other.left), min(self.top, other.top)
        return Box.between(left, top, max(self.right, other.right), max(self.bottom, other.bottom))

    def scaled(self, scale: float) -> "Box":
        """Return the box with all four numbers multiplied by `scale`, rounded."""
        return Box(*(round(scale * number) for number in (self.left, self.top, self.width, self.height)))
