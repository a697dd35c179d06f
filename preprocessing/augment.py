"""Augmentation: digits of the data set as other hands and other pens might have written them."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from system.arrays import Array

SIDE = 28
CENTRE = (SIDE - 1) / 2
# Waves of 0 to 3 half-periods over the image in each direction bend it; one of 0 and 0 would only shift it.
_WAVES = [(row, column) for row in range(4) for column in range(4) if row + column > 0]

# What the columns of `draws` hold, and between what it is drawn; all zero leaves an image as it is.
ANGLE, ENLARGEMENT, STRETCH, SHEAR, SHIFT_X, SHIFT_Y, THICKNESS, FLAG_LENGTH, FLAG_ANGLE, FLAG_WIDTH = range(10)
BENDING = slice(10, 10 + 2 * len(_WAVES))
RANGES = {
    ANGLE: (-0.2, 0.2),  # radians
    ENLARGEMENT: (-0.12, 0.12),  # of the logarithm of both sides
    STRETCH: (-0.12, 0.12),  # of the logarithm of the width, and as much less of the height
    SHEAR: (-0.2, 0.2),  # pixels to the side, by pixel of height
    SHIFT_X: (-1.5, 1.5),  # pixels
    SHIFT_Y: (-1.5, 1.5),
    THICKNESS: (-0.8, 1.0),  # share of a pixel on either side of a stroke
    FLAG_LENGTH: (3.0, 10.0),  # pixels; 0 for no flag
    FLAG_ANGLE: (0.45, 1.0),  # radians between the flag and the vertical
    FLAG_WIDTH: (1.5, 3.5),  # pixels
}
FLAG_SHARE = 0.25  # of the digits that are one upright stroke
BENDING_DEVIATION = 0.15  # pixels, of each wave

_BLOCK = 128  # images at a time: their maps stay in cache, and rows are counted in 16 bits
_STROKE = 7  # pixels; no row of an upright stroke is wider: so are 95% of the 1 of MNIST, and 1% of other digits
_CROSS = np.array([[0, 1, 0], [1, 1, 1], [0, 1, 0]], np.uint8)  # a pixel and its neighbours
_PITCH = SIDE + 1  # rows from image to image: a black row between them keeps neighbours apart


def draw(generator: np.random.Generator, count: int) -> NDArray[np.float32]:
    """Draw what `augment` does to each of `count` images: (count, columns), as the constants above say."""
    draws = np.empty((count, BENDING.stop), np.float32)
    lowest, highest = np.array(list(RANGES.values()), np.float32).T
    draws[:, : len(RANGES)] = lowest + (highest - lowest) * generator.random((count, len(RANGES)), np.float32)
    draws[generator.random(count) >= FLAG_SHARE, FLAG_LENGTH] = 0
    draws[:, BENDING] = BENDING_DEVIATION * generator.standard_normal((count, 2 * len(_WAVES)), np.float32)
    return draws


def augment(images: Array, draws: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Return new images (n, 28, 28), uint8, of images (n, 28, 28), white on black, and n rows of `draw`.

    images: whole numbers from 0 to 255, or floats from 0 to 1, of which bools are two.

    Each image depends on itself and its row alone, to the bit, so that it does not matter who shares the work.
    """
    import cv2

    if images.dtype.kind in "fb":
        images = np.rint(255 * images)
    augmented = np.empty(images.shape, np.uint8)
    threads = cv2.getNumThreads()
    cv2.setNumThreads(1)  # other processes work on the other cores; two threads took 1.2 times as long as one
    try:
        for first in range(0, len(images), _BLOCK):
            block = slice(first, first + _BLOCK)
            tall = np.zeros((len(images[block]), _PITCH, SIDE), np.uint8)
            tall[:, :SIDE] = images[block]
            _add_flags(tall, draws[block])
            _change_thickness(tall, draws[block])
            augmented[block] = _warp(tall, draws[block])
    finally:
        cv2.setNumThreads(threads)
    return augmented


def _add_flags(tall: NDArray[np.uint8], draws: Array) -> None:
    """Begin some of the digits that are one upright stroke with another, up to its top.

    Many people write a 1 so, and few of those in MNIST; what else makes a network read strangers' digits makes it take
    such a 1 for a 7.
    """
    chosen = np.flatnonzero(draws[:, FLAG_LENGTH])
    lit = tall[chosen, :SIDE] > 127
    in_row: Array = lit.max(axis=2)
    extent = np.where(in_row, SIDE - lit.argmax(axis=2) - lit[:, :, ::-1].argmax(axis=2), 0).max(axis=1)
    upright = (extent > 0) & (extent <= _STROKE)
    chosen, lit = chosen[upright], lit[upright]
    images, places = tall[chosen, :SIDE], np.arange(SIDE, dtype=np.float32)
    row = in_row[upright].argmax(axis=1)
    highest = lit[np.arange(len(chosen)), row]
    column = highest @ places / highest.sum(axis=1, dtype=np.float32)
    length, angle, width = (draws[chosen, index, None, None] for index in (FLAG_LENGTH, FLAG_ANGLE, FLAG_WIDTH))
    left, down = np.sin(angle), np.cos(angle)
    # Each pixel's place, to the left of the point and below it, and its distance from the line down to the left.
    x = column[:, None, None] - places
    y = places[:, None] - (places[row][:, None, None] + (width - 1) / 2)
    along = np.clip(x * left + y * down, 0, length)
    distance = np.sqrt((x - along * left) ** 2 + (y - along * down) ** 2)
    ink = 255 * np.clip((width + 1) / 2 - distance, 0, 1)
    tall[chosen, :SIDE] = np.maximum(images, ink.astype(np.uint8))


