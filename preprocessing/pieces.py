"""Pieces: the connected parts of ink, and which of them make up one digit."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from preprocessing.ink import Ink

# Sizes are shares of the height of the largest digit.
WHOLE = 0.5  # a piece at least so high is a digit by itself
FRAGMENT = 0.12  # a piece at least so long is a part of a digit; smaller ones are specks
NEAR = 0.25  # a part is at most so far from its digit
LIGHTEST = 0.1  # the share of the largest digit's ink that another digit has at least
OUTLINE = 0.7  # a box around a digit takes at least this share of the picture's sides
SLENDER = 8  # no digit is so many times as long as it is wide
MOST = 100  # pieces that are looked at: grain can make many thousands, all of them light


@dataclass(frozen=True)
class Piece:
    """Connected ink: labels of its parts, its box in pixels (right and bottom excluded), and how much ink it is."""

    labels: tuple[int, ...]
    left: int
    top: int
    right: int
    bottom: int
    mass: float

    @property
    def width(self) -> int:
        """In pixels."""
        return self.right - self.left

    @property
    def height(self) -> int:
        """In pixels."""
        return self.bottom - self.top

    @property
    def length(self) -> int:
        """The longer side, in pixels."""
        return max(self.width, self.height)

    def join(self, other: "Piece") -> "Piece":
        """Both as one."""
        return Piece(
            self.labels + other.labels,
            min(self.left, other.left),
            min(self.top, other.top),
            max(self.right, other.right),
            max(self.bottom, other.bottom),
            self.mass + other.mass,
        )

    def distance(self, other: "Piece") -> float:
        """Pixels between the boxes, 0 where they overlap."""
        across = max(0, self.left - other.right, other.left - self.right)
        down = max(0, self.top - other.bottom, other.top - self.bottom)
        return float(np.hypot(across, down))


def find_pieces(ink: Ink) -> tuple[NDArray[np.int32], list[Piece]]:
    """The label (H, W) of each pixel's piece, 0 for paper, and the pieces, the heaviest first."""
    import cv2

    count, labels, stats, _ = cv2.connectedComponentsWithStats(ink.mask.astype(np.uint8), connectivity=8)
    mass = np.bincount(labels.ravel(), np.minimum(ink.strength, 2).ravel(), count)
    order = [int(label) for label in np.argsort(-mass, kind="stable") if label][:MOST]
    pieces = []
    for label in order:
        left, top, width, height = (int(value) for value in stats[label, :4])
        pieces.append(Piece((label,), left, top, left + width, top + height, float(mass[label])))
    return np.asarray(labels, np.int32), pieces


def choose_digits(pieces: list[Piece], labels: NDArray[np.int32]) -> list[Piece]:
    """The pieces that are digits, each with its parts joined, from left to right and line by line."""
    candidates = leave_out_frame(pieces, labels)
    if not candidates:
        return []
    longest = max(candidates, key=lambda piece: piece.mass * piece.length).length
    digits = join_parts([piece for piece in candidates if piece.length >= FRAGMENT * longest])
    largest = max(digits, key=lambda piece: piece.mass * piece.length)
    return sort_lines(
        [
            digit
            for digit in digits
            if digit is largest or (digit.height >= WHOLE * largest.height and digit.mass >= LIGHTEST * largest.mass)
        ]
    )


def leave_out_frame(pieces: list[Piece], labels: NDArray[np.int32]) -> list[Piece]:
    """The pieces without those that belong to the frame of the picture; all of them where nothing else is there.

    Table edges, shadows and dark corners run along the frame, ruled lines across the whole picture.
    """
    inside = [piece for piece in pieces if not is_frame(piece, labels) and not _is_outline(piece, pieces, labels)]
    return inside or pieces


def _is_outline(piece: Piece, pieces: list[Piece], labels: NDArray[np.int32]) -> bool:
    """A box drawn or printed around what is written."""
    rows, columns = labels.shape
    if piece.width < OUTLINE * columns or piece.height < OUTLINE * rows:
        return False
    return any(
        piece.left < other.left
        and other.right < piece.right
        and piece.top < other.top
        and other.bottom < piece.bottom
        and other.length > piece.length / 4
        for other in pieces
        if other is not piece
    )


def is_frame(piece: Piece, labels: NDArray[np.int32]) -> bool:
    """Whether a piece runs along the frame, or across the whole picture as no digit would."""
    rows, columns = labels.shape
    if piece.left == 0 and piece.right == columns and piece.width > SLENDER / 2 * piece.height:
        return True
    if piece.top == 0 and piece.bottom == rows and piece.height > SLENDER * piece.width:
        return True
    edges = (labels[0], labels[-1], labels[:, 0], labels[:, -1])
    touching = sum(int(np.isin(edge, piece.labels).sum()) for edge in edges)
    return touching > (piece.width + piece.height) / 2


def join_parts(pieces: list[Piece]) -> list[Piece]:
    """The pieces with those joined that belong together, the nearest first, until none belongs to another."""
    joined = list(pieces)
    while True:
        pairs = [
            (one.distance(other), first, second)
            for first, one in enumerate(joined)
            for second, other in enumerate(joined[:first])
            if belong_together(one, other)
        ]
        if not pairs:
            return joined
        _, first, second = min(pairs)
        whole = joined[first].join(joined[second])
        joined = [piece for index, piece in enumerate(joined) if index not in (first, second)] + [whole]


def belong_together(one: Piece, other: Piece) -> bool:
    """Whether two near pieces are parts of one digit, such as the bar of a 5, or a stroke that is torn.

    One is small beside the other, or over it, or beside it but neither is as high as both: digits that stand side by
    side share their lines.
    """
    longer, shorter = max(one.length, other.length), min(one.length, other.length)
    if one.distance(other) > NEAR * longer:
        return False
    both = one.join(other)
    over = min(one.right, other.right) - max(one.left, other.left)
    beside = min(one.bottom, other.bottom) - max(one.top, other.top)
    return (
        shorter < WHOLE * longer
        or over > min(one.width, other.width) / 2
        or (both.width <= both.height and beside < both.height / 2)
    )


def sort_lines(digits: list[Piece]) -> list[Piece]:
    """From left to right, and line by line: a digit belongs to a line where their middles are near."""
    lines: list[list[Piece]] = []
    for digit in sorted(digits, key=lambda piece: piece.top + piece.bottom):
        middle = (digit.top + digit.bottom) / 2
        for line in lines:
            if any(other.top < middle < other.bottom for other in line):
                line.append(digit)
                break
        else:
            lines.append([digit])
    return [digit for line in lines for digit in sorted(line, key=lambda piece: piece.left + piece.right)]
