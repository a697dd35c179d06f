"""Components: the connected parts of what is written, and which of them make up one digit."""

from dataclasses import dataclass
from heapq import heapify, heappop, heappush

import numpy as np
from numpy.typing import NDArray

from preprocessing.box import Box
from preprocessing.foreground import Foreground

# Sizes are shares of the height of the largest digit.
MIN_HEIGHT = 0.5  # a component at least so high is a digit by itself
MIN_PART_LENGTH = 0.12  # a component at least so long is a part of a digit; smaller ones are specks
MAX_PART_DISTANCE = 0.25  # a part is at most so far from its digit
MIN_MASS = 0.1  # the share of the largest digit's ink that another digit has at least
MIN_OUTLINE = 0.7  # a box around a digit takes at least this share of the picture's sides
MAX_ASPECT = 8  # no digit is so many times as long as it is wide
MAX_COMPONENTS = 100  # components that are looked at: grain can make many thousands, all of them light


@dataclass(frozen=True)
class Component:
    """Connected ink: the labels of its parts, its box, its mass, which is the sum of its ink, and its pixels."""

    labels: tuple[int, ...]
    box: Box
    mass: float
    area: int = 1

    @property
    def density(self) -> float:
        """How strong its ink is, on average."""
        return self.mass / self.area

    def join(self, other: "Component") -> "Component":
        """Return both as one."""
        return Component(
            self.labels + other.labels, self.box.join(other.box), self.mass + other.mass, self.area + other.area
        )

    def distance(self, other: "Component") -> float:
        """Return the pixels between the boxes, 0 where they overlap."""
        one, two = self.box, other.box
        across = max(0, one.left - two.right, two.left - one.right)
        down = max(0, one.top - two.bottom, two.top - one.bottom)
        return float(np.hypot(across, down))


def find_components(foreground: Foreground, most: int = MAX_COMPONENTS) -> tuple[NDArray[np.int32], list[Component]]:
    """Return the label (H, W) of each pixel's component, 0 for paper, and the heaviest components, in that order."""
    import cv2

    count, labels, stats, _ = cv2.connectedComponentsWithStats(foreground.mask.astype(np.uint8), connectivity=8)
    ink = foreground.mask  # a small part of a picture: ten times as quick as all of it
    mass = np.bincount(labels[ink], np.minimum(foreground.strength[ink], 2), count)
    order = [int(label) for label in np.argsort(-mass, kind="stable") if label][:most]
    boxes = {label: Box(*(int(value) for value in stats[label, :4])) for label in order}
    return np.asarray(labels, np.int32), [
        Component((label,), boxes[label], float(mass[label]), int(stats[label, 4])) for label in order
    ]


def leave_out_frame(components: list[Component], labels: NDArray[np.int32]) -> list[Component]:
    """Leave out what belongs to the frame of the picture, unless nothing else is there.

    Table edges, shadows and dark corners run along the frame, ruled lines across the whole picture.
    """
    shape = labels.shape
    inside = [one for one in components if not is_frame(one, labels) and not _is_outline(one, components, shape)]
    return inside or components


def _is_outline(component: Component, components: list[Component], shape: tuple[int, ...]) -> bool:
    """Tell whether a component is a box drawn or printed around what is written."""
    box = component.box
    if box.width < MIN_OUTLINE * shape[1] or box.height < MIN_OUTLINE * shape[0]:
        return False
    return any(
        box.left < inner.left
        and inner.right < box.right
        and box.top < inner.top
        and inner.bottom < box.bottom
        and inner.length > box.length / 4
        for inner in (other.box for other in components if other is not component)
    )


def is_frame(component: Component, labels: NDArray[np.int32]) -> bool:
    """Tell whether a component runs along the frame, or across the whole picture as no digit would."""
    rows, columns = labels.shape
    box = component.box
    if box.left > 0 and box.top > 0 and box.right < columns and box.bottom < rows:
        return False
    if box.left == 0 and box.right == columns and box.width > MAX_ASPECT / 2 * box.height:
        return True
    if box.top == 0 and box.bottom == rows and box.height > MAX_ASPECT * box.width:
        return True
    edges = (labels[0], labels[-1], labels[:, 0], labels[:, -1])
    touching = sum(int(np.isin(edge, component.labels).sum()) for edge in edges)
    return touching > (box.width + box.height) / 2


def join_parts(components: list[Component]) -> list[Component]:
    """Join the components that belong together, the nearest first, until none belongs to another."""
    joined = dict(enumerate(components))
    pairs = [
        (one.distance(joined[second]), first, second)
        for first, one in enumerate(components)
        for second in range(first)
        if belong_together(one, joined[second])
    ]
    heapify(pairs)
    number = len(components)
    while pairs:
        _, first, second = heappop(pairs)
        if first not in joined or second not in joined:
            continue
        whole = joined.pop(first).join(joined.pop(second))
        for other, one in joined.items():
            if belong_together(whole, one):
                heappush(pairs, (whole.distance(one), number, other))
        joined[number] = whole
        number += 1
    return list(joined.values())


def belong_together(one: Component, other: Component) -> bool:
    """Tell whether two near components are parts of one digit, such as the bar of a 5, or a stroke that is torn.

    One is small beside the other, or over it, or beside it but neither is as high as both: digits that stand side by
    side share their lines.
    """
    first, second, both = one.box, other.box, one.box.join(other.box)
    longer, shorter = max(first.length, second.length), min(first.length, second.length)
    if one.distance(other) > MAX_PART_DISTANCE * longer:
        return False
    over = min(first.right, second.right) - max(first.left, second.left)
    beside = min(first.bottom, second.bottom) - max(first.top, second.top)
    return (
        shorter < MIN_HEIGHT * longer
        or over > min(first.width, second.width) / 2
        or (both.width <= both.height and beside < both.height / 2)
    )


def sort_lines(digits: list[Component]) -> list[Component]:
    """Sort from left to right, and line by line: a digit belongs to a line where their middles are near."""
    lines: list[list[Component]] = []
    for digit in sorted(digits, key=lambda one: one.box.top + one.box.bottom):
        middle = (digit.box.top + digit.box.bottom) / 2
        for line in lines:
            if any(other.box.top < middle < other.box.bottom for other in line):
                line.append(digit)
                break
        else:
            lines.append([digit])
    return [digit for line in lines for digit in sorted(line, key=lambda one: one.box.left + one.box.right)]
