"""Layers against plain loops, and properties that hold for any input."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cnn.buffers import Buffers
from cnn.layers.base import Context, Kernel
from cnn.layers.batch_normalisation import BatchNorm
from cnn.layers.convolution import Convolution
from cnn.layers.convolution_kernel import Conv2D
from cnn.layers.dropout import Dropout, DropoutKernel
from cnn.layers.flatten import Flatten
from cnn.layers.fully_connected import Dense
from cnn.layers.mean_pooling import MeanPool2D
from cnn.layers.pooling import MaxPool2D
from cnn.layers.relu import ReLU
from cnn.random_numbers import RandomNumbers
from system.arrays import Array
from tests import loops

CONTEXT = Context()
TRAINING = Context(training=True, bounds=(0, 4), random=RandomNumbers(0, 0, 4))


def rows_first(array: Array) -> Array:
    """(N, C, H, W) to the layers' (H, C, W, N)."""
    return np.ascontiguousarray(array.transpose(2, 1, 3, 0))


def images_first(array: Array) -> Array:
    """(H, C, W, N) to (N, C, H, W)."""
    by_image: Array = array.transpose(3, 1, 0, 2)
    return by_image


def bound_convolution(
    spec: Convolution, images: Array, generator: np.random.Generator
) -> tuple[Conv2D, Array, Array, Array, Array]:
    """A layer in float64 with random parameters; and views of weight, bias and their gradients."""
    layer = Conv2D(spec, images.shape[1:], len(images), Buffers(np.float64))
    weights = spec.filters * images.shape[1] * spec.kernel_size**2
    parameters, gradient = generator.standard_normal((2, weights + spec.filters))
    layer.bind(parameters, gradient)
    weight, bias = spec.arrays(images.shape[1:])
    parts = (parameters[:weights], parameters[weights:], gradient[:weights], gradient[weights:])
    of_weight, of_bias, of_weight_gradient, of_bias_gradient = parts
    views = weight.view(of_weight), bias.view(of_bias), weight.view(of_weight_gradient), bias.view(of_bias_gradient)
    return layer, *views


CONVOLUTIONS = [
    (1, Convolution(1, 1), (1, 1)),
    (2, Convolution(3, 3), (5, 7)),
    (3, Convolution(2, 5), (6, 5)),
    (1, Convolution(4, 2), (2, 9)),
    (4, Convolution(1, 1), (3, 3)),
    (2, Convolution(3, 3, padding=1), (5, 7)),
    (2, Convolution(3, 5, padding=4), (1, 2)),
    (2, Convolution(3, 5, padding=2), (1, 1)),
    (2, Convolution(3, 3, stride=2), (5, 8)),
    (1, Convolution(2, 2, stride=3), (7, 4)),
    (3, Convolution(2, 3, padding=1, stride=2), (6, 7)),
    (2, Convolution(2, 4, padding=3, stride=3), (5, 9)),
]


@pytest.mark.parametrize(("channels", "spec", "image"), CONVOLUTIONS)
def test_convolution_agrees_with_loops(channels: int, spec: Convolution, image: tuple[int, int]) -> None:
    generator, reach = np.random.default_rng(1), (spec.padding, spec.stride)
    images = generator.standard_normal((3, channels, *image))
    layer, weight, bias, weight_gradient, bias_gradient = bound_convolution(spec, images, generator)
    output = images_first(layer.forward(rows_first(images), CONTEXT))
    np.testing.assert_allclose(output, loops.convolve(images, weight, bias, *reach), atol=1e-12)

    gradient = generator.standard_normal(output.shape)
    layer.backward_parameters(rows_first(gradient))
    expected = loops.convolve_backward_parameters(images, weight, gradient, *reach)
    np.testing.assert_allclose(weight_gradient, expected[0], atol=1e-12)
    np.testing.assert_allclose(bias_gradient, expected[1], atol=1e-12)
    images_gradient = images_first(layer.backward(rows_first(gradient)))
    np.testing.assert_allclose(images_gradient, loops.convolve_backward(images, weight, gradient, *reach), atol=1e-12)


def test_a_second_pass_leaves_nothing_of_the_first() -> None:
    generator = np.random.default_rng(2)
    first, second = generator.standard_normal((2, 3, 2, 6, 6))
    layer, weight, bias, *_ = bound_convolution(Convolution(2, 3), first, generator)
    gradient = generator.standard_normal((3, 2, 4, 4))
    for images in (first, second):
        output = images_first(layer.forward(rows_first(images), CONTEXT))
        np.testing.assert_allclose(output, loops.convolve(images, weight, bias), atol=1e-12)
        layer.backward_parameters(rows_first(gradient))
        expected = loops.convolve_backward(images, weight, gradient)
        np.testing.assert_allclose(images_first(layer.backward(rows_first(gradient))), expected, atol=1e-12)


