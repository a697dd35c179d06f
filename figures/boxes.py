"""A picture with what was found on it: a box around each digit with its reading, and around what was left out."""

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO

import numpy as np
from numpy.typing import NDArray

from figures.style import BLUE, VERMILION

MAX_SIDE = 1600  # pixels
QUALITY = 90


@dataclass(frozen=True)
class Mark:
    """A box, left, top, width and height in pixels of the picture, and what was read there; empty for nothing."""

    box: tuple[int, int, int, int]
    text: str


def draw_boxes(picture: NDArray[np.uint8], marks: Sequence[Mark]) -> bytes:
    """Draw boxes on a picture (H, W, 3), red first, with their texts above, and return it as a JPEG file."""
    from PIL import Image, ImageDraw, ImageFont

    image = Image.fromarray(picture)
    scale = min(1.0, MAX_SIDE / max(image.size))
    # Small pictures are enlarged, so that the texts can be read.
    scale = max(scale, min(4.0, 400 / max(image.size)))
    image = image.resize((max(1, round(image.width * scale)), max(1, round(image.height * scale))))
    draw = ImageDraw.Draw(image)
    line = max(1, round(max(image.size) / 500))
    for mark in marks:
        left, top, width, height = (scale * number for number in mark.box)
        colour = BLUE if mark.text else VERMILION
        draw.rectangle((left, top, left + max(width, 1), top + max(height, 1)), outline=colour, width=line)
        if mark.text:
            font = ImageFont.load_default(min(40.0, max(11.0, 0.35 * height)))
            draw.text((left, top - line), mark.text, fill=colour, font=font, anchor="lb")
    file = BytesIO()
    image.save(file, "JPEG", quality=QUALITY)
    return file.getvalue()
