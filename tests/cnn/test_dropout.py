"""Dropout, and the random numbers of images."""

import numpy as np
import pytest

from cnn.buffers import Buffers
from cnn.layers.base import Context, in_memory
from cnn.layers.dropout import Dropout
from cnn.random_numbers import RandomNumbers


def test_an_image_has_its_own_numbers_whoever_asks() -> None:
    whole = RandomNumbers(7, 0, 10)
    parts = [RandomNumbers(7, first, count) for first, count in ((0, 3), (3, 1), (4, 6))]
    for numbers in (1, 4, 5, 100):
        expected = whole.draw(numbers)
        assert expected.shape == (10, numbers)
        np.testing.assert_array_equal(np.concatenate([part.draw(numbers) for part in parts]), expected)


def test_other_draws_and_other_steps_have_other_numbers() -> None:
    first = RandomNumbers(7, 0, 4)
    found = [first.draw(50), first.draw(50), RandomNumbers(8, 0, 4).draw(50), RandomNumbers(7, 0, 4).draw(100)[:, :50]]
    assert len({each.tobytes() for each in found}) == 4
    assert len({row.tobytes() for row in found[0]}) == 4


def test_numbers_are_spread_evenly() -> None:
    drawn = RandomNumbers(1, 0, 100).draw(1000)
    assert drawn.mean() == pytest.approx(2**15, rel=0.01)
    assert drawn.min() < 10 and drawn.max() > 2**16 - 10


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
@pytest.mark.parametrize("shape", [(3, 9, 8), (200,)], ids=str)
def test_a_share_is_left_out_and_the_others_make_up_for_it(share: float, shape: tuple[int, ...]) -> None:
    kernel = Dropout(share).build(shape, 50, Buffers(np.float64))
    inputs, upstream = np.random.default_rng(0).standard_normal((2, *in_memory(shape, 50)))
    output = kernel.forward(inputs, Context(training=True, random=RandomNumbers(3, 0, 50)))
    kept = output != 0
    assert kept.mean() == pytest.approx(1 - share, abs=0.02)
    np.testing.assert_allclose(output[kept], inputs[kept] / (1 - share), rtol=1e-4)
    np.testing.assert_allclose(kernel.backward(upstream), upstream * np.where(kept, output / inputs, 0), rtol=1e-9)
    assert len({image.tobytes() for image in np.moveaxis(kept, -1, 0)}) == 50


def test_nothing_is_left_out_where_nothing_is_random() -> None:
    kernel = Dropout(0.5).build((2, 3, 3), 4, Buffers(np.float64))
    inputs, upstream = np.random.default_rng(0).standard_normal((2, 3, 2, 3, 4))
    kernel.forward(inputs, Context(training=True, random=RandomNumbers(3, 0, 4)))
    for context in (Context(), Context(training=True, bounds=(0, 4))):
        np.testing.assert_array_equal(kernel.forward(inputs, context), inputs)
        np.testing.assert_array_equal(kernel.backward(upstream), upstream)


def test_an_image_keeps_its_mask_in_another_pass() -> None:
    whole, half = (Dropout(0.3).build((2, 3, 3), images, Buffers(np.float64)) for images in (6, 4))
    inputs = np.random.default_rng(0).random((3, 2, 3, 6))
    expected = whole.forward(inputs, Context(training=True, random=RandomNumbers(3, 0, 6)))
    part = np.zeros((3, 2, 3, 4))
    part[..., :3] = inputs[..., 3:]
    found = half.forward(part, Context(training=True, random=RandomNumbers(3, 3, 3)))
    np.testing.assert_array_equal(found[..., :3], expected[..., 3:])