@st.composite
def convolutions(draw: st.DrawFn) -> tuple[Convolution, int, int]:
    """A convolution that fits into an input, and that input's height and width."""
    size = draw(st.integers(1, 4))
    padding = draw(st.integers(0, size - 1))
    height, width = (draw(st.integers(max(size - 2 * padding, 1), size + 5)) for _ in range(2))
    stride = draw(st.integers(1, max(min(height, width) + 2 * padding - 1, 1)))
    spec = Convolution(draw(st.integers(1, 3)), size, padding, stride)
    spec.check((1, height, width), "Token 1")
    return spec, height, width


@given(convolutions(), st.integers(1, 3), st.integers(0, 2**32 - 1))
@settings(max_examples=80, deadline=None)
def test_backward_is_the_adjoint_of_forward(fitting: tuple[Convolution, int, int], channels: int, seed: int) -> None:
    """<im2col x, y> = <x, col2im y>, with the weights between: without bias, backward is the transpose of forward."""
    generator, (spec, height, width) = np.random.default_rng(seed), fitting
    images = generator.standard_normal((2, channels, height, width))
    layer, _, bias, *_ = bound_convolution(spec, images, generator)
    bias[...] = 0
    inputs = rows_first(images)
    output = layer.forward(inputs, CONTEXT).copy()
    other = generator.standard_normal(output.shape)
    assert np.vdot(output, other) == pytest.approx(np.vdot(inputs, layer.backward(other)), abs=1e-9)


POOLINGS = [(2, (4, 4)), (2, (11, 11)), (2, (1, 5)), (3, (7, 8)), (3, (2, 9)), (4, (9, 10)), (5, (11, 4)), (1, (3, 2))]
POOLINGS += [(28, (9, 9))]


@pytest.mark.parametrize(("size", "image"), POOLINGS)
@pytest.mark.parametrize("values", [2, 1000])
def test_pooling_agrees_with_loops_ties_and_ragged_edges_included(
    size: int, image: tuple[int, int], values: int
) -> None:
    generator = np.random.default_rng(3)
    images = generator.integers(-values, 0, (3, 2, *image)).astype(float)  # negative: padding with zeros would win
    layer = MaxPool2D(size, images.shape[1:], len(images), Buffers(np.float64))
    output = images_first(layer.forward(rows_first(images), CONTEXT))
    expected, places = loops.max_pool(images, size)
    np.testing.assert_array_equal(output, expected)
    gradient = generator.standard_normal(output.shape)
    found = images_first(layer.backward(rows_first(gradient)))
    np.testing.assert_array_equal(found, loops.max_pool_backward(images, places, gradient))


