"""Touching digits: slid together until their ink meets, and cut apart as a row is, at the right places and all others.

What lies between two cuts is a digit, or no digit: a part of one, more than one. Which it is, is known from whose ink
it is.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from preprocessing.atoms import Atom, is_cut, parted, piece
from preprocessing.augment import augment, draw
from preprocessing.box import Box
from preprocessing.cuts import find_cuts
from preprocessing.foreground import FAINT_THRESHOLD
from preprocessing.ink import Ink
from preprocessing.lattice import MAX_WIDTH
from preprocessing.mnist_form import BOX_SIDE, Mask, wanted_width
from preprocessing.purity import is_digit, is_no_digit, judge_spans, show
from preprocessing.scribbles import letter
from system.arrays import Array

NONE = 10  # the class of what is no digit
SCALE = 4  # pixels of a made picture to one of MNIST's while digits are slid together,
CUT_SCALE = 2  # and when they are cut
SHARPNESS = (1.0, 1.5, 2.0, 4.0)  # and of a picture that may be small: it is enlarged, and its strokes are soft
BRIGHTNESS = 0.2  # deviation of the logarithm of the ink's strength, which makes strokes thinner and thicker
INK = 100  # of 255: what is brighter is ink that meets
OVERLAP = (-0.5, 1.25)  # pixels of MNIST's
LETTERS = 0.1  # share of letters among them: a piece of a word is no digit
TOGETHER = 0.5  # how often all of it is shown uncut, unless it is too wide for a digit, which it is not
COUNTS = {1: 0.12, 2: 0.4, 3: 0.28, 4: 0.2}  # how often so many digits touch
NEAR_MISS, NEAR_MISSES = 0.5, 0.7  # what is none, but no worse than that, teaches more: its share of what is none


@dataclass(frozen=True)
class Writer:
    """Writes the digits (n, 28, 28) with labels (n,) of a data set as other hands might have, large."""

    digits: NDArray[np.uint8]
    labels: NDArray[np.integer]
    generator: np.random.Generator

    def grey(self) -> tuple[NDArray[np.uint8], int]:
        """Return a digit (H, W), white on black, and its label."""
        import cv2

        index = self.generator.integers(len(self.digits))
        image = self.digits[index : index + 1]
        if self.generator.random() < 0.7:
            image = augment(image, draw(self.generator, 1))
        large = cv2.resize(image[0], None, fx=SCALE, fy=SCALE, interpolation=cv2.INTER_CUBIC)
        return np.asarray(large, np.uint8), int(self.labels[index])

    def letter(self) -> tuple[NDArray[np.uint8], int]:
        """Return a letter (H, W), white on black, and that it is no digit."""
        return letter(self.generator) * np.uint8(255), NONE

    def mask(self) -> tuple[Mask, int]:
        """Return where a digit is written, (H, W), cut to its box, and its label."""
        large, label = self.grey()
        mask = large > self.generator.uniform(70, 150)
        return crop(mask if mask.any() else large == large.max()), label


def crop(mask: Array) -> Array:
    """Cut a picture (H, W) to what is written on it; as it is, where nothing is."""
    return mask[Box.around(mask > 0).slices] if mask.any() else mask


@dataclass(frozen=True)
class Touching:
    """Digits that touch, as a camera sees them: their ink, the pieces that all cuts leave, and where each is, (H, W).

    labels: of each, a digit or NONE.
    """

    labels: list[int]
    ink: Ink
    box: Box
    atoms: list[Atom]
    masks: list[Mask]


def several(writer: Writer) -> list[tuple[NDArray[np.uint8], int]]:
    """Write digits (H, W), white on black, and some letters, as many as are to touch; with each its label."""
    count = int(writer.generator.choice(list(COUNTS), p=list(COUNTS.values())))
    return [writer.letter() if writer.generator.random() < LETTERS else writer.grey() for _ in range(count)]


def touch(pieces: Sequence[tuple[NDArray[np.uint8], int]], generator: np.random.Generator) -> Touching | None:
    """Slide pictures (H, W), with their labels, together, and cut them as a row is cut; None where nothing is seen."""
    layers = slide_together([crop(np.where(image > INK // 2, image, 0)) for image, _ in pieces], generator)
    sharpness, gain = float(generator.choice(SHARPNESS)), float(np.exp(generator.normal(0, BRIGHTNESS)))
    strength = _seen(np.max(layers, axis=0), sharpness, gain)
    written = strength > FAINT_THRESHOLD
    if not written.any():
        return None
    box = Box.around(written)
    return Touching(
        [label for _, label in pieces],
        Ink(strength, written.astype(np.int32)),
        box,
        parted(box, written[box.slices], find_cuts(written[box.slices]), 0, box.height),
        [_seen(layer, sharpness, gain) > FAINT_THRESHOLD for layer in layers],
    )


def cut_apart(writer: Writer) -> Iterator[tuple[NDArray[np.uint8], int]]:
    """Slide digits, and some letters, together, cut them as a row is cut, and yield images (28, 28) of some pieces.

    With each goes its label: a digit, or NONE. What is in doubt is left out.
    """
    generator = writer.generator
    made = touch(several(writer), generator)
    if not made:
        return
    count, box, ink, atoms = len(made.labels), made.box, made.ink, made.atoms
    if count > 1 and box.width <= MAX_WIDTH * box.height and generator.random() < TOGETHER:
        yield ink.image(box, ink.labels[box.slices] > 0, wanted_width), NONE
    places, shown, best = judge_spans(atoms, made.masks)
    wanted = count + 1
    is_near, none = shown.purity >= best - NEAR_MISS, is_no_digit(shown.purity, best)
    near, far = np.flatnonzero(none & is_near), np.flatnonzero(none & ~is_near)
    whole = some(np.flatnonzero(is_digit(shown.purity, best)), wanted, generator)
    close = some(near, round(NEAR_MISSES * wanted), generator)
    for index in [*whole, *close, *some(far, wanted - len(close), generator)]:
        first, last = places[index]
        around, mask = piece(atoms, first, last)
        seen = show([[(mask & each[around.slices]).sum() for each in made.masks]], made.masks)  # without crumbs
        if first < last and around.width > MAX_WIDTH * box.height:
            continue
        is_none = is_no_digit(seen.purity, best[index])[0]
        if is_none or (seen.digit[0] == shown.digit[index] and is_digit(seen.purity, best[index])[0]):
            image = ink.image(around, mask, wanted_width)
            shows = ink.in_context(image, around, mask) if is_cut(atoms, first, last) else image
            yield shows, NONE if is_none else made.labels[seen.digit[0]]


def some(indices: NDArray[np.int64], count: int, generator: np.random.Generator) -> list[int]:
    """Choose so many of some numbers, or all."""
    return [int(each) for each in generator.permutation(indices)[:count]]


def collect(
    make: Callable[[], Iterable[tuple[NDArray[np.uint8], int]]], count: int
) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Make some images at a time until there are so many, (count, 28, 28), with their labels (count,)."""
    images, classes = np.empty((count, 28, 28), np.uint8), np.empty(count, np.uint8)
    done = 0
    while done < count:
        for image, label in make():
            if done < count:
                images[done], classes[done] = image, label
                done += 1
    return images, classes


