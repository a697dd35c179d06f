"""Batch normalisation against plain loops and central differences, for maps and for units."""

from itertools import pairwise

import numpy as np
import pytest

from cnn.buffers import Buffers
from cnn.layers.base import Context, Shape, in_memory
from cnn.layers.batch_normalisation import EPSILON, BatchNorm
from system.arrays import Array
from tests import loops

SHAPES: list[Shape] = [(3, 4, 5), (1, 1, 1), (2, 1, 3), (4,)]
BOUNDS = (0, 3, 5, 9)  # groups of 3, 2 and 4 images; 2 more are left in the buffers
IMAGES = 11


class Made:
    """A kernel in float64 with random numbers in all that it has."""

    def __init__(self, shape: Shape) -> None:
        generator = np.random.default_rng(4)
        self.kernel = BatchNorm(shape, IMAGES, Buffers(np.float64))
        self.parameters, self.gradient = generator.standard_normal((2, 2 * shape[0]))
        self.state = generator.random(2 * shape[0]) + 0.5
        self.kernel.bind(self.parameters, self.gradient)
        self.kernel.bind_state(self.state)
        self.inputs = generator.standard_normal(in_memory(shape, IMAGES)) * 3 + 1
        self.upstream = generator.standard_normal(self.inputs.shape)
        self.upstream[..., BOUNDS[-1] :] = 0

    def loss(self, context: Context) -> float:
        return float((self.kernel.forward(self.inputs, context) * self.upstream).sum())


def as_maps(array: Array) -> Array:
    """(H, C, W, N) or (units, N) to (N, C, H, W)."""
    maps = array[np.newaxis, :, np.newaxis] if array.ndim == 2 else array
    by_image: Array = maps.transpose(3, 1, 0, 2)
    return by_image


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_each_group_has_its_own_mean_and_variance_in_training(shape: Shape) -> None:
    made = Made(shape)
    output = made.kernel.forward(made.inputs, Context(training=True, bounds=BOUNDS))
    gamma, beta = made.parameters.reshape(2, -1)
    for first, last in pairwise(BOUNDS):
        expected, *_ = loops.normalise(as_maps(made.inputs)[first:last], gamma, beta, EPSILON)
        np.testing.assert_allclose(as_maps(output)[first:last], expected, atol=1e-9)


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_what_is_kept_is_gone_by_otherwise(shape: Shape) -> None:
    made = Made(shape)
    output = made.kernel.forward(made.inputs, Context())
    gamma, beta = made.parameters.reshape(2, -1, 1, 1)
    mean, variance = made.state.reshape(2, -1, 1, 1)
    expected = (as_maps(made.inputs) - mean) / np.sqrt(variance + EPSILON) * gamma + beta
    np.testing.assert_allclose(as_maps(output), expected, atol=1e-12)


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("training", [True, False])
def test_gradients_agree_with_central_differences(shape: Shape, training: bool) -> None:
    made, context = Made(shape), Context(training, BOUNDS)
    made.loss(context)
    for _ in range(2):  # with and without the gradient of the parameters before
        inputs_gradient = made.kernel.backward(made.upstream).copy()
        made.kernel.backward_parameters(made.upstream)
        np.testing.assert_allclose(made.kernel.backward(made.upstream), inputs_gradient, atol=1e-12)
    for array, gradient in ((made.parameters, made.gradient), (made.inputs, inputs_gradient)):
        expected = np.zeros_like(array)
        for place in np.ndindex(array.shape):
            before, losses = array[place], []
            for step in (1e-5, -1e-5):
                array[place] = before + step
                losses.append(made.loss(context))
            array[place] = before
            expected[place] = (losses[0] - losses[1]) / 2e-5
        np.testing.assert_allclose(gradient, expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("shape", [(3, 4, 5), (4,)], ids=str)
def test_what_a_pass_observes_is_the_mean_over_its_groups_without_bias(shape: Shape) -> None:
    made = Made(shape)
    made.kernel.forward(made.inputs, Context(training=True, bounds=BOUNDS))
    observed = np.empty(2 * shape[0])
    made.kernel.observe(observed)
    expected = np.zeros((2, shape[0]))
    for first, last in pairwise(BOUNDS):
        group = as_maps(made.inputs)[first:last]
        ones = np.ones(shape[0])
        _, means, variances = loops.normalise(group, ones, ones, EPSILON)
        numbers = group[:, 0].size
        expected += (last - first) / BOUNDS[-1] * np.array([means, variances * numbers / (numbers - 1)])
    np.testing.assert_allclose(observed.reshape(2, -1), expected, rtol=1e-9)


def test_images_that_are_all_the_same_have_no_variance_and_no_gradient() -> None:
    made = Made((2, 3, 3))
    made.inputs[...] = 7
    assert np.isfinite(made.kernel.forward(made.inputs, Context(training=True, bounds=(0, 1, IMAGES)))).all()
    made.upstream[...] = 1
    np.testing.assert_allclose(made.kernel.backward(made.upstream), 0, atol=1e-6)


def test_images_left_over_change_nothing() -> None:
    made, context = Made((3, 4, 5)), Context(training=True, bounds=BOUNDS)
    found = []
    for left in (0.0, 1e6):
        made.inputs[..., BOUNDS[-1] :] = left
        output = made.kernel.forward(made.inputs, context)[..., : BOUNDS[-1]].copy()
        made.kernel.backward_parameters(made.upstream)
        found.append((output, made.kernel.backward(made.upstream)[..., : BOUNDS[-1]].copy(), made.gradient.copy()))
    for first, second in zip(*found, strict=True):
        np.testing.assert_allclose(first, second, atol=1e-8)
