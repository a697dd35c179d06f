"""What is no digit: images that teach a network to tell a digit from a part of one, from two, and from anything else.

MNIST's training digits are slid together and cut apart; then there are letters, scribbles, patches, signs, and digits
that lie on their side. All of them are brought into MNIST's form, as what is found on a picture is.
"""

from collections.abc import Callable, Iterable

import numpy as np
from numpy.typing import NDArray

from preprocessing.mnist_form import Mask, normalize_digit
from preprocessing.scribbles import SCRIBBLES, letter, printed_digit
from preprocessing.touching import NONE, Writer, collect, cut_apart

MIN_INK = 12  # pixels: what has less is nothing
TEAR = (2, 7)  # pixels, four of which are one of MNIST's
SIDEWAYS = (2, 3, 4, 5, 6, 7, 8, 9)  # which digits are none when turned by a quarter
UPSIDE_DOWN = (3, 4, 7)  # and by half a turn
# Share of its height from which a digit's stem is below, or, of a 6, until which it is above; and how long it may be.
STEMS = {4: 0.7, 6: 0.35, 7: 0.6, 9: 0.6}
STEM_LENGTH = (1.3, 3.5)

# How often each kind is made: of cuts, several images at a time.
SHARES = {
    "cut": 0.18,
    "digit": 0.22,
    "torn": 0.08,
    "long": 0.06,
    "printed": 0.12,
    "letter": 0.2,
    "scribble": 0.2,
    "turned": 0.06,
}


def make_images(
    digits: NDArray[np.uint8], labels: NDArray[np.integer], generator: np.random.Generator, count: int
) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Make images (count, 28, 28), and their labels: 0 to 9, or NONE; of digits (n, 28, 28) with labels (n,)."""
    writer = Writer(digits, labels, generator)
    kinds: dict[str, Callable[[], Iterable[tuple[NDArray[np.uint8], int]]]] = {
        "cut": lambda: cut_apart(writer),
        "digit": lambda: _in_form(*writer.mask()),
        "torn": lambda: _in_form(*torn(writer)),
        "long": lambda: _in_form(*long_stemmed(writer)),
        "printed": lambda: _in_form(*printed_digit(generator)),
        "letter": lambda: _in_form(letter(generator), NONE),
        "scribble": lambda: _in_form(SCRIBBLES[generator.integers(len(SCRIBBLES))](generator), NONE),
        "turned": lambda: _in_form(*turned(writer)),
    }
    names, shares = list(SHARES), np.array(list(SHARES.values()))
    return collect(lambda: kinds[names[generator.choice(len(names), p=shares / shares.sum())]](), count)


def _in_form(mask: Mask, label: int) -> list[tuple[NDArray[np.uint8], int]]:
    """Bring a mask (H, W) into MNIST's form, if anything is on it."""
    return [(normalize_digit(mask.astype(np.float32), 0.5), label)] if mask.sum() >= MIN_INK else []


def torn(writer: Writer) -> tuple[Mask, int]:
    """Tear a digit: its ink is gone along a line, as where a pen skips or a picture is small."""
    import cv2

    mask, label = writer.mask()
    height, width = mask.shape
    angle, place = writer.generator.uniform(0, np.pi), writer.generator.uniform(0.25, 0.75, 2) * (width, height)
    along = np.array([np.cos(angle), np.sin(angle)]) * (height + width)
    before, after = np.rint(place - along).astype(int).tolist(), np.rint(place + along).astype(int).tolist()
    whole = cv2.line(mask.astype(np.uint8), before, after, 0, int(writer.generator.integers(*TEAR)))
    return np.asarray(whole, bool), label


def long_stemmed(writer: Writer) -> tuple[Mask, int]:
    """Draw out the stem of a 4, a 6, a 7 or a 9: in a square, it makes all else of the digit small."""
    import cv2

    mask, label = writer.mask()
    while label not in STEMS or len(mask) < 2:
        mask, label = writer.mask()
    place = max(1, min(round(STEMS[label] * len(mask)), len(mask) - 1))
    stem = (mask[:place] if label == 6 else mask[place:]).astype(np.uint8)
    length = max(1, round(len(stem) * writer.generator.uniform(*STEM_LENGTH)))
    drawn_out = cv2.resize(stem, (mask.shape[1], length), interpolation=cv2.INTER_NEAREST) > 0
    parts = [drawn_out, mask[place:]] if label == 6 else [mask[:place], drawn_out]
    return np.concatenate(parts), label


def turned(writer: Writer) -> tuple[Mask, int]:
    """Turn a digit by a quarter or by half; one that is then a digit, too, stays."""
    mask, label = writer.mask()
    quarters = int(writer.generator.integers(1, 4))
    if label in (UPSIDE_DOWN if quarters == 2 else SIDEWAYS):
        return np.ascontiguousarray(np.rot90(mask, quarters)), NONE
    return mask, label
