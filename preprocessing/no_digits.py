"""What is no digit: images that teach a network to tell a digit from a part of one, from two, and from anything else.

MNIST's training digits are slid together and cut apart, at the right place and at others; then there are letters,
scribbles, patches, signs, and digits that lie on their side. All of them are brought into MNIST's form, as what is
found on a picture is.
"""

from collections.abc import Callable, Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from preprocessing.augment import augment, draw
from preprocessing.box import Box
from preprocessing.cuts import find_cuts
from preprocessing.lattice import merge, parted
from preprocessing.mnist_form import BOX_SIDE, Mask, normalize_digit
from preprocessing.scribbles import SCRIBBLES, letter, printed_digit

NONE = 10  # the class of what is no digit
SCALE = 4  # pixels of a made picture to one of MNIST's
MIN_WHOLE = 0.9  # a digit has at least this share of its ink,
MAX_FOREIGN = 0.12  # and at most this share of another's
MAX_PART = 0.75  # what has at most this share of its ink is a part of a digit,
MIN_FOREIGN = 0.3  # and what has at least this share of another's is more than one
TOUCH = 1.0  # pixels of MNIST's by which two digits overlap at most
SIDEWAYS = (2, 3, 4, 5, 6, 7, 8, 9)  # which digits are none when turned by a quarter
UPSIDE_DOWN = (3, 4, 7)  # and by half a turn

# How often each kind is made: of cuts, several images at a time.
SHARES = {"cut": 0.18, "digit": 0.26, "printed": 0.12, "letter": 0.18, "scribble": 0.18, "turned": 0.08}


def make_images(
    digits: NDArray[np.uint8], labels: NDArray[np.integer], generator: np.random.Generator, count: int
) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Make images (count, 28, 28), and their labels: 0 to 9, or NONE; of digits (n, 28, 28) with labels (n,)."""
    source = _Source(digits, labels, generator)
    kinds: dict[str, Callable[[], Iterable[tuple[Mask, int]]]] = {
        "cut": lambda: cut_apart(source),
        "digit": lambda: [source.one()],
        "printed": lambda: [printed_digit(generator)],
        "letter": lambda: [(letter(generator), NONE)],
        "scribble": lambda: [(SCRIBBLES[generator.integers(len(SCRIBBLES))](generator), NONE)],
        "turned": lambda: [turned(source)],
    }
    names, shares = list(SHARES), np.array(list(SHARES.values()))
    images, classes = np.empty((count, 28, 28), np.uint8), np.empty(count, np.uint8)
    done = 0
    while done < count:
        for mask, label in kinds[names[generator.choice(len(names), p=shares / shares.sum())]]():
            if mask.sum() < 12 or done == count:
                continue
            images[done], classes[done] = normalize_digit(mask.astype(np.float32), 0.5), label
            done += 1
    return images, classes


class _Source:
    """Digits as other hands might have written them, large."""

    def __init__(self, digits: NDArray[np.uint8], labels: NDArray[np.integer], generator: np.random.Generator) -> None:
        self._digits, self._labels, self.generator = digits, labels, generator

    def one(self) -> tuple[Mask, int]:
        """Return a digit (H, W), cut to its box, and its label."""
        import cv2

        index = self.generator.integers(len(self._digits))
        image = self._digits[index : index + 1]
        if self.generator.random() < 0.7:
            image = augment(image, draw(self.generator, 1))
        large = cv2.resize(image[0], None, fx=SCALE, fy=SCALE, interpolation=cv2.INTER_CUBIC)
        mask = large > self.generator.uniform(70, 150)
        return crop(mask if mask.any() else large == large.max()), int(self._labels[index])


def crop(mask: Mask) -> Mask:
    """Cut a mask to what is written on it; as it is, where nothing is."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    return mask[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1] if len(rows) else mask


def turned(source: _Source) -> tuple[Mask, int]:
    """Turn a digit by a quarter or by half; one that is then a digit, too, stays."""
    mask, label = source.one()
    quarters = int(source.generator.integers(1, 4))
    if label in (UPSIDE_DOWN if quarters == 2 else SIDEWAYS):
        return np.ascontiguousarray(np.rot90(mask, quarters)), NONE
    return mask, label


