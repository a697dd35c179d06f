"""The kernels of pooled convolutions against the plain ones, which are tested against loops."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cnn.architecture import parse
from cnn.buffers import Buffers
from cnn.layers.base import Context
from cnn.layers.convolution import Convolution
from cnn.layers.convolution_kernel import Conv2D
from cnn.layers.even_odd import EvenOddConvolution, EvenOddMaxPool2D, EvenOddPooling, with_even_odd
from cnn.layers.even_odd_convolution import EvenOddConv2D
from cnn.layers.pooling import MaxPool2D
from cnn.layers.relu import ReLU
from cnn.model import Model
from cnn.network import Network
from cnn.plan import plan
from system.arrays import Array

CONTEXT = Context(training=True)


def both(
    spec: Convolution, shape: tuple[int, int, int], images: int, dtype: type, numbers: str
) -> list[tuple[Array, Array, Array]]:
    """Outputs, gradients of the inputs and of the parameters: of the plain kernels, and of those with columns apart."""
    generator, buffers = np.random.default_rng(5), Buffers(dtype)
    channels, height, width = shape
    filters, *_ = convolved = spec.output_shape(shape)
    pooled = filters, -(-convolved[1] // 2), -(-convolved[2] // 2)
    count = filters * (channels * spec.kernel_size**2 + 1)

    def draw(shape: tuple[int, ...]) -> Array:
        values = generator.integers(-1, 2, shape) if numbers == "many ties" else generator.standard_normal(shape)
        return values.astype(dtype)

    inputs, parameters = draw((height, channels, width, images)), draw((count,))
    upstream = draw((pooled[1], filters, pooled[2], images))
    found = []
    plain = Conv2D(spec, shape, images, buffers), MaxPool2D(2, convolved, images, buffers)
    apart = EvenOddConv2D(spec, shape, images, buffers), EvenOddMaxPool2D(convolved, images, buffers)
    for kernels in ((*plain, ReLU(pooled, images, buffers)), apart):
        own: Array = np.zeros(count, dtype)
        kernels[0].bind(parameters, own)
        for _ in range(2):  # the second time, nothing of the first is left
            output, gradient = inputs, upstream
            for kernel in kernels:
                output = kernel.forward(output, CONTEXT)
            for kernel in reversed(kernels[1:]):
                gradient = kernel.backward(gradient)
            kernels[0].backward_parameters(gradient)
            gradient = kernels[0].backward(gradient)
        found.append((output.copy(), gradient.copy(), own))
    return found


SHAPES = [(1, 28, 28), (3, 4, 4), (2, 5, 5), (2, 4, 5), (1, 5, 4), (2, 3, 3), (3, 3, 4)]


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("size", [1, 2, 3])
@pytest.mark.parametrize("numbers", ["any", "many ties"])
def test_they_compute_what_the_plain_kernels_compute(shape: tuple[int, int, int], size: int, numbers: str) -> None:
    for padding in range(size):
        plain, apart = both(Convolution(4, size, padding), shape, 3, np.float64, numbers)
        for expected, found in zip(plain, apart, strict=True):
            np.testing.assert_allclose(found, expected, rtol=1e-10, atol=1e-10)


@settings(max_examples=60)
@given(st.integers(1, 4), st.integers(0, 3), st.integers(1, 3), st.integers(0, 5), st.integers(0, 5), st.integers(1, 9))
def test_they_do_so_for_any_size(size: int, padding: int, channels: int, rows: int, columns: int, images: int) -> None:
    spec = Convolution(3, size, min(padding, size - 1))
    plain, apart = both(spec, (channels, size + rows, size + columns), images, np.float64, "many ties")
    for expected, found in zip(plain, apart, strict=True):
        np.testing.assert_array_equal(found, expected)  # whole numbers, so sums are exact in any order


def test_large_products_in_parts_are_the_same() -> None:
    plain, apart = both(Convolution(32, 3), (16, 13, 13), 64, np.float32, "any")
    for expected, found in zip(plain, apart, strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-3)


def test_they_are_taken_where_pooling_by_2_follows_a_convolution() -> None:
    changed = [type(spec).__name__ for spec in with_even_odd(parse("C(4,5)-P2-C(4,3)-P3-C(4,1)-C(4,1)-P2-P2-FC10"))]
    apart = [EvenOddConvolution.__name__, EvenOddPooling.__name__]
    assert changed == [*apart, "Convolution", "Pooling", "Convolution", *apart, "Pooling", "FullyConnected"]
    assert [str(spec) for spec in with_even_odd(parse("C(4,5,p2)-P2-FC10"))] == ["C(4,5,p2)", "P2", "FC10"]
    strided = parse("C(4,5,s2)-P2-FC10")
    assert with_even_odd(strided) == strided


class Other(Convolution):
    """A convolution of somebody else."""


def test_another_kind_of_convolution_keeps_its_kernel() -> None:
    pooling = parse("C(4,5)-P2-FC10")[1]
    assert with_even_odd((Other(4, 5), pooling)) == (Other(4, 5), pooling)


@pytest.mark.parametrize("string", ["C(8,5)-P2-C(16,3,p1)-P2-FC128-FC10", "C(4,3)-C(4,4)-P2-C(5,2)-P2-P2-FC10"])
def test_a_network_computes_the_same_with_and_without_them(string: str) -> None:
    generator = np.random.default_rng(3)
    model = Model.create(string, dtype=np.float64)
    images, upstream = generator.random((7, 28, 28)), generator.standard_normal((10, 7))
    results = []
    for fast in (True, False):
        network = Network(model, 9, fast)
        logits = network.forward(images, CONTEXT).copy()
        network.backward(upstream)
        results.append((logits, network.gradient, network.input_gradient(upstream)))
    for found, expected in zip(*results, strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-12)


def test_a_pass_to_a_layer_takes_the_plain_kernels() -> None:
    model = Model.create("C(3,5)-P2-FC10", dtype=np.float64)
    images, upstream = np.random.default_rng(3).random((2, 28, 28)), np.ones((2, 3, 24, 24))
    fast, plain = Network(model, 2), Network(model, 2, fast=False)
    for layer in (1, 2, 3):
        np.testing.assert_array_equal(fast.forward_to(images, layer), plain.forward_to(images, layer))
    for network in (fast, plain):
        network.forward_to(images, 1)
    found = fast.input_gradient_from(1, upstream)
    np.testing.assert_array_equal(found, plain.input_gradient_from(1, upstream))


@pytest.mark.parametrize("string", ["C(4,5)-P2-FC10", "C(16,3)-P2-C(32,3,p2)-P2-FC10", "P2-C(5,4)-P2-FC10"])
def test_the_memory_that_is_told_is_the_memory_that_is_taken(string: str) -> None:
    for operation in plan(parse(string), fast=True):
        buffers = Buffers()
        operation.build(64, buffers)
        if operation.number < len(parse(string)):
            assert 4 * operation.buffer_size(64) == pytest.approx(buffers.taken, rel=0.1, abs=5_000), operation


@pytest.mark.parametrize(
    ("shape", "filters", "size"), [((1, 28, 28), 16, 3), ((16, 13, 13), 32, 3), ((1, 28, 28), 8, 5)]
)
def test_equal_patches_are_ties_to_the_last_bit(shape: tuple[int, int, int], filters: int, size: int) -> None:
    generator, buffers, images = np.random.default_rng(8), Buffers(np.float32), 64
    channels, height, width = shape
    inputs = np.broadcast_to(generator.random((channels, 1, images), np.float32), (height, channels, width, images))
    kernel = EvenOddConv2D(Convolution(filters, size), shape, images, buffers)
    pooling = EvenOddMaxPool2D((filters, height - size + 1, width - size + 1), images, buffers)
    count = filters * (channels * size * size + 1)
    kernel.bind(np.abs(generator.standard_normal(count, np.float32)), np.empty(count, np.float32))
    pooling.forward(kernel.forward(inputs, CONTEXT), CONTEXT)
    even, odd = pooling.backward(np.ones_like(pooling.output))
    assert even[0::2].all() and not even[1::2].any() and not odd.any()
