"""Cards: dark boxes with light digits in them, on a light picture."""

import numpy as np

from preprocessing.box import Box
from preprocessing.grey import Grey, reduce, to_grey
from preprocessing.mnist_form import Mask
from system.arrays import Array

SIDE = 800  # pixels of the longer side, on which cards are looked for,
GLANCE = 256  # where on so many something may be one, by softer bounds:
SOFTER = 0.5  # the power of the ratio of both, by which these are lower
MIN_SIDE = 12  # pixels of a card
MIN_SHARE = 0.004  # of the picture
MAX_SHARE = 0.8  # of the picture that all cards take
MIN_FILL = 0.45  # share of a card that is its ground
MIN_BORDER = 0.85  # share of its box's sides that are its ground
MIN_INSIDE = 0.01  # share of a card that is written on
MIN_CONTRAST = 0.4  # of the range from black to white, between cards and picture
EDGE = 2  # pixels of a card's sides, which are soft


def open_cards(flat: Array) -> Array:
    """Return a picture without transparency on which cards are light, and what is written on them is dark."""
    if not _find_cards(to_grey(reduce(flat, GLANCE)), GLANCE / SIDE)[0]:
        return flat
    grey = to_grey(reduce(flat, SIDE))
    boxes, dark = _find_cards(grey, 1.0)
    boxes = [box for box in boxes if not any(box.join(other) == other for other in boxes if other is not box)]
    if not boxes or sum(box.width * box.height for box in boxes) > MAX_SHARE * dark.size:
        return flat
    opened: Array = flat.copy()
    paper = np.iinfo(flat.dtype).max * np.median(grey[~dark])
    scale = max(flat.shape[:2]) / max(grey.shape)
    outside, inside = int(np.ceil(scale)), int(np.ceil(EDGE * scale))
    for box in (each.scaled(scale) for each in boxes):
        part = opened[box.slices]
        part[...] = np.iinfo(flat.dtype).max - part
        left, top = max(0, box.left - outside), max(0, box.top - outside)
        around = opened[top : box.bottom + outside, left : box.right + outside]
        width = outside + inside
        for side in (around[:width], around[-width:], around[:, :width], around[:, -width:]):
            side[...] = paper
    return opened


def _find_cards(grey: Grey, size: float) -> tuple[list[Box], Mask]:
    """Find what may be a card on a small grey picture (H, W), and where that is dark.

    size: of the picture, as a share of that on which cards are surely told; on a smaller one more may be cards.
    """
    import cv2

    small = np.asarray(np.rint(grey * 255), np.uint8)
    level, _ = cv2.threshold(small, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    dark = small <= level
    if not 0 < dark.mean() < MAX_SHARE:
        return [], dark
    if float(np.median(small[~dark])) - float(np.median(small[dark])) < 255 * MIN_CONTRAST * size**SOFTER:
        return [], dark
    _, labels, stats, _ = cv2.connectedComponentsWithStats(dark.astype(np.uint8), connectivity=8)
    boxes = [
        Box(*(int(side) for side in stats[label, :4]))
        for label in range(1, len(stats))
        if stats[label, 4] > MIN_FILL * size**SOFTER * stats[label, 2] * stats[label, 3]
        and min(stats[label, 2:4]) >= MIN_SIDE * size - 1
        and stats[label, 2] * stats[label, 3] > MIN_SHARE * size**SOFTER * dark.size
        and _is_card(labels[stats[label, 1] :, stats[label, 0] :][: stats[label, 3], : stats[label, 2]] == label, size)
    ]
    return boxes, dark


def _is_card(ground: Mask, size: float) -> bool:
    """Tell whether dark pixels (H, W), within their box, are the ground of a card that is written on."""
    sides = np.concatenate([ground[0], ground[-1], ground[:, 0], ground[:, -1]])
    softer = size**SOFTER
    return bool(sides.mean() >= MIN_BORDER * softer and (~ground).mean() > MIN_INSIDE * softer)
