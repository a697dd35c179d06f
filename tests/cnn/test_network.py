"""The network as a whole: gradients, activations, memory."""

import tracemalloc

import numpy as np
import pytest

from cnn.architecture import output_shapes
from cnn.layer_info import LayerError
from cnn.layers.base import Context
from cnn.layers.convolution import Convolution
from cnn.layers.fully_connected import FullyConnected
from cnn.layers.pooling import Pooling
from cnn.loss import softmax
from cnn.model import Model
from cnn.network import Network
from cnn.random_numbers import RandomNumbers
from system.arrays import Array
from tests import loops

# Every layer kind; ragged pooling 11 -> 6; pooling first, twice, and with a window of its whole input; no pooling.
MODELS = [
    "C(3,3)-P2-C(2,3)-P2-C(2,3)-P2-FC7-FC10",
    "C(2,5)-P2-C(3,2)-P2-FC6-FC10",
    "C(2,9)-C(2,9)-FC10",
    "P2-C(2,3)-P5-FC10",
    "C(2,3)-P3-P2-FC5-FC10",
    "C(2,28)-P28-FC10",
    "C(3,3,p1)-P2-C(2,5,p2,s2)-P2-FC10",
    "C(2,3,s2)-C(2,2,p1)-FC10",
    "C(3,3)-BN-P2-A2-FC6-BN-D(0.3)-FC10",
    "A3-D(0.1)-C(2,3,p1)-BN-A2-C(2,2)-BN-C(4,2)-FC10",
    "FC10",
]


def made(model: str, images: int = 4, dtype: type = np.float64) -> Network:
    """A network with random weights and biases."""
    generator = np.random.default_rng(5)
    created = Model.create(model, generator, dtype=dtype)
    for arrays in created.arrays().values():
        if "bias" in arrays:
            arrays["bias"][...] = generator.normal(0, 0.1, arrays["bias"].shape)
        for name in ("gamma", "beta", "mean", "variance"):
            if name in arrays:
                arrays[name][...] = generator.uniform(0.5, 1.5, arrays[name].shape)
    return created.network(images)


def slope(
    network: Network, images: Array, upstream: Array, array: Array, place: tuple[int, ...], seed: int | None = None
) -> float:
    """
    Central difference of <logits, upstream> with respect to one number of an array; in training, with a seed.

    Ten times smaller steps leave rounding errors of the order of the bound where batch normalisation makes gradients
    small; ten times larger ones cross the kinks of ReLU and of maximum pooling.
    """
    before, values = array[place], []
    for step in (1e-5, -1e-5):
        array[place] = before + step
        values.append(network.forward(images, context(len(images), seed)).copy())
    array[place] = before
    return float(((values[0] - values[1]) * upstream).sum()) / 2e-5


def context(images: int, seed: int | None) -> Context:
    """What a pass over some images is for: training, with a seed, in two groups."""
    if seed is None:
        return Context()
    return Context(training=True, bounds=(0, 2, images), random=RandomNumbers(seed, 0, images))


@pytest.mark.parametrize("seed", [None, 3])
@pytest.mark.parametrize("model", MODELS)
def test_gradients_agree_with_central_differences(model: str, seed: int | None) -> None:
    network, generator = made(model, 5), np.random.default_rng(6)
    images, upstream = generator.random((4, 28, 28)), generator.standard_normal((10, 4))
    network.forward(images, context(4, seed))
    network.backward(upstream)
    gradient, images_gradient = network.gradient.copy(), network.input_gradient(upstream)

    places = generator.choice(gradient.size, min(gradient.size, 300), replace=False)
    expected = [slope(network, images, upstream, network.model.parameters, (place,), seed) for place in places]
    assert np.abs(gradient[places] - expected).max() <= 1e-6 * np.abs(expected).max()

    pixels = [tuple(generator.integers(0, images.shape)) for _ in range(150)]
    expected = [slope(network, images, upstream, images, pixel, seed) for pixel in pixels]
    found = [images_gradient[pixel] for pixel in pixels]
    assert np.any(expected)
    assert np.abs(np.array(found) - expected).max() <= 1e-6 * np.abs(expected).max()


