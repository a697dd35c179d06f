"""Scribbles: strokes, patches, signs, letters and printed digits, drawn at random."""

from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from preprocessing.mnist_form import Mask
from system.errors import UserError

SIDE = 112  # pixels of a picture
# Letters and signs that nobody takes for a digit, in any hand.
LETTERS = "ACEFHKLMNPRUVWXYadefhkmnprtuvwx#%&@=+*<>?"
# The strokes of letters in OpenCV: plain, doubled and as handwritten.
FONTS = (0, 1, 2, 3, 4, 6, 7, 16 + 0, 16 + 2, 16 + 3)
# Fonts that come with Matplotlib, for digits as they are printed.
PRINTED = (
    "DejaVuSans.ttf",
    "DejaVuSans-Bold.ttf",
    "DejaVuSerif.ttf",
    "DejaVuSerif-Bold.ttf",
    "DejaVuSansMono.ttf",
    "STIXGeneral.ttf",
    "STIXGeneralBol.ttf",
    "cmr10.ttf",
    "cmss10.ttf",
    "cmtt10.ttf",
)

Generator = np.random.Generator


def _canvas() -> NDArray[np.uint8]:
    return np.zeros((SIDE, SIDE), np.uint8)


def _slanted(image: NDArray[np.uint8], generator: Generator, most: float = 0.25) -> Mask:
    """Turn and shear a picture a little."""
    import cv2

    angle, shear = generator.uniform(-most, most, 2)
    stretch = np.exp(generator.uniform(-0.25, 0.25))
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    turn = turn @ np.array([[stretch, shear], [0, 1 / stretch]])
    middle = np.full(2, SIDE / 2)
    matrix = np.column_stack([turn, middle - turn @ middle])
    return np.asarray(cv2.warpAffine(image, matrix, (SIDE, SIDE)) > 127)