def _seen(picture: Array, sharpness: float, gain: float) -> NDArray[np.float32]:
    """Return the strength of the ink of a picture (H, W) of SCALE, as a camera of so many pixels to MNIST's sees it."""
    import cv2

    grey = picture.astype(np.float32) * (gain / 127.5)
    size = [max(1, round(side * CUT_SCALE / SCALE)) for side in grey.shape[::-1]]
    if sharpness < CUT_SCALE:
        small = [max(1, round(side * sharpness / SCALE)) for side in grey.shape[::-1]]
        grey = np.asarray(cv2.resize(grey, small, interpolation=cv2.INTER_AREA), np.float32)
        return np.asarray(cv2.resize(grey, size, interpolation=cv2.INTER_CUBIC), np.float32)
    return np.asarray(cv2.resize(grey, size, interpolation=cv2.INTER_AREA), np.float32)


def slide_together(digits: Sequence[Array], generator: np.random.Generator) -> list[Array]:
    """Lay digits (H, W) side by side, each so that its ink meets that before it: each alone on a picture (H, W)."""
    height = max(len(digit) for digit in digits) + 2 * SCALE
    width = sum(digit.shape[1] for digit in digits) + 4 * SCALE * BOX_SIDE
    layers: list[Array] = []
    end = left = SCALE
    for digit in digits:
        top = int(np.clip((height - len(digit)) / 2 + generator.normal(0, SCALE), 0, height - len(digit)))
        placed = np.zeros((height, digit.shape[1]), digit.dtype)
        placed[top : top + len(digit)] = digit
        if layers:
            left = end - free_columns(np.max(layers, axis=0)[:, :end] > INK, placed > INK)
            left = max(0, left - round(generator.uniform(*OVERLAP) * SCALE))
        layer = np.zeros((height, width), digit.dtype)
        layer[:, left : left + digit.shape[1]] = placed
        layers.append(layer)
        end = max(end, left + digit.shape[1])
    return [layer[:, : end + SCALE] for layer in layers]


def free_columns(before: Mask, after: Mask) -> int:
    """Count the columns by which what comes after can be moved left, from side by side, until its ink meets."""
    gap_before = np.where(before.any(axis=1), before[:, ::-1].argmax(axis=1), before.shape[1])
    gap_after = np.where(after.any(axis=1), after.argmax(axis=1), after.shape[1])
    # Ink meets within a row, or at the corner of a pixel.
    lowest = [gap_before + gap_after, gap_before[1:] + gap_after[:-1], gap_before[:-1] + gap_after[1:]]
    return int(min(gaps.min() for gaps in lowest))