def test_gradients_of_pixels_that_tie_go_one_way() -> None:
    """On a blank image every window ties: the gradient is that of the first element alone, and sums to the whole."""
    network = made("P2-FC10", images=1)
    upstream = np.random.default_rng(0).standard_normal((10, 1))
    network.forward(np.full((1, 28, 28), 0.5))
    gradient = network.input_gradient(upstream)[0]
    weight = network.model.arrays()[2]["weight"]
    np.testing.assert_allclose(gradient[::2, ::2], (weight.T @ upstream).reshape(14, 14), atol=1e-12)
    gradient[::2, ::2] = 0
    assert not gradient.any()


def test_activations_agree_with_loops_layer_by_layer() -> None:
    network = made("C(3,5)-P2-C(2,3)-P3-FC7-FC10")
    images = np.random.default_rng(7).integers(0, 256, (2, 28, 28), np.uint8)
    parameters = network.model.arrays()
    expected = images[:, np.newaxis] / 255
    for number, spec in enumerate(network.model.specs, 1):
        match spec:
            case Convolution():
                expected = np.maximum(
                    loops.convolve(expected, parameters[number]["weight"], parameters[number]["bias"]), 0
                )
            case Pooling():
                expected = loops.max_pool(expected, spec.pool_size)[0]
            case FullyConnected():
                weight, bias = parameters[number]["weight"], parameters[number]["bias"]
                expected = expected.reshape(2, -1) @ weight.T + bias
                last = number == len(network.model.specs)
                expected = softmax(expected.T).T if last else np.maximum(expected, 0)
        np.testing.assert_allclose(network.model.activations(images, number), expected, atol=1e-12)


@pytest.mark.parametrize("model", MODELS)
def test_activations_have_the_shapes_of_the_architecture(model: str) -> None:
    network = made(model, images=2)
    images = np.zeros((5, 28, 28), np.uint8)  # three passes, the last with one image
    for number, shape in enumerate(output_shapes(network.model.specs), 1):
        assert network.model.activations(images, number).shape == (5, *shape)


def test_an_image_is_read_the_same_alone_and_among_others() -> None:
    network = made("C(3,5)-P2-C(2,3)-P2-FC7-FC10", images=8)
    images = np.random.default_rng(8).integers(0, 256, (8, 28, 28), np.uint8)
    together = network.model.probabilities(images)
    network.model.probabilities(255 - images)
    np.testing.assert_allclose(network.model.probabilities(images[2:3]), together[2:3], rtol=1e-12)


@pytest.mark.parametrize("images", [np.zeros((3, 28, 28), np.uint8), np.zeros((1, 28, 28), np.int64)])
def test_too_many_images_and_other_integers_are_refused(images: Array) -> None:
    with pytest.raises(ValueError, match="A pass takes at most 2 images, uint8 or floats"):
        made("FC10", images=2).forward(images)


@pytest.mark.parametrize("layer", [0, -1, 4])
def test_a_layer_that_is_not_there_is_refused(layer: int) -> None:
    with pytest.raises(LayerError, match=f"numbered from 1 to 3: {layer} was given"):
        made("C(3,5)-P2-FC10").model.activations(np.zeros((1, 28, 28), np.uint8), layer)


def test_gradients_of_fewer_images_leave_out_the_blank_ones() -> None:
    small, large = made("C(3,5)-P2-FC10", images=2), made("C(3,5)-P2-FC10", images=5)
    generator = np.random.default_rng(9)
    images, upstream = generator.random((2, 28, 28)), generator.standard_normal((10, 2))
    large.forward(generator.random((5, 28, 28)))
    large.backward(generator.standard_normal((10, 5)))
    for network in (small, large):
        network.forward(images)
        network.backward(upstream)
    np.testing.assert_allclose(large.gradient, small.gradient, rtol=1e-10, atol=1e-12)


