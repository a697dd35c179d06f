"""Makes the sample pictures and the input of visualizations of test digits: other ink, other paper, other light.

python -m preprocessing.make_samples
"""

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from preprocessing.datasets import Dataset
from preprocessing.mnist import load_mnist
from system.arrays import Array

FOLDER = Path(__file__).parent.parent / "custom_test_images"
INPUT = Path(__file__).parent.parent / "feature_visualize" / "input.jpg"
INPUT_INDEX = 4  # of the test digit on it
SEED = 2026
Colour = tuple[int, int, int]  # blue first
Picture = Array  # (H, W, 3) float32, 0 to 255

BLUE_INK, BLACK_INK, PENCIL, RED_INK, CHALK = (
    (140, 60, 20),
    (30, 28, 28),
    (105, 100, 100),
    (40, 30, 190),
    (235, 240, 240),
)


def stroke(image: NDArray[np.uint8], height: int) -> Array:
    """Return the ink (H, W), 0 to 1, of an image's digit, so many pixels high: its outline smooth, not its pixels."""
    rows, columns = np.nonzero(image > 30)
    digit = image[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
    scale = height / digit.shape[0]
    large = cv2.resize(np.pad(digit, 2), None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
    soft = cv2.GaussianBlur(large.astype(np.float32) / 255, (0, 0), 0.35 * scale)
    ink: Array = np.clip((soft - 0.42) * 0.7 * scale + 0.5, 0, 1)
    return ink


def thin(ink: Array, pixels: int) -> Array:
    """Make strokes narrower by some pixels."""
    return np.asarray(cv2.erode(ink, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (pixels + 1, pixels + 1))))


def paper(generator: np.random.Generator, height: int, width: int, colour: Colour, grain: float = 2.0) -> Picture:
    """Make paper with a grain, its deviation in levels of 255."""
    noise = cv2.GaussianBlur(generator.standard_normal((height, width)).astype(np.float32), (0, 0), 1.2)
    return np.full((height, width, 3), colour, np.float32) + grain * 4 * noise[..., np.newaxis]


def ruled(sheet: Picture, distance: int, colour: Colour, squared: bool = False) -> Picture:
    """Rule a sheet with lines, or squares, of one pixel in 40."""
    for start in range(distance // 2, max(sheet.shape[:2]), distance):
        cv2.line(sheet, (0, start), (sheet.shape[1], start), colour, max(1, distance // 40))
        if squared:
            cv2.line(sheet, (start, 0), (start, sheet.shape[0]), colour, max(1, distance // 40))
    return sheet


def write(sheet: Picture, ink: Array, colour: Colour, left: int, top: int, strength: float = 1.0) -> Picture:
    """Put ink on a sheet."""
    height, width = ink.shape
    place = sheet[top : top + height, left : left + width]
    place += strength * ink[..., np.newaxis] * (np.array(colour, np.float32) - place)
    return sheet


def light(sheet: Picture, darkest: float, angle: float) -> Picture:
    """Let light fall off across the sheet, to `darkest` of it, in the direction of an angle in radians."""
    rows, columns = np.mgrid[: sheet.shape[0], : sheet.shape[1]]
    along = rows / sheet.shape[0] * np.sin(angle) + columns / sheet.shape[1] * np.cos(angle)
    along = (along - along.min()) / np.ptp(along)
    lit: Picture = sheet * (1 - (1 - darkest) * along[..., np.newaxis]).astype(np.float32)
    return lit


def shadow(sheet: Picture, depth: float) -> Picture:
    """Let the soft shadow of a hand fall over a corner."""
    height, width = sheet.shape[:2]
    mask = np.zeros((height, width), np.float32)
    cv2.ellipse(mask, (width, height), (int(0.75 * width), int(0.6 * height)), 20, 0, 360, 1, -1)
    shaded: Picture = sheet * (1 - depth * cv2.GaussianBlur(mask, (0, 0), width / 25)[..., np.newaxis])
    return shaded


def tilt(sheet: Picture, table: Colour) -> Picture:
    """Photograph the sheet from the side, with the table around it."""
    height, width = sheet.shape[:2]
    corners = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32)
    seen = corners + np.array([(0.1, 0.06), (-0.05, 0.02), (0.02, -0.03), (0.03, -0.09)], np.float32) * (width, height)
    matrix = cv2.getPerspectiveTransform(corners, seen.astype(np.float32))
    return np.asarray(cv2.warpPerspective(sheet, matrix, (width, height), borderValue=table))


def transparent(ink: Array, colour: Colour, margin: int) -> NDArray[np.uint8]:
    """Return ink without paper, (H, W, 4)."""
    alpha = np.pad(ink, margin)
    return np.dstack([np.broadcast_to(np.array(colour), (*alpha.shape, 3)), 255 * alpha]).astype(np.uint8)


def number(images: NDArray[np.uint8], height: int, gap: int) -> Array:
    """Return the ink of several digits side by side."""
    strokes = [np.pad(stroke(image, height), ((0, 0), (gap // 2, gap // 2))) for image in images]
    tallest = max(map(len, strokes))
    return np.hstack([np.pad(ink, ((0, tallest - len(ink)), (0, 0))) for ink in strokes])


def samples(data: Dataset, generator: np.random.Generator) -> dict[str, NDArray[np.generic]]:
    """Make the pictures, by file name, which begins with the digits on them."""
    white, cream, grey = (250, 250, 250), (205, 232, 240), (196, 200, 202)

    def ink(digit: int, height: int, thinner: int = 0) -> Array:
        strokes = stroke(data.x_test[np.flatnonzero(data.y_test == digit)[0]], height)
        return thin(strokes, thinner) if thinner else strokes

    def sheet(height: int, width: int, colour: Colour, grain: float = 2.0) -> Picture:
        return paper(generator, height, width, colour, grain)

    pencil = write(sheet(420, 420, white, 3), ink(0, 250, 12), PENCIL, 90, 70, 0.8)
    marker = write(sheet(320, 260, white, 0), ink(1, 230), BLACK_INK, 95, 30)
    lines = write(ruled(sheet(480, 480, white), 60, (225, 190, 150)), ink(2, 190, 4), BLUE_INK, 140, 130)
    squares = ruled(sheet(450, 450, cream), 32, (190, 200, 170), True)
    squares = write(squares, ink(3, 170, 3), BLUE_INK, 130, 120)
    blackboard = write(sheet(420, 420, (58, 72, 50), 5), ink(4, 260), CHALK, 100, 60, 0.85)
    dim = write(sheet(500, 500, grey), ink(5, 240), BLACK_INK, 130, 110)
    red = write(sheet(400, 400, cream, 4), ink(6, 220), RED_INK, 100, 80)
    photo = tilt(write(sheet(640, 800, white), ink(7, 300, 6), BLUE_INK, 290, 150), (38, 62, 92))
    small = write(sheet(1000, 1300, white), ink(8, 90), BLACK_INK, 820, 560)
    year = write(sheet(300, 900, white), number(data.x_test[[1, 3, 35, 11]], 150, 24), BLUE_INK, 60, 50)
    return {
        "0_pencil.jpg": light(pencil, 0.75, 0.8),
        "1_marker.png": marker,
        "2_ruled_paper.jpg": light(lines, 0.8, 2.0),
        "3_squared_paper.jpg": light(squares, 0.7, 0.3),
        "4_blackboard.jpg": blackboard,
        "5_shadow.jpg": shadow(dim, 0.5),
        "6_red_on_cream.jpg": light(red, 0.8, 4.0),
        "7_photo_with_table.jpg": light(photo, 0.7, 1.2),
        "8_small_in_a_large_picture.jpg": light(small, 0.7, 3.6),
        "9_transparent.png": transparent(ink(9, 260), (150, 50, 120), 30),
        "white_ink_transparent_3.png": transparent(stroke(data.x_test[18], 240), (255, 255, 255), 30),
        "2026_number.jpg": light(year, 0.75, 0.4),
    }


def visualization_input(data: Dataset, generator: np.random.Generator) -> Array:
    """Make the picture of a digit that a visualization is about where no other is given."""
    sheet = paper(generator, 480, 400, (226, 240, 246))
    return light(write(sheet, stroke(data.x_test[INPUT_INDEX], 230), BLUE_INK, 110, 125), 0.75, 0.9)


def save(path: Path, picture: Array) -> None:
    """Write a picture, (H, W, 3) or (H, W, 4) with opacity, 0 to 255."""
    pixels = np.asarray(np.clip(picture.astype(np.float32), 0, 255), np.uint8)
    quality = [cv2.IMWRITE_JPEG_QUALITY, 85] if path.suffix == ".jpg" else []
    _, encoded = cv2.imencode(path.suffix, pixels, quality)
    path.write_bytes(encoded.tobytes())


def main(data: Dataset, folder: Path = FOLDER, input_file: Path = INPUT, seed: int = SEED) -> None:
    """Write the pictures into the folder, and the input; each of the two from the beginning of the random numbers."""
    folder.mkdir(exist_ok=True)
    for name, picture in samples(data, np.random.default_rng(seed)).items():
        save(folder / name, picture)
    save(input_file, visualization_input(data, np.random.default_rng(seed)))


if __name__ == "__main__":
    main(load_mnist())