def _change_thickness(tall: NDArray[np.uint8], draws: Array) -> None:
    """Mix each image with its dilation or its erosion, by its thickness."""
    import cv2

    rows = tall.reshape(-1, SIDE)
    target = cv2.dilate(rows, _CROSS, borderType=cv2.BORDER_CONSTANT, borderValue=0).reshape(tall.shape)
    eroded = cv2.erode(rows, _CROSS, borderType=cv2.BORDER_CONSTANT, borderValue=0).reshape(tall.shape)
    thickness = np.clip(draws[:, THICKNESS], -1, 1)
    target[thickness < 0] = eroded[thickness < 0]
    # In 128ths, since 128 * 255 still fits into 16 bits.
    weight = np.rint(128 * np.abs(thickness)).astype(np.int16)[:, None, None]
    difference = np.subtract(target, tall, dtype=np.int16)
    difference *= weight
    difference >>= 7
    tall += difference.astype(np.uint8)  # modulo 256, where it is negative: the sum is right
    tall[:, SIDE] = 0


def _warp(tall: NDArray[np.uint8], draws: Array) -> Array:
    """Look up each pixel of the new images (n, 28, 28) at its place in the old one."""
    import cv2

    count = len(tall)
    # A product for each image: of one for all, BLAS does not say that its bits are the same for any number of images.
    maps = np.ascontiguousarray((_coefficients(draws) @ _BASIS).transpose(1, 0, 2))  # x and y, image, pixel
    np.clip(maps, -1, SIDE, out=maps)
    x, y = maps.reshape(2, count * SIDE, SIDE)
    whole, fraction = cv2.convertMaps(x, y, cv2.CV_16SC2)
    whole.reshape(count, SIDE * SIDE, 2)[..., 1] += _PITCH * np.arange(count, dtype=np.int16)[:, None]
    rows = tall.reshape(-1, SIDE)
    new = cv2.remap(rows, whole, fraction, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=0)
    return np.asarray(new).reshape(count, SIDE, SIDE)


def _coefficients(draws: Array) -> Array:
    """Of the functions in `_BASIS`, for x and y of the place in the old image: (n, 2, functions)."""
    cosine, sine = np.cos(draws[:, ANGLE]), np.sin(draws[:, ANGLE])
    width = np.exp(-draws[:, ENLARGEMENT] - draws[:, STRETCH])
    height = np.exp(-draws[:, ENLARGEMENT] + draws[:, STRETCH])
    shear = draws[:, SHEAR]
    coefficients = np.empty((len(draws), 2, len(_BASIS)), np.float32)
    coefficients[:, 0, 0] = CENTRE - draws[:, SHIFT_X]
    coefficients[:, 1, 0] = CENTRE - draws[:, SHIFT_Y]
    coefficients[:, 0, 1] = cosine * width
    coefficients[:, 0, 2] = (cosine * shear - sine) * width
    coefficients[:, 1, 1] = sine * height
    coefficients[:, 1, 2] = (sine * shear + cosine) * height
    coefficients[:, :, 3:] = draws[:, BENDING].reshape(len(draws), 2, -1)
    return coefficients


def _basis() -> Array:
    """Functions of a pixel's place, (functions, 784): 1, x and y from the centre, and the waves."""
    place = np.arange(SIDE) - CENTRE
    y, x = np.meshgrid(place, place, indexing="ij")
    cosines = [np.cos(np.pi * halves * (np.arange(SIDE) + 0.5) / SIDE) for halves in range(4)]
    waves = [np.outer(cosines[row], cosines[column]) for row, column in _WAVES]
    return np.array([np.ones_like(x), x, y, *waves], np.float32).reshape(-1, SIDE * SIDE)


_BASIS = _basis()


@dataclass(frozen=True)
class Augmentation:
    """How images are changed: one function draws random numbers for each, another applies them.

    columns: how many numbers `draw(generator, count)` gives each image, as rows of (count, columns).
    apply: makes new images (n, 28, 28), uint8, of images, uint8 or floats from 0 to 1, and rows; another process can
        import it.
    """

    columns: int
    draw: Callable[[np.random.Generator, int], NDArray[np.float32]]
    apply: Callable[[Array, NDArray[np.float32]], NDArray[np.uint8]]


AUGMENTATION = Augmentation(BENDING.stop, draw, augment)
