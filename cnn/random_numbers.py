"""Random numbers of images, which do not depend on how many processes share them."""

import numpy as np
from numpy.typing import NDArray

_A_WORD = 4  # numbers of 16 bits in one of 64, which is what a generator gives


class RandomNumbers:
    """The random numbers of some images of a step, each image's own, whichever pass or process asks for them.

    seed: of the step, from 0 up. first: which image of the step is the first of these; images: how many there are.
    """

    def __init__(self, seed: int, first: int, images: int) -> None:
        self._seed, self._first, self._images = seed, first, images
        self._draws = 0

    def draw(self, count: int) -> NDArray[np.uint16]:
        """Return so many numbers for each image, (images, count); other ones each time.

        All numbers of a draw are one sequence, in which each image has its stretch: a generator can go on to any place.
        """
        generator = np.random.PCG64([self._seed, self._draws])
        self._draws += 1
        words = -(-count // _A_WORD)
        generator.advance(self._first * words)
        return generator.random_raw(self._images * words).view(np.uint16).reshape(self._images, -1)[:, :count]
