"""Makes input.jpg of a test digit, as if written on paper: python -m feature_visualize.make_input."""

from pathlib import Path

import numpy as np

from preprocessing.mnist import load_mnist

INDEX = 4
PATH = Path(__file__).with_name("input.jpg")


def main() -> None:
    """Write input.jpg."""
    import cv2

    generator = np.random.default_rng(0)
    digit = load_mnist().x_test[INDEX].astype(np.float32) / 255
    size = 280
    smooth = cv2.GaussianBlur(cv2.resize(digit, (size, size), interpolation=cv2.INTER_CUBIC), (0, 0), 4)
    ink = np.zeros((480, 400), np.float32)
    ink[100 : 100 + size, 60 : 60 + size] = np.clip((np.asarray(smooth) - 0.35) * 5, 0, 1)
    rows, columns = np.mgrid[0:480, 0:400].astype(np.float32)
    light = 1 - 0.12 * rows / 480 - 0.08 * columns / 400  # a lamp at the upper left
    grain = cv2.GaussianBlur(generator.normal(0, 1, ink.shape).astype(np.float32), (0, 0), 0.8)
    paper = np.array([226, 240, 246], np.float32)  # blue, green, red
    pen = np.array([120, 52, 34], np.float32)
    colour = paper + ink[..., np.newaxis] * (pen - paper) * 0.95
    picture = colour * light[..., np.newaxis] + 4 * np.asarray(grain)[..., np.newaxis]
    encoded = cv2.imencode(".jpg", np.clip(picture, 0, 255).astype(np.uint8), [cv2.IMWRITE_JPEG_QUALITY, 92])[1]
    PATH.write_bytes(encoded.tobytes())


if __name__ == "__main__":
    main()