def test_float32_agrees_with_float64() -> None:
    images = np.random.default_rng(10).integers(0, 256, (4, 28, 28), np.uint8)
    model = "C(8,5)-P2-C(16,3)-P2-FC32-FC10"
    found = made(model, dtype=np.float32).model.probabilities(images)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, made(model).model.probabilities(images), atol=1e-5)


def test_initial_weights_have_the_variance_of_he() -> None:
    network = made("C(50,5)-P2-FC100-FC10")
    for weight in (arrays["weight"] for arrays in network.model.arrays().values()):
        assert weight.std() == pytest.approx(np.sqrt(2 / np.prod(weight.shape[1:])), rel=0.1)
    fresh = Model.create("C(50,5)-P2-FC100-FC10")
    assert not any(arrays["bias"].any() for arrays in fresh.arrays().values())


def test_forward_and_backward_allocate_little() -> None:
    """Buffers are made once; what remains are views and the losses' ten rows."""
    network = made("C(8,5)-P2-C(16,3)-P2-FC128-FC10", images=32, dtype=np.float32)
    images, upstream = np.zeros((32, 28, 28), np.uint8), np.zeros((10, 32), np.float32)
    tracemalloc.start()
    network.forward(images)
    network.backward(upstream)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 200_000


def test_a_network_says_what_it_is() -> None:
    assert repr(made("FC10", 3, np.float32)) == "Network(FC10, images=3, dtype=float32)"


@pytest.mark.parametrize("model", MODELS)
def test_gradients_from_every_layer_agree_with_central_differences(model: str) -> None:
    network, generator = made(model), np.random.default_rng(12)
    images = generator.random((3, 28, 28))
    for layer in range(1, len(network.model.specs) + 1):
        upstream = generator.standard_normal(network.forward_to(images, layer).shape)
        found = network.input_gradient_from(layer, upstream)
        expected, pixels = [], [tuple(generator.integers(0, images.shape)) for _ in range(40)]
        for pixel in pixels:
            values = []
            for step in (1e-6, -1e-6):
                moved = images.copy()
                moved[pixel] += step
                values.append(float((network.forward_to(moved, layer) * upstream).sum()))
            expected.append((values[0] - values[1]) / 2e-6)
        difference = np.abs([found[pixel] for pixel in pixels] - np.array(expected)).max()
        assert difference <= 1e-6 * max(np.abs(expected).max(), 1e-3), layer


def test_a_pass_to_a_layer_is_what_precedes_its_relu() -> None:
    network = made("C(3,5)-P2-C(2,3)-P3-FC7-FC10")
    images = np.random.default_rng(13).random((2, 28, 28))
    for layer in range(1, len(network.model.specs)):
        output = network.forward_to(images, layer)
        assert (output < 0).any()
        # Not to the bit: BLAS adds in another order for another number of columns, with some processors' kernels.
        np.testing.assert_allclose(np.maximum(output, 0), network.model.activations(images, layer), rtol=0, atol=1e-14)
    np.testing.assert_array_equal(network.forward_to(images, 6).copy(), network.forward(images).T)


def test_a_gradient_from_a_layer_is_that_of_its_images_alone() -> None:
    small, large = made("C(3,5)-P2-FC10", images=2), made("C(3,5)-P2-FC10", images=5)
    generator = np.random.default_rng(14)
    images, upstream = generator.random((2, 28, 28)), generator.standard_normal((2, 3, 24, 24))
    large.forward(generator.random((5, 28, 28)))
    gradients = []
    for network in (small, large):
        network.forward_to(images, 1)
        gradients.append(network.input_gradient_from(1, upstream))
    np.testing.assert_allclose(gradients[1], gradients[0], rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("layer", [0, 4])
def test_a_pass_to_a_layer_that_is_not_there_is_refused(layer: int) -> None:
    with pytest.raises(LayerError, match=f"numbered from 1 to 3: {layer} was given"):
        made("C(3,5)-P2-FC10").forward_to(np.zeros((1, 28, 28), np.uint8), layer)