def text(characters: str, generator: Generator) -> Mask:
    """Draw characters in the strokes of one of OpenCV's fonts."""
    import cv2

    image, font = _canvas(), int(FONTS[generator.integers(len(FONTS))])
    thickness = int(generator.integers(2, 12))
    (width, height), _ = cv2.getTextSize(characters, font, 1, thickness)
    scale = 60 / max(width, height)
    (width, height), _ = cv2.getTextSize(characters, font, scale, thickness)
    cv2.putText(image, characters, ((SIDE - width) // 2, (SIDE + height) // 2), font, scale, 255, thickness)
    return _slanted(image, generator)


def letter(generator: Generator) -> Mask:
    """Draw a letter or a sign, or a few of them."""
    count = 1 if generator.random() < 0.8 else int(generator.integers(2, 4))
    return text("".join(generator.choice(list(LETTERS), count)), generator)


def printed_digit(generator: Generator) -> tuple[Mask, int]:
    """Draw a printed digit, and return it with its value."""
    value = int(generator.integers(10))
    if generator.random() < 0.3:
        return text(str(value), generator), value
    from PIL import Image, ImageDraw, ImageFont

    name = PRINTED[generator.integers(len(PRINTED))]
    font = ImageFont.truetype(str(_fonts() / name), 70)
    image = Image.new("L", (SIDE, SIDE))
    ImageDraw.Draw(image).text((SIDE / 2, SIDE / 2), str(value), 255, font, anchor="mm")
    return _slanted(np.asarray(image), generator, 0.15), value


def _fonts() -> Path:
    """Return the folder of the fonts that Matplotlib has, which is not imported for them."""
    found = find_spec("matplotlib")
    if not found or not found.origin:
        raise UserError("Printed digits are drawn in Matplotlib's fonts, but it is not installed. Install it.")
    return Path(found.origin).parent / "mpl-data" / "fonts" / "ttf"


def strokes(generator: Generator) -> Mask:
    """Draw one to five bent strokes across one another."""
    import cv2

    image = _canvas()
    thickness = int(generator.integers(3, 12))
    for _ in range(int(generator.integers(1, 6))):
        points = generator.uniform(10, SIDE - 10, (int(generator.integers(2, 7)), 2))
        times = np.linspace(0, len(points) - 1, 40)
        curve = np.stack([np.interp(times, np.arange(len(points)), points[:, axis]) for axis in (0, 1)], axis=1)
        curve = np.stack(
            [np.convolve(np.pad(curve[:, axis], 4, "edge"), np.ones(9) / 9, "valid") for axis in (0, 1)], 1
        )
        cv2.polylines(image, [np.rint(curve).astype(np.int32)], False, 255, thickness)
    return np.asarray(image > 0)


def patch(generator: Generator) -> Mask:
    """Draw an object: patches over one another, at times with holes, at times cut off at one side."""
    import cv2

    image = _canvas()
    for _ in range(int(generator.integers(1, 5))):
        angles = np.sort(generator.uniform(0, 2 * np.pi, int(generator.integers(3, 20))))
        radii = generator.uniform(8, 34) * np.exp(generator.normal(0, 0.25, len(angles)))
        squeeze = np.exp(generator.uniform(-0.7, 0.7))
        middle = SIDE / 2 + generator.normal(0, 14, 2)
        points = middle + np.stack([squeeze * radii * np.cos(angles), radii * np.sin(angles) / squeeze], 1)
        cv2.fillPoly(image, [np.rint(points).astype(np.int32)], 255)
    for _ in range(int(generator.integers(0, 4))):
        hole = tuple(int(value) for value in generator.integers(26, 86, 2))
        cv2.circle(image, hole, int(generator.integers(2, 9)), 0, -1)
    if generator.random() < 0.4:
        rows, columns = np.indices(image.shape) - SIDE / 2
        angle = generator.uniform(0, 2 * np.pi)
        image[np.cos(angle) * rows + np.sin(angle) * columns > generator.uniform(-8, 15)] = 0
    return np.asarray(image > 0)


def texture(generator: Generator) -> Mask:
    """Draw grain, coarse or fine, within a round or square border."""
    import cv2

    noise = cv2.GaussianBlur(generator.normal(0, 1, (SIDE, SIDE)).astype(np.float32), (0, 0), generator.uniform(2, 9))
    image = noise > noise.std() * generator.uniform(-0.3, 1)
    rows, columns = np.indices(image.shape) - SIDE / 2
    inside = np.hypot(rows, columns) < 42 if generator.random() < 0.5 else np.maximum(abs(rows), abs(columns)) < 40
    return np.asarray(image & inside)


def sign(generator: Generator) -> Mask:
    """Draw a dash, a dot, a frame, a corner, a cross, a comb of bars or a triangle."""
    import cv2

    image, kind = _canvas(), int(generator.integers(7))
    thickness = int(generator.integers(3, 14))
    near, far = 26, SIDE - 26
    width, height = (int(side) for side in generator.integers(20, 40, 2))
    box = (SIDE // 2 - width, SIDE // 2 - height), (SIDE // 2 + width, SIDE // 2 + height)
    if kind == 0:
        cv2.line(image, (near, SIDE // 2), (far, SIDE // 2 + int(generator.integers(-9, 9))), 255, thickness)
    elif kind == 1:
        cv2.ellipse(image, (SIDE // 2, SIDE // 2), (width, height), 0, 0, 360, 255, -1)
    elif kind == 2:
        cv2.rectangle(image, *box, 255, thickness)
    elif kind == 3:
        lines = [box[0], (box[0][0], box[1][1]), box[1]]
        turned = np.rot90(cv2.polylines(image, [np.array(lines)], False, 255, thickness), 0)
        return _slanted(np.ascontiguousarray(turned), generator)
    elif kind == 4:
        cv2.line(image, box[0], box[1], 255, thickness)
        cv2.line(image, (box[0][0], box[1][1]), (box[1][0], box[0][1]), 255, thickness)
    elif kind == 5:
        for place in np.linspace(near, far, int(generator.integers(2, 5))).astype(int).tolist():
            cv2.line(image, (place, near), (place, far), 255, min(thickness, 7))
        if generator.random() < 0.5:
            cv2.line(image, (near, near), (far, near + int(generator.integers(0, 60))), 255, min(thickness, 7))
    else:
        corners = generator.integers(near, far, (3, 2))
        cv2.polylines(image, [corners.astype(np.int32)], True, 255, thickness)
    return _slanted(image, generator)


SCRIBBLES: tuple[Callable[[Generator], Mask], ...] = (strokes, strokes, patch, patch, texture, sign)