@pytest.mark.parametrize(("size", "image"), POOLINGS)
def test_mean_pooling_agrees_with_loops(size: int, image: tuple[int, int]) -> None:
    generator = np.random.default_rng(3)
    images = generator.standard_normal((3, 2, *image))
    layer = MeanPool2D(size, images.shape[1:], len(images), Buffers(np.float64))
    output = images_first(layer.forward(rows_first(images), CONTEXT))
    np.testing.assert_allclose(output, loops.mean_pool(images, size), atol=1e-12)
    gradient = generator.standard_normal(output.shape)
    found = images_first(layer.backward(rows_first(gradient)))
    for place in [(0, 0, 0, 0), (2, 1, -1, -1), (1, 1, image[0] // 2, image[1] // 2), (1, 0, -1, 0)]:
        moved = images.copy()
        moved[place] += 1  # the mean is linear
        expected = ((loops.mean_pool(moved, size) - loops.mean_pool(images, size)) * gradient).sum()
        assert found[place] == pytest.approx(expected, abs=1e-12)
    assert found.sum() == pytest.approx(gradient.sum(), abs=1e-9)


def test_ties_send_the_gradient_to_the_first_element() -> None:
    images = np.array([[0.0, 5, 5], [5, 0, 5], [5, 5, 5]]).reshape(1, 1, 3, 3)
    layer = MaxPool2D(3, (1, 3, 3), 1, Buffers(np.float64))
    layer.forward(rows_first(images), CONTEXT)
    expected = [[0, 1, 0], [0, 0, 0], [0, 0, 0]]
    assert images_first(layer.backward(np.ones((1, 1, 1, 1)))).reshape(3, 3).tolist() == expected


@given(st.integers(1, 6), st.integers(1, 9), st.integers(1, 9), st.integers(0, 2**32 - 1))
@settings(max_examples=50, deadline=None)
def test_pooling_conserves_the_sum_of_the_gradient(size: int, height: int, width: int, seed: int) -> None:
    generator = np.random.default_rng(seed)
    layer = MaxPool2D(size, (2, height, width), 3, Buffers(np.float64))
    output = layer.forward(generator.integers(0, 3, (height, 2, width, 3)).astype(float), CONTEXT)
    gradient = generator.standard_normal(output.shape)
    assert layer.backward(gradient).sum() == pytest.approx(gradient.sum(), abs=1e-9)


def test_relu_passes_what_is_positive() -> None:
    layer = ReLU((4,), 1, Buffers(np.float64))
    assert layer.forward(np.array([[-1.0], [0.0], [2.0], [-0.0]]), CONTEXT).ravel().tolist() == [0, 0, 2, 0]
    assert layer.backward(np.full((4, 1), 3.0)).ravel().tolist() == [0, 0, 3, 0]


def test_flattening_is_channel_major() -> None:
    images = np.arange(2 * 3 * 4 * 5.0).reshape(2, 3, 4, 5)
    layer = Flatten((3, 4, 5), 2, Buffers(np.float64))
    np.testing.assert_array_equal(layer.forward(rows_first(images), CONTEXT), images.reshape(2, -1).T)
    np.testing.assert_array_equal(images_first(layer.backward(images.reshape(2, -1).T)), images)


def test_a_fully_connected_layer_is_a_product_and_a_sum() -> None:
    layer = Dense(2, 3, 1, Buffers(np.float64))
    gradient = np.zeros(8)
    layer.bind(np.array([1.0, 2, 3, 4, 5, 6, 10, 20]), gradient)
    assert layer.forward(np.array([[1.0], [0], [2]]), CONTEXT).tolist() == [[17], [36]]
    assert layer.backward(np.array([[1.0], [-1]])).tolist() == [[-3], [-3], [-3]]
    layer.backward_parameters(np.array([[1.0], [-1]]))
    assert gradient.tolist() == [1, 0, 2, -1, 0, -2, 1, -1]


@pytest.mark.parametrize(
    ("layer", "text"),
    [
        (Conv2D(Convolution(8, 5), (1, 28, 28), 1, Buffers()), "C(8,5)"),
        (MaxPool2D(2, (1, 28, 28), 1, Buffers()), "P2"),
        (MeanPool2D(2, (1, 28, 28), 1, Buffers()), "A2"),
        (BatchNorm((1, 28, 28), 1, Buffers()), "BN"),
        (DropoutKernel(Dropout(0.25), (1, 28, 28), 1, Buffers()), "D(0.25)"),
        (Dense(10, 4, 1, Buffers()), "FC10"),
        (ReLU((1,), 1, Buffers()), "ReLU"),
        (Flatten((1, 2, 2), 1, Buffers()), "Flatten"),
    ],
)
def test_a_layer_reads_like_the_model_string(layer: object, text: str) -> None:
    assert repr(layer) == text


LAYERS: dict[str, Kernel] = {
    "convolution": Conv2D(Convolution(3, 3), (2, 6, 5), 4, Buffers()),
    "pooling": MaxPool2D(2, (2, 6, 5), 4, Buffers()),
    "mean pooling": MeanPool2D(2, (2, 6, 5), 4, Buffers()),
    "batch normalisation": BatchNorm((2, 6, 5), 4, Buffers()),
    "dropout": DropoutKernel(Dropout(0.25), (2, 6, 5), 4, Buffers()),
    "ReLU": ReLU((2, 6, 5), 4, Buffers()),
    "flatten": Flatten((2, 6, 5), 4, Buffers()),
    "dense": Dense(3, 6, 4, Buffers()),
}


@pytest.mark.parametrize("name", LAYERS)
def test_a_layer_writes_into_its_own_buffers_in_single_precision(name: str) -> None:
    layer, generator = LAYERS[name], np.random.default_rng(12)
    count = {"convolution": 57, "dense": 21, "batch normalisation": 4}.get(name, 0)
    layer.bind(np.ones(count, np.float32), np.zeros(count, np.float32))
    layer.bind_state(np.ones(4, np.float32))
    shape = (6, 4) if name == "dense" else (6, 2, 5, 4)
    outputs, gradients = [], []
    for _ in range(2):
        outputs.append(layer.forward(generator.random(shape, np.float32), TRAINING))
        gradients.append(layer.backward(generator.random(layer.output.shape, np.float32)))
    for first, second in (outputs, gradients):
        assert np.shares_memory(first, second)
        assert first.dtype == np.float32
