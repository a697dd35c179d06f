"""Ink: what is written on a picture, and how a part of it looks to the networks."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from preprocessing.box import Box
from preprocessing.components import Component
from preprocessing.foreground import FAINT_THRESHOLD
from preprocessing.mnist_form import BOX_SIDE, SIDE, Mask, enlarge, normalize_digit, stroke_width, widen

CONTEXT = 0.4  # how bright ink is that was cut off, around a piece
# A long tail makes all else of a digit small: it is looked at with such heights over its width, too.
SQUEEZED, CUT_OFF = 1.2, 1.8
PAIR_HEIGHT, PAIR_WIDTH = 24, 22  # pixels of an image that two digits take: each is as wide as one of MNIST's, or less


@dataclass(frozen=True)
class Ink:
    """The ink of a picture: its strength (H, W), and the label (H, W) of each pixel's component."""

    strength: NDArray[np.float32]
    labels: NDArray[np.int32]

    def mask(self, labels: Sequence[int], box: Box) -> Mask:
        """Tell where some components are in a box."""
        return _is_any(self.labels[box.slices], labels)

    def image(self, box: Box, mask: Mask, wanted_width: Callable[[float], float]) -> NDArray[np.uint8]:
        """Bring what a mask (H, W) shows of a box into MNIST's form, with the soft edges of its strokes."""
        import cv2

        rows, columns = self.labels.shape
        above, before = min(1, box.top), min(1, box.left)
        around = (
            slice(box.top - above, min(box.bottom + 1, rows)),
            slice(box.left - before, min(box.right + 1, columns)),
        )
        written = np.zeros(self.labels[around].shape, np.uint8)
        written[above : above + box.height, before : before + box.width] = mask
        # One pixel around has the outer half of its edge, unless that is other ink.
        near = (cv2.dilate(written, np.ones((3, 3), np.uint8)) > 0) & ((self.labels[around] == 0) | (written > 0))
        return normalize_digit(np.where(near, self.strength[around], 0), FAINT_THRESHOLD, wanted_width)

    def images(
        self, components: Sequence[Component], wanted_width: Callable[[float], float]
    ) -> list[NDArray[np.uint8]]:
        """Bring each of some components into MNIST's form."""
        return [self.image(one.box, self.mask(one.labels, one.box), wanted_width) for one in components]

    def in_context(self, image: NDArray[np.uint8], box: Box, mask: Mask) -> NDArray[np.uint8]:
        """Return the image (28, 28) of a piece with the rest of its component around it, darker."""
        shown = Box.around(image > 0)
        # Pixels of the picture to one of the image, and the part of the picture that the whole image shows.
        scale = box.length / shown.length
        top = round(box.top + box.height / 2 - scale * (shown.top + shown.bottom) / 2)
        left = round(box.left + box.width / 2 - scale * (shown.left + shown.right) / 2)
        side = max(1, round(SIDE * scale))
        return np.maximum(image, self._rest(Box(left, top, side, side), box, mask))

    def stretched(self, box: Box, mask: Mask, wanted_width: Callable[[float], float]) -> NDArray[np.uint8]:
        """Bring what a mask (H, W) shows of a box, two digits, into an image (28, 28), each as large as one digit.

        The rest of its component is around it, darker.
        """
        import cv2

        strokes = enlarge(np.where(mask, self.strength[box.slices], 0), FAINT_THRESHOLD)
        width, scale = stroke_width(strokes), BOX_SIDE / len(strokes)
        widened = widen(strokes, (wanted_width(width * scale) / scale - width) / 2)
        margins = (SIDE - PAIR_HEIGHT) // 2, (SIDE - PAIR_WIDTH) // 2
        image = np.zeros((SIDE, SIDE), np.float32)
        image[margins[0] : margins[0] + PAIR_HEIGHT, margins[1] : margins[1] + PAIR_WIDTH] = cv2.resize(
            widened, (PAIR_WIDTH, PAIR_HEIGHT), interpolation=cv2.INTER_AREA
        )
        above, before = margins[0] * box.height / PAIR_HEIGHT, margins[1] * box.width / PAIR_WIDTH
        whole = Box.between(
            round(box.left - before), round(box.top - above), round(box.right + before), round(box.bottom + above)
        )
        return np.maximum(np.asarray(np.rint(255 * image), np.uint8), self._rest(whole, box, mask))

    def _rest(self, seen: Box, box: Box, mask: Mask) -> NDArray[np.uint8]:
        """Return, darker, what a part of the picture, as an image (28, 28), shows of components but a mask of a box."""
        import cv2

        inside = (
            slice(max(0, seen.top), min(seen.bottom, self.labels.shape[0])),
            slice(max(0, seen.left), min(seen.right, self.labels.shape[1])),
        )
        rest = _is_any(self.labels[inside], np.unique(self.labels[box.slices][mask]).tolist()).astype(np.float32)
        around = np.zeros((seen.height, seen.width), np.float32)
        top, left = inside[0].start - seen.top, inside[1].start - seen.left
        around[top : top + rest.shape[0], left : left + rest.shape[1]] = rest
        own = around[
            max(0, box.top - seen.top) : box.bottom - seen.top, max(0, box.left - seen.left) : box.right - seen.left
        ]
        own[mask[max(0, seen.top - box.top) :, max(0, seen.left - box.left) :][: own.shape[0], : own.shape[1]]] = 0
        small = np.asarray(cv2.resize(around, (SIDE, SIDE), interpolation=cv2.INTER_AREA), np.float32)
        return np.asarray(np.rint(255 * CONTEXT * small), np.uint8)

    def shortened(self, box: Box, mask: Mask, wanted_width: Callable[[float], float]) -> list[NDArray[np.uint8]]:
        """Bring a mask (H, W) that is far taller than wide into MNIST's form lower, and with its tail cut off."""
        import cv2

        strength = np.where(mask, self.strength[box.slices], 0)
        lower = cv2.resize(strength, (box.width, max(3, round(SQUEEZED * box.width))), interpolation=cv2.INTER_AREA)
        cut = strength[: max(3, round(CUT_OFF * box.width))]
        both = [np.asarray(lower, np.float32), np.ascontiguousarray(cut)]
        return [normalize_digit(each, FAINT_THRESHOLD, wanted_width) for each in both if (each > FAINT_THRESHOLD).any()]


def _is_any(labels: NDArray[np.int32], wanted: Sequence[int]) -> Mask:
    """Tell where labels (H, W) are of a component, which has few: quicker than `numpy.isin`."""
    found = np.zeros(labels.shape, bool)
    for each in wanted:
        found |= labels == each
    return found
