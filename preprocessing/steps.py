"""The steps from a picture to its digits: a record of functions, to replace one of them, and how they are run."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from preprocessing.box import Box
from preprocessing.cards import open_cards
from preprocessing.colours import show_colours
from preprocessing.components import (
    MAX_COMPONENTS,
    MIN_HEIGHT,
    MIN_MASS,
    MIN_PART_LENGTH,
    Component,
    find_components,
    join_parts,
    leave_out_frame,
    sort_lines,
)
from preprocessing.cuts import Cut, find_cuts
from preprocessing.faint_lines import remove_faint_lines
from preprocessing.foreground import (
    Foreground,
    connect_faint,
    ink_threshold,
    is_dark_on_light,
    remove_light,
    remove_near_light,
)
from preprocessing.four_sides import Sheet
from preprocessing.grey import Grey, one_channel, reduce, to_grey
from preprocessing.grid import Grid, corners_of_table, find_grids
from preprocessing.mnist_form import SIDE, Mask, is_mnist_form, wanted_width
from preprocessing.page import find_page
from preprocessing.rows import Row
from preprocessing.ruled_lines import remove_ruled_lines
from preprocessing.sheet import straighten
from preprocessing.signs import find_sign
from preprocessing.straight_lines import ledger_lines
from preprocessing.view import View
from system.arrays import Array

# Pixels of the longer side on which ink is looked for: a digit of 40 pixels in a picture of 2,000 keeps 20.
MAX_SIDE = 1024
MIN_LENGTH = 12  # of a digit
MOST = 500  # components of a full page, or of a table with its words


def choose_largest(candidates: list[Component], join: Callable[[list[Component]], list[Component]]) -> list[Component]:
    """Choose what is about as large as the largest, with parts joined, from left to right and line by line."""
    longest = max(candidates, key=_size).box.length
    digits = join([one for one in candidates if one.box.length >= MIN_PART_LENGTH * longest])
    largest = max(digits, key=_size)
    min_height, min_mass = MIN_HEIGHT * largest.box.height, MIN_MASS * largest.mass
    return sort_lines(
        [one for one in digits if one is largest or (one.box.height >= min_height and one.mass >= min_mass)]
    )


def _size(component: Component) -> float:
    return component.mass * component.box.length


@dataclass(frozen=True)
class Steps:
    """What `find_digits` does to a picture, in this order; the docstring of each function says what it does.

    The last ten are of `read_page` alone, which reads more than one digit.

    views: how many times the digits are looked for, each time in a smaller window around them; at least 1.
    min_length: pixels of a view; what is shorter is grain. max_components: how many, the heaviest, are looked at.
    """

    is_mnist_form: Callable[[Array], bool] = is_mnist_form
    find_page: Callable[[Grey], Box] = find_page
    is_dark_on_light: Callable[[Grey], bool] = is_dark_on_light
    views: int = 3
    min_length: int = MIN_LENGTH
    max_components: int = MAX_COMPONENTS
    remove_light: Callable[[Grey], Grey] = remove_light
    remove_ruled_lines: Callable[[Grey], Grey] = remove_ruled_lines
    connect_faint: Callable[[Grey], NDArray[np.bool_]] = connect_faint
    leave_out_frame: Callable[[list[Component], NDArray[np.int32]], list[Component]] = leave_out_frame
    join_parts: Callable[[list[Component]], list[Component]] = join_parts
    wanted_width: Callable[[float], float] = wanted_width
    choose: Callable[[list[Component], Callable[[list[Component]], list[Component]]], list[Component]] = choose_largest
    open_cards: Callable[[Array], Array] = open_cards
    straighten: Callable[[Array], Sheet | None] = straighten
    show_colours: Callable[[Array, float], Array] = show_colours
    remove_near_light: Callable[[Grey, float], Grey] = remove_near_light
    remove_faint_lines: Callable[[Grey, float], Grey] = remove_faint_lines
    corners_of_table: Callable[[Sequence[Component], NDArray[np.int32]], NDArray[np.float32] | None] = corners_of_table
    find_grids: Callable[[Sequence[Component], NDArray[np.int32]], list[Grid]] = find_grids
    ledger_lines: Callable[[Mask, float], Mask | None] = ledger_lines
    find_cuts: Callable[[Mask], list[Cut]] = find_cuts
    find_sign: Callable[[Component, Row, Sequence[Component]], str] = find_sign


STEPS = Steps()


@dataclass(frozen=True)
class Look:
    """The first look at a picture: what is written on its page, in which ink, and where and how large that page is.

    labels, components: as `find_components` returns them, MOST of them.
    """

    foreground: Foreground
    labels: NDArray[np.int32]
    components: list[Component]
    dark: bool
    left: int
    top: int
    scale: float


def first_look(flat: Array, steps: Steps = STEPS) -> Look:
    """Look at a small copy of a picture without transparency."""
    whole = to_grey(reduce(one_channel(flat), MAX_SIDE))  # a third of the work on three
    page = steps.find_page(whole)
    grey = np.ascontiguousarray(whole[page.slices])
    dark = steps.is_dark_on_light(grey)
    scale = max(flat.shape[:2]) / max(whole.shape)
    foreground = find_foreground(grey, dark, steps)
    labels, components = find_components(foreground, MOST)
    return Look(foreground, labels, components, dark, round(page.left * scale), round(page.top * scale), scale)


def zoom(flat: Array, steps: Steps = STEPS, look: Look | None = None) -> View:
    """Return the closest view of the digits of a picture without transparency; look: its first, where it was taken.

    Where they are is found on a small copy; then they are looked for again in a window around them, on more of its
    pixels, and with the light and the contrast of that window alone.
    """
    look = look or first_look(flat, steps)
    view = make_view(look.foreground, look.left, look.top, look.scale, steps, (look.labels, look.components))
    for _ in range(1, steps.views):
        window = view.window()
        if window is None:
            break
        box = view.in_picture(window)
        left, top = max(box.left, 0), max(box.top, 0)
        part = flat[top : box.bottom, left : box.right]
        small = reduce(part, MAX_SIDE)
        foreground = find_foreground(to_grey(small), look.dark, steps)
        closer = make_view(foreground, left, top, max(part.shape[:2]) / max(small.shape[:2]), steps)
        if not closer.digits:
            break
        view = closer
    return view


def make_view(
    foreground: Foreground,
    left: int,
    top: int,
    scale: float,
    steps: Steps = STEPS,
    found: tuple[NDArray[np.int32], list[Component]] | None = None,
) -> View:
    """Find which of what is written on a part (H, W) of a picture are digits; found: its components, where known."""
    labels, components = found or find_components(foreground, steps.max_components)
    components = components[: steps.max_components]
    tiny = max(foreground.mask.shape) <= SIDE
    digits = choose_digits([one for one in components if one.box.length >= steps.min_length or tiny], labels, steps)
    return View(foreground, labels, digits, left, top, scale)


def find_foreground(grey: Grey, dark: bool, steps: Steps = STEPS) -> Foreground:
    """Find what is written on a grey picture (H, W), 0 black to 1 white; dark on light, or light on dark."""
    raised = steps.remove_light(1 - grey if dark else grey)
    strength = raised / np.float32(ink_threshold(raised, grey))
    return Foreground(strength, steps.connect_faint(steps.remove_ruled_lines(strength)))


def choose_digits(components: list[Component], labels: NDArray[np.int32], steps: Steps = STEPS) -> list[Component]:
    """Choose the components that are digits, each with its parts joined, from left to right and line by line."""
    candidates = steps.leave_out_frame(components, labels)
    return steps.choose(candidates, steps.join_parts) if candidates else []
