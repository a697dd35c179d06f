"""Foreground: how strongly each pixel of a picture is written on, whatever the paper and the light."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from preprocessing.grey import Grey, reduce, rough_median

# Light changes slowly: so few pixels show all of it, and what costs much is cheap on them.
LIGHT_SIDE = 128
MIN_THRESHOLD = 0.02  # of the range from black to white: below are compression and the grain of the sensor
GRAIN_DEVIATIONS = 4  # standard deviations of the grain that ink stands out by
SHADE = 0.75  # of the usual light: what has less is in shadow,
MIN_LIGHT = 0.5  # but what has less than so much of that is a table
NEAR_PIXELS = 8  # of a digit's height, on a small picture that shows the light between digits
FAINT_THRESHOLD = 0.6  # share of the threshold above which ink that touches a stroke belongs to it


@dataclass(frozen=True)
class Foreground:
    """What is written on a picture.

    strength: (H, W) float32; 0 on paper, and 1 half-way up the edges of the strokes.
    mask: (H, W) bool; where there is ink.
    """

    strength: Grey
    mask: NDArray[np.bool_]


def ink_threshold(raised: Grey, grey: Grey) -> float:
    """Return the level above which what stands out (H, W) of a grey picture (H, W) is ink."""
    return max(edge_level(raised), GRAIN_DEVIATIONS * grain(grey), MIN_THRESHOLD)


def is_dark_on_light(grey: Grey) -> bool:
    """Tell whether the ink is darker than the paper around it.

    Ink is the rarer of the two, and farther from the local median than paper is: the cubed differences keep the sign of
    the rare and far. The median of a window of half the picture follows light and shadow.
    """
    import cv2

    small = np.asarray(np.clip(reduce(grey, LIGHT_SIDE) * 255, 0, 255), np.uint8)
    window = max(3, min(small.shape) // 2 | 1)
    difference = small - cv2.medianBlur(small, window).astype(np.float32)
    # What lies along the frame counts less: the edge of a table is as strong as a stroke.
    rows, columns = (_from_the_frame(side) for side in small.shape)
    return bool(rows @ difference**3 @ columns <= 0)


def _from_the_frame(side: int) -> Grey:
    """A weight for each of `side` pixels in a row: near 0 at both ends, 1 from a fifth of the side on."""
    place = (np.arange(side) + 0.5) / side
    return np.asarray(np.minimum(1, 5 * np.minimum(place, 1 - place)) + 0.05, np.float32)


def remove_light(grey: Grey) -> Grey:
    """Return what stands out, (H, W), 0 and above, of a grey picture (H, W) with light ink on a darker paper.

    Nothing that is written is thicker than a third of the picture: what an opening of that size leaves is paper, with
    its gradients, shadows and vignettes.
    """
    import cv2

    small = reduce(grey, LIGHT_SIDE)
    size = max(3, min(small.shape) // 3 | 1)
    slope = fit_plane(_open(small, size))
    paper = slope + cv2.blur(_open(small - slope, size), (size // 4 | 1, size // 4 | 1))
    raised = grey - cv2.resize(paper, grey.shape[::-1], interpolation=cv2.INTER_LINEAR)
    # An opening follows the darkest grain of the paper; its median is where the paper is.
    return np.asarray(np.maximum(raised - rough_median(raised), 0), np.float32)


def remove_near_light(grey: Grey, height: float) -> Grey:
    """Return what stands out, (H, W), 0 and above, of a grey picture (H, W) with light ink, evenly lit.

    height: of a digit, in pixels. No stroke is as thick as that: what an opening of that size leaves is paper with its
    shadows, whose edges may be sharp. In a shadow there is less light, and so less between ink and paper.
    """
    import cv2

    small = reduce(grey, max(LIGHT_SIDE, round(NEAR_PIXELS * max(grey.shape) / height)))
    size = max(3, round(height * max(small.shape) / max(grey.shape)) | 1)
    paper = cv2.blur(_open(small, size), (max(3, size // 4 | 1),) * 2)
    light = np.clip((1 - paper) / (SHADE * max(float(np.median(1 - paper)), 1e-3)), MIN_LIGHT, 1)
    paper, light = (cv2.resize(each, grey.shape[::-1], interpolation=cv2.INTER_LINEAR) for each in (paper, light))
    raised = (grey - paper) / light
    return np.asarray(np.maximum(raised - rough_median(raised), 0), np.float32)


def _open(small: Grey, size: int) -> Grey:
    import cv2

    kernel = np.ones((size, size), np.uint8)
    return np.asarray(cv2.morphologyEx(small, cv2.MORPH_OPEN, kernel, borderType=cv2.BORDER_REFLECT))


def fit_plane(paper: Grey) -> Grey:
    """Return the plane (H, W) closest to a small picture of paper (H, W): light from one side.

    At the sides of the picture an opening lags behind a slope by half its size.
    """
    rows, columns = paper.shape
    y, x = np.arange(rows) - (rows - 1) / 2, np.arange(columns) - (columns - 1) / 2
    # Over a grid, centred coordinates are orthogonal, and each slope can be had by itself.
    down = paper.mean(axis=1) @ y / max(y @ y, 1)  # a single row has no slope
    across = paper.mean(axis=0) @ x / max(x @ x, 1)
    return np.asarray(paper.mean() + down * y[:, None] + across * x, np.float32)


def edge_level(raised: Grey) -> float:
    """Return the level half-way up the edges of strokes: the mean of the pixels, weighted by their squared gradient.

    It does not depend on how much of the picture is written on, as a histogram does, and slow shadows hardly count.
    Source: robust automatic threshold selection, Kittler, Illingworth & Foglein, CVGIP 30 (1985).
    """
    import cv2

    across = cv2.Sobel(raised, cv2.CV_32F, 1, 0)
    down = cv2.Sobel(raised, cv2.CV_32F, 0, 1)
    weight = across * across + down * down
    # Grain is everywhere, edges are rare: what half of the pixels reach several times over is grain.
    weight[weight < 16 * rough_median(weight)] = 0
    total = float(weight.sum())
    return float((weight * raised).sum()) / total if total else 0.0


def grain(grey: Grey) -> float:
    """Estimate the standard deviation of the paper's and the sensor's grain, from the differences of neighbours."""
    difference = np.abs(np.diff(grey, axis=1))
    if not difference.size:  # of a very long picture, one column is left
        return 0.0
    # The median of the absolute value of a normal variable is 0.6745 standard deviations; of two, the root of two more.
    return rough_median(difference) / 0.6745 / float(np.sqrt(2))


def connect_faint(strength: Grey) -> NDArray[np.bool_]:
    """Tell where there is ink: above half-way, and what is fainter as long as it hangs together with that.

    Pencil and drying pens fade within a stroke; one threshold would tear it.
    """
    import cv2

    count, labels = cv2.connectedComponents(
        (strength > FAINT_THRESHOLD).astype(np.uint8), connectivity=8, ltype=cv2.CV_32S
    )
    kept = np.zeros(count, bool)
    kept[labels[strength > 1]] = True
    kept[0] = False
    return np.asarray(kept[labels])
