"""MNIST's form of what is written."""

import numpy as np
import pytest

from preprocessing.mnist_form import normalize_digit


@pytest.mark.parametrize("shape", [(3, 1), (8, 3), (5, 5), (60, 9)])
@pytest.mark.parametrize("threshold", [0.35, 1.0])
def test_a_single_pixel_that_is_hardly_ink_has_a_form(shape: tuple[int, int], threshold: float) -> None:
    for row, column in np.ndindex(shape):
        strength = np.zeros(shape, np.float32)
        strength[row, column] = threshold + 1e-3
        assert normalize_digit(strength, threshold).any()
