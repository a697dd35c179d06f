"""Views of a page: closer and closer at all that is written on it."""

from dataclasses import replace

import numpy as np

from preprocessing.components import Component, find_components, leave_out_frame
from preprocessing.foreground import Foreground
from preprocessing.rows import usual_height
from preprocessing.steps import MAX_SIDE, STEPS, Look, Steps, zoom
from preprocessing.view import View
from system.arrays import Array

MIN_SIDE = 110  # pixels of a picture's shorter side: smaller ones are enlarged
MIN_LENGTH = 3  # pixels of a view: of a point
MAX_COMPONENTS = 500  # of a full page, or of a table with its words
# Of a digit's height:
SMALL = 0.3  # what is lower is a sign, a part or a speck,
MIN_SIZE = 0.07  # and shorter a speck;
PART = 0.2  # where there are many, signs are at least so long
MAX_SMALL = 6  # more than digits, and no more
MIN_DENSITY = 0.65  # of the digits' own


def page_view(flat: Array, steps: Steps = STEPS, look: Look | None = None) -> View:
    """Return the closest view of all that is written on a picture without transparency; look: its first.

    A small picture is enlarged first: cuts between digits, and points, are as wide as a pixel of it.
    """
    steps = replace(steps, choose=choose_all, min_length=MIN_LENGTH, max_components=MAX_COMPONENTS)
    times = enlargement(flat)
    if times == 1:
        return zoom(flat, steps, look)
    import cv2

    view = zoom(cv2.resize(flat, None, fx=times, fy=times, interpolation=cv2.INTER_CUBIC), steps)
    return replace(view, left=round(view.left / times), top=round(view.top / times), scale=view.scale / times)


def enlargement(flat: Array) -> int:
    """Return how many times a picture (H, W) is enlarged."""
    shorter, longer = sorted(flat.shape[:2])
    return int(max(1, min(-(-MIN_SIDE // shorter), MAX_SIDE // longer)))


def relabelled(view: View, foreground: Foreground) -> View:
    """Return a view with another foreground."""
    labels, components = find_components(foreground, MAX_COMPONENTS)
    inside = leave_out_frame(components, labels) if components else []
    return replace(view, foreground=foreground, labels=labels, digits=choose_all(inside, None))


def choose_all(components: list[Component], _: object) -> list[Component]:
    """Choose all components that are not specks: signs are as thick and as dark as the strokes, and fewer than digits.

    Grain is fainter, smaller, or everywhere.
    """
    height = usual_height(components)
    big = [one for one in components if one.box.height >= SMALL * height]
    if not big:
        return []
    density = float(np.median([one.density for one in big]))
    small = [
        one
        for one in components
        if one.box.height < SMALL * height
        and one.box.length >= MIN_SIZE * height
        and one.density > MIN_DENSITY * density
    ]
    return big + (
        small if len(small) <= MAX_SMALL + len(big) else [one for one in small if one.box.length >= PART * height]
    )
