"""View: a part of a picture, what is written on it, and which of that are digits."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from preprocessing.box import Box
from preprocessing.components import Component, is_frame
from preprocessing.foreground import Foreground

MAX_WINDOW = 0.5  # share of a view up to which a window around its digits is looked at again
MARGIN = 1.0  # around the digits, as a share of the longest


@dataclass(frozen=True)
class View:
    """A part of a picture: its foreground, the label (H, W) of each pixel's component, the digits, and where it is.

    left, top: in pixels of the picture.
    scale: pixels of the picture to one of the view.
    """

    foreground: Foreground
    labels: NDArray[np.int32]
    digits: list[Component]
    left: int
    top: int
    scale: float

    def in_picture(self, box: Box) -> Box:
        """Return a box of the view in pixels of the picture."""
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
