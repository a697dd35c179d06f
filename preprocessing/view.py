"""View: a part of a picture, what is written on it, and which of that are digits."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from preprocessing.box import Box
from preprocessing.components import Component, is_frame
from preprocessing.foreground import Foreground
from preprocessing.ink import Ink

MAX_WINDOW = 0.5  # share of a view up to which a window around its digits is looked at again
MARGIN = 1.0  # around the digits, as a share of the longest


@dataclass(frozen=True)
class View:
    """A part of a picture: its foreground, the label (H, W) of each pixel's component, the digits, and where it is.

    left, top: in pixels of the picture.
    scale: pixels of the picture to one of the view. quarters: how often it was turned anticlockwise by 90 degrees.
    """

    foreground: Foreground
    labels: NDArray[np.int32]
    digits: list[Component]
    left: int
    top: int
    scale: float
    quarters: int = 0

    @property
    def ink(self) -> Ink:
        """What is written on it."""
        return Ink(self.foreground.strength, self.labels)

    def turned(self, quarters: int) -> "View":
        """Return the view turned anticlockwise by so many quarters."""
        shape = self.labels.shape
        return replace(
            self,
            foreground=Foreground(
                np.ascontiguousarray(np.rot90(self.foreground.strength, quarters)),
                np.ascontiguousarray(np.rot90(self.foreground.mask, quarters)),
            ),
            labels=np.ascontiguousarray(np.rot90(self.labels, quarters)),
            digits=[replace(one, box=turn_box(one.box, shape, quarters)) for one in self.digits],
            quarters=(self.quarters + quarters) % 4,
        )

    def in_view(self, length: int) -> float:
        """Return a length of the picture in pixels of the view."""
        return length / self.scale

    def in_picture(self, box: Box) -> Box:
        """Return a box of the view in pixels of the picture."""
        box = turn_box(box, self.labels.shape, -self.quarters)
        left, right = (round(self.left + side * self.scale) for side in (box.left, box.right))
        top, bottom = (round(self.top + side * self.scale) for side in (box.top, box.bottom))
        return Box.between(left, top, right, bottom)

    def window(self) -> Box | None:
        """Return the part around the digits; None where that is most of the view, or where there are no digits."""
        if not self.digits or any(is_frame(digit, self.labels) for digit in self.digits):
            return None
        rows, columns = self.labels.shape
        boxes = [digit.box for digit in self.digits]
        margin = round(MARGIN * max(box.length for box in boxes))
        left, top = (max(0, min(sides) - margin) for sides in ([box.left for box in boxes], [box.top for box in boxes]))
        right = min(columns, max(box.right for box in boxes) + margin)
        bottom = min(rows, max(box.bottom for box in boxes) + margin)
        window = Box.between(left, top, right, bottom)
        return None if window.width * window.height > MAX_WINDOW * rows * columns else window


def turn_box(box: Box, shape: tuple[int, ...], quarters: int) -> Box:
    """Return where a box of a picture (H, W) is when that is turned anticlockwise by so many quarters."""
    rows, columns = shape[:2]
    for _ in range(quarters % 4):
        box = Box(box.top, columns - box.right, box.height, box.width)
        rows, columns = columns, rows
    return box