def cut_apart(source: _Source) -> Iterator[tuple[Mask, int]]:
    """Slide digits together until their ink meets, cut them as a row is cut, and yield some of what may be a digit.

    Of all that lies between two cuts, what is nearly one digit, or nearly another's part, teaches the most.
    """
    generator = source.generator
    pieces = [source.one() for _ in range(int(generator.choice([1, 2, 3, 4], p=[0.12, 0.4, 0.28, 0.2])))]
    layers = [layer[::2, ::2] for layer in slide_together([mask for mask, _ in pieces], generator)]
    labels = [label for _, label in pieces]
    written = np.any(layers, axis=0)
    box = Box(0, 0, written.shape[1], written.shape[0])
    atoms = parted(box, written, find_cuts(written), 0, written.shape[0])
    inks = np.array([[(atom.mask & layer[atom.box.slices]).sum() for layer in layers] for atom in atoms])
    # Ink of two digits at once is each one's.
    shares = inks / np.maximum([layer.sum() for layer in layers], 1)
    whole: list[tuple[int, int, int]] = []
    none: list[tuple[int, int, int]] = []
    for first in range(len(atoms)):
        for last in range(first, min(len(atoms), first + 14)):
            judged = _judge(shares[first : last + 1].sum(axis=0))
            if judged is not None:
                (none if judged < 0 else whole).append((first, last, NONE if judged < 0 else labels[judged]))
    for group in (whole, none):
        for index in generator.permutation(len(group))[: len(labels) + 1]:
            first, last, label = group[index]
            around, mask = merge(atoms[first : last + 1])
            if around.width < 1.7 * written.shape[0]:
                yield mask, label


def _judge(shares: NDArray[np.float64]) -> int | None:
    """Return which digit is shown, for the share of each that is: -1 where none is, and None where that is in doubt."""
    most = int(shares.argmax())
    foreign = max(np.delete(shares, most), default=0.0)
    if shares[most] >= MIN_WHOLE and foreign <= MAX_FOREIGN:
        return most
    return -1 if shares[most] <= MAX_PART or foreign >= MIN_FOREIGN else None


def slide_together(masks: list[Mask], generator: np.random.Generator) -> list[Mask]:
    """Lay digits side by side, each so that its ink meets that before it: each alone on a picture (H, W)."""
    height = max(len(mask) for mask in masks) + 2 * SCALE
    width = sum(mask.shape[1] for mask in masks) + 4 * SCALE * BOX_SIDE
    layers: list[Mask] = []
    end = 0
    for mask in masks:
        top = int(np.clip((height - len(mask)) / 2 + generator.normal(0, SCALE), 0, height - len(mask)))
        placed = np.zeros((height, mask.shape[1]), bool)
        placed[top : top + len(mask)] = mask
        left = end
        if layers:
            left = max(0, end - free_columns(np.any(layers, axis=0)[:, :end], placed))
            left -= int(generator.uniform(-0.5, TOUCH) * SCALE)
        left = max(0, left)
        layer = np.zeros((height, width), bool)
        layer[:, left : left + mask.shape[1]] = placed
        layers.append(layer)
        end = max(end, left + mask.shape[1])
    return [layer[:, : end + 1] for layer in layers]


def free_columns(before: Mask, after: Mask) -> int:
    """Count the columns by which what comes after can be moved left, from side by side, until its ink meets."""
    gap_before = np.where(before.any(axis=1), before[:, ::-1].argmax(axis=1), before.shape[1])
    gap_after = np.where(after.any(axis=1), after.argmax(axis=1), after.shape[1])
    # Ink meets within a row, or at the corner of a pixel.
    lowest = [gap_before + gap_after, gap_before[1:] + gap_after[:-1], gap_before[:-1] + gap_after[1:]]
    return int(min(gaps.min() for gaps in lowest))
