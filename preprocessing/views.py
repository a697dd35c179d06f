"""Views of a page: closer and closer at all that is written on it."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from preprocessing.components import MAX_ASPECT, Component, find_components, leave_out_frame
from preprocessing.foreground import Foreground, ink_threshold
from preprocessing.grey import reduce, to_grey
from preprocessing.rows import usual_height
from preprocessing.steps import MAX_SIDE, MOST, STEPS, Look, Steps, first_look, zoom
from preprocessing.view import View
from system.arrays import Array

MIN_SIDE = 110  # pixels of a picture's shorter side: smaller ones are enlarged
MIN_LENGTH = 3  # pixels of a view: of a point
# Of a digit's height:
SMALL = 0.3  # what is lower is a sign, a part or a speck,
MIN_SIZE = 0.07  # and shorter a speck;
PART = 0.2  # where there are many, signs are at least so long
MAX_SMALL = 6  # more than digits, and no more
MIN_DENSITY = 0.65  # of the digits' own,
BLURRED_DENSITY = 0.5  # and where a picture is enlarged, whose points are as wide as a pixel
FAINT = 0.5  # of the strength of ink: a point's that is narrower than a pixel,
MAX_POINT = 0.35  # and no longer than this
LINE = 20  # times as long as it is wide: no stroke
MANY, MAX_LENGTH = 8, 0.15  # so many pieces of ink that short, as a share of the view, are small digits
MIN_PIECE = 8  # pixels of such a piece
PATCH = 2.5  # times as thick as strokes: a shadow or an object
STROKES = 0.1  # share of the largest ink's mass, from which other ink is strokes to compare with


def page_view(flat: Array, steps: Steps = STEPS, look: Look | None = None, in_shadow: bool = False) -> View:
    """Return the closest view of all that is written on a picture without transparency; look: its first.

    A small picture is enlarged first: cuts between digits, and points, are as wide as a pixel of it.
    in_shadow: what is large is taken for shadow, not for ink beside which the rest is small.
    """
    times = enlargement(flat)
    frame = steps.leave_out_frame
    steps = replace(
        steps,
        leave_out_frame=lambda components, labels: leave_out_patches(frame(components, labels), labels),
        choose=partial(choose_all, least=BLURRED_DENSITY if times > 1 else MIN_DENSITY),
        min_length=MIN_LENGTH,
        max_components=MOST,
    )
    if times > 1:
        import cv2

        flat, look = cv2.resize(flat, None, fx=times, fy=times, interpolation=cv2.INTER_CUBIC), None
    look = look or first_look(flat, steps)
    view = zoom(flat, replace(steps, views=1) if in_shadow else steps, look)
    pieces = find_components(view.foreground, MOST)[1] if in_shadow else view.digits
    view = evenly_lit(view, pieces, flat, look.dark, steps)
    if times == 1:
        return view
    view = with_faint_point(view)
    return replace(view, left=round(view.left / times), top=round(view.top / times), scale=view.scale / times)


def evenly_lit(view: View, pieces: Sequence[Component], flat: Array, dark: bool, steps: Steps) -> View:
    """Return a view of a picture, where many of its pieces are small, without shadows that are larger than these."""
    most = MAX_LENGTH * max(view.labels.shape)
    small = [
        one for one in pieces if MIN_PIECE < one.box.length < min(most, MAX_ASPECT * min(one.box.width, one.box.height))
    ]
    if len(small) < MANY:
        return view
    rows, columns = view.labels.shape
    part = flat[view.top : view.top + round(rows * view.scale), view.left : view.left + round(columns * view.scale)]
    grey = to_grey(reduce(part, MAX_SIDE))
    if grey.shape != view.labels.shape:
        return view
    height = usual_height(small)
    raised = steps.remove_near_light(1 - grey if dark else grey, height)
    strength = steps.remove_faint_lines(raised / np.float32(ink_threshold(raised, grey)), height)
    return relabelled(view, Foreground(strength, steps.connect_faint(steps.remove_ruled_lines(strength))))


def with_faint_point(view: View) -> View:
    """Return an enlarged view with a point or a comma that is fainter than ink, where it is the only such piece.

    What is narrower than a pixel of the picture is faint, and so is grain, which is in many pieces.
    """
    import cv2

    height = usual_height(view.digits) if view.digits else 0.0
    strength, mask = view.foreground.strength, view.foreground.mask
    _, labels, stats, _ = cv2.connectedComponentsWithStats((strength > FAINT).astype(np.uint8))
    lengths = stats[:, 2:4].max(axis=1)
    ink = np.unique(labels[mask])
    faint = [label for label in range(1, len(stats)) if label not in ink and lengths[label] >= MIN_SIZE * height]
    if len(faint) != 1 or lengths[faint[0]] > MAX_POINT * height:
        return view
    point = labels == faint[0]
    strength = np.where(point, np.maximum(strength, 1), strength)  # else it has no form
    return relabelled(view, Foreground(strength, mask | point), BLURRED_DENSITY)


def enlargement(flat: Array) -> int:
    """Return how many times a picture (H, W) is enlarged."""
    shorter, longer = sorted(flat.shape[:2])
    return int(max(1, min(-(-MIN_SIDE // shorter), MAX_SIDE // longer)))


def relabelled(view: View, foreground: Foreground, least: float = MIN_DENSITY) -> View:
    """Return a view with another foreground; least: as `choose_all` takes it."""
    labels, components = find_components(foreground, MOST)
    inside = leave_out_patches(leave_out_frame(components, labels), labels) if components else []
    return replace(view, foreground=foreground, labels=labels, digits=choose_all(inside, None, least))


def leave_out_patches(components: list[Component], labels: NDArray[np.int32]) -> list[Component]:
    """Leave out what reaches in from the frame and is far thicker than the strokes inside: shadows and objects."""
    import cv2

    touching = set(np.unique(np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]])).tolist())
    outer = [one for one in components if not touching.isdisjoint(one.labels)]
    if not outer or len(outer) == len(components):
        return components
    distance = cv2.distanceTransform((labels > 0).astype(np.uint8), cv2.DIST_L2, 3)

    def thickness(one: Component) -> float:
        own = np.isin(labels[one.box.slices], one.labels)
        return float(distance[one.box.slices][own].mean())

    inner = [one for one in components if touching.isdisjoint(one.labels)]
    least = STROKES * max(one.mass for one in inner)
    strokes = min(thickness(one) for one in inner if one.mass >= least)
    most = sum(one.mass for one in inner)  # else it is what the picture shows
    patches = [one for one in outer if one.mass < most and thickness(one) > PATCH * strokes]
    return [one for one in components if one not in patches]


def choose_all(components: list[Component], _: object, least: float = MIN_DENSITY) -> list[Component]:
    """Choose all components that are not specks: signs are as thick and as dark as the strokes, and fewer than digits.

    Grain is fainter, smaller, or everywhere. least: of the digits' density, that a sign has.
    """
    strokes = [one for one in components if one.box.length < LINE * min(one.box.width, one.box.height)]
    components = strokes or components  # what is left of a ruled line is no digit, beside which all else is a speck
    height = usual_height(components)
    big = [one for one in components if one.box.height >= SMALL * height]
    if not big:
        return []
    density = float(np.median([one.density for one in big]))
    small = [
        one
        for one in components
        if one.box.height < SMALL * height and one.box.length >= MIN_SIZE * height and one.density > least * density
    ]
    return big + (
        small if len(small) <= MAX_SMALL + len(big) else [one for one in small if one.box.length >= PART * height]
    )
