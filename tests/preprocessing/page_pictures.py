"""Pictures of pages that tests make, each to show one step."""

import cv2
import numpy as np

from preprocessing.touching import INK, free_columns
from system.arrays import Array
from tests.preprocessing.drawings import data, handwritten, rows, sheet, table, to_picture, write


def touching() -> Array:
    """Three digits that touch."""
    paper = sheet(300, 500)
    for left, digit in ((80, 2), (160, 0), (243, 3)):
        ink = np.asarray(cv2.resize(handwritten(digit, 110), (86, 110)), np.float32)
        paper = write(paper, ink, left, 90)
    return to_picture(paper)


def like_a_table() -> Array:
    """6, 5 and 2 of MNIST's training images that overlap by a pixel: straight strokes, with cells between them."""
    images = [
        np.asarray(cv2.resize(data().x_train[index], None, fx=4, fy=4, interpolation=cv2.INTER_CUBIC))
        for index in (5218, 14688, 9203)
    ]
    picture = np.zeros((112, 336), np.uint8)
    end = 0
    for image in images:
        left = end - (free_columns(picture[:, :end] > INK, image > INK) + 4 if end else 0)
        picture[:, left : left + 112] = np.maximum(picture[:, left : left + 112], image)
        end = left + 112
    return np.pad(picture[:, :end], 30)


def cards() -> Array:
    """Light digits on dark cards."""
    paper = np.full((200, 620), 1.0)
    for place, digit in enumerate((9, 4, 7)):
        left = 30 + 200 * place
        paper[20:180, left : left + 160] = 0
        ink = handwritten(digit, 110)
        paper[45:155, left + 40 : left + 40 + ink.shape[1]] += ink
    return to_picture(paper)


def squared() -> Array:
    """Numbers on squared paper, whose lines are torn, fainter than the ink, and dark where they cross."""
    paper = np.asarray(cv2.resize(rows("314270", "685314", "270685"), None, fx=0.4, fy=0.4))
    lines = np.ones_like(paper)
    for place in range(12, max(paper.shape), 56):
        cv2.line(lines, (place, 0), (place - 14, paper.shape[0]), 0.72, 2)
        cv2.line(lines, (0, place), (paper.shape[1], place + 10), 0.72, 2)
        for other in range(12, max(paper.shape), 56):
            cv2.circle(lines, (place - round(other / 14), other + round(place / 40)), 2, 0.5, -1)
    lines[:, 170:176] = 1
    return to_picture(np.minimum(paper, 0.85 * lines))


def on_a_line() -> Array:
    """A number on a ledger line."""
    paper = rows("3684")
    cv2.line(paper, (60, 180), (paper.shape[1] - 60, 214), 0.3, 5)
    return to_picture(paper)


def colourful() -> Array:
    """Three digits (H, W, 3), blue first, in dark blue, yellow and dark green ink, of which yellow is hardly darker."""
    inks = ((0.6, 0.15, 0.1), (0.1, 0.82, 0.95), (0.15, 0.4, 0.1))
    channels = []
    for channel in range(3):
        paper = sheet(300, 560, 0.95)
        for place, (digit, ink) in enumerate(zip((3, 6, 2), inks, strict=True)):
            paper = write(paper, handwritten(digit, 110), 70 + 150 * place, 90, ink[channel])
        channels.append(to_picture(paper))
    return np.stack(channels, axis=-1)


def in_shadow() -> Array:
    """Rows of small digits, over which the shadow of a hand falls from the side, and a lamp's from below."""
    paper = np.asarray(cv2.resize(rows("314270", "685314", "270685"), None, fx=0.4, fy=0.4))
    height, width = paper.shape
    paper = np.pad(paper, ((0, height), (0, width)), mode="edge")
    shadow = np.ones_like(paper)
    cv2.fillPoly(shadow, [np.array([(0, 0), (110, 0), (60, 260), (180, 2 * height), (0, 2 * height)])], 0.45)
    return to_picture(paper * cv2.GaussianBlur(shadow, (0, 0), 6))


def askew() -> tuple[Array, Array]:
    """A sheet askew on a dark table, and the matrix (3, 3) from the sheet to the picture."""
    paper = to_picture(rows("3427", "4537"))
    height, width = paper.shape
    corners = np.array([[260, 120], [850, 300], [650, 860], [90, 640]], np.float32)
    source = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    matrix = cv2.getPerspectiveTransform(source, corners)
    return np.asarray(cv2.warpPerspective(paper, matrix, (1000, 1000), borderValue=(50, 50, 50))), matrix


def table_askew() -> Array:
    """A table that is turned by twelve degrees, and a digit beside it."""
    paper = np.pad(table(), 100, mode="edge")
    height, width = paper.shape
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), 12, 1)
    turned = cv2.warpAffine(paper, turn, (width, height), borderValue=int(paper[0, 0]))
    beside = np.full((height, 150), paper[0, 0], np.uint8)
    return np.hstack([turned, np.minimum(beside, to_picture(write(beside / 255, handwritten(6, 60), 40, 300)))])


def with_a_point() -> Array:
    """Two digits with a point between."""
    paper = write(write(sheet(300, 460), handwritten(6, 120), 130, 80), handwritten(5, 120), 260, 80)
    return to_picture(cv2.circle(paper, (232, 192), 8, 0.25, -1))
