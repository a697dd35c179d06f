"""Colours: ink whose colour is plain, but whose grey is nearly the paper's, is made dark: red, orange and yellow."""

import numpy as np

from system.arrays import Array

GLANCE = 256  # pixels of the longer side, on which colours are looked for
MIN_PAPER = 0.2  # of the range from black to white, of each colour of the paper
MIN_COLOUR = 0.4  # by which ink has less than the paper of one of the three colours, as a share
HIDDEN, PLAIN = 0.5, 0.8  # where its luminance has less than this share of that: hidden beside grey ink, or faint
MIN_SHARE, MAX_SHARE = 1e-3, 0.1  # of the picture that such ink takes
LUMINANCE = np.array([0.114, 0.587, 0.299], np.float32)  # of blue, green and red


def show_colours(flat: Array, least: float) -> Array:
    """Return a picture (H, W, 3), blue first, by the lowest of its colours (H, W) where there is ink of plain colour.

    Colours count as shares of the paper's, which is the median. What is lighter than paper, as a camera's date, becomes
    paper. A picture without such ink, or on dark ground, stays as it is. least: HIDDEN or PLAIN.
    """
    if flat.ndim == 2:
        return flat
    top = np.iinfo(flat.dtype).max
    step = max(1, max(flat.shape) // GLANCE)
    some = flat[::step, ::step].reshape(-1, 3).astype(np.float32) / np.float32(top)
    paper = np.median(some, axis=0)
    if paper.min() < MIN_PAPER:
        return flat
    shares = np.minimum(some / paper, 1)
    missing = 1 - shares.min(axis=1)
    coloured = (missing > MIN_COLOUR) & (1 - shares @ LUMINANCE < least * missing)
    if not MIN_SHARE < coloured.mean() < MAX_SHARE:
        return flat
    lowest = np.minimum((flat / (paper * np.float32(top))).min(axis=2), 1)
    return np.asarray(np.rint(lowest * float(paper @ LUMINANCE) * top), flat.dtype)
