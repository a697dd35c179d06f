"""Atoms: ink that is not parted further, and the pieces that neighbouring ones make up."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from preprocessing.box import Box
from preprocessing.cuts import Cut
from preprocessing.mnist_form import Mask

MIN_PIECE = 0.006  # of a square of the row's height: what is less is no piece
CRUMB = 0.12  # of a piece's ink: islands of less are what a cut left of its neighbours


@dataclass(frozen=True)
class Atom:
    """Ink that is not parted further: where it is, a mask (H, W) of its box, and which component it is of."""

    box: Box
    mask: Mask
    component: int
    cut: float  # ink of the cut before it, in heights; 0 where nothing is cut


def parted(box: Box, mask: Mask, cuts: Sequence[Cut], component: int, height: float) -> list[Atom]:
    """Part one component, a mask (H, W) of its box, at each of its cuts."""
    columns = np.arange(mask.shape[1])[None, :]
    atoms: list[Atom] = []
    before = np.zeros(mask.shape, bool)
    ink = 0.0
    for cut in [*cuts, None]:
        until = np.ones(mask.shape, bool) if cut is None else columns < cut.columns[:, None]
        piece = mask & until & ~before
        if piece.sum() > MIN_PIECE * height * height:
            atoms.append(_atom(box, piece, component, ink))
            before |= until
            ink = 0.0
        if cut is not None:
            ink = max(ink, cut.ink) if ink else cut.ink
    rest = mask & ~np.any([_place(atom, box) for atom in atoms], axis=0) if atoms else mask
    if rest.any() and atoms:  # dust goes with the last
        last = atoms.pop()
        atoms.append(_atom(box, _place(last, box) | rest, component, last.cut))
    return atoms or [_atom(box, mask, component, 0.0)]


def _atom(box: Box, piece: Mask, component: int, cut: float) -> Atom:
    own = Box.around(piece)
    return Atom(replace(own, left=box.left + own.left, top=box.top + own.top), piece[own.slices], component, cut)


def _place(atom: Atom, box: Box) -> Mask:
    """Return the mask of an atom in a larger box."""
    placed = np.zeros((box.height, box.width), bool)
    top, left = atom.box.top - box.top, atom.box.left - box.left
    placed[top : top + atom.box.height, left : left + atom.box.width] = atom.mask
    return placed


def merge(atoms: Sequence[Atom]) -> tuple[Box, Mask]:
    """Return the box around some atoms, and their mask in it."""
    box = atoms[0].box
    for atom in atoms[1:]:
        box = box.join(atom.box)
    return box, np.any([_place(atom, box) for atom in atoms], axis=0)


def is_cut(atoms: Sequence[Atom], first: int, last: int) -> bool:
    """Tell whether neighbouring atoms were cut off from others."""
    return atoms[first].cut > 0 or (last + 1 < len(atoms) and atoms[last + 1].cut > 0)


def piece(atoms: Sequence[Atom], first: int, last: int) -> tuple[Box, Mask]:
    """Return the box around neighbouring atoms, and their mask in it, without crumbs where they were cut off."""
    import cv2

    box, mask = merge(atoms[first : last + 1])
    if not is_cut(atoms, first, last):
        return box, mask
    _, islands, sizes, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=8)
    is_kept = sizes[:, cv2.CC_STAT_AREA] >= CRUMB * mask.sum()
    is_kept[0] = False
    if is_kept[1:].all() or not is_kept.any():
        return box, mask
    kept = is_kept[islands]
    whole = _atom(box, kept, 0, 0.0)
    return whole.box, whole.mask
