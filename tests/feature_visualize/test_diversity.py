"""Diversity: how alike images are in a layer's activations, and how to make them less so."""

import numpy as np
import pytest

from cnn.model import Model
from feature_visualize.diversity import image_gradient, similarity_gradient


def total(activations: np.ndarray) -> float:
    """The similarity of all pairs of different images, each counted once."""
    return float(np.triu(similarity_gradient(activations)[0], 1).sum())


def test_images_are_alike_where_the_same_channels_fire_together_wherever_they_do() -> None:
    first = np.zeros((2, 3, 4))
    first[0, :2, 1], first[1, :2, 3] = 1, 5
    assert similarity_gradient(first)[0] == pytest.approx(np.ones((2, 2)))
    first[1] = 0
    first[1, 2, 1] = 1
    assert similarity_gradient(first)[0] == pytest.approx(np.eye(2))


@pytest.mark.parametrize("shape", [(3, 4, 5), (2, 6, 1)])
def test_the_gradient_agrees_with_differences(shape: tuple[int, int, int]) -> None:
    activations = np.random.default_rng(0).random(shape)
    _, gradient = similarity_gradient(activations)
    for place in [(0, 0, 0), (1, 3, shape[2] - 1), (shape[0] - 1, 2, 0)]:
        more, less = activations.copy(), activations.copy()
        more[place] += 1e-6
        less[place] -= 1e-6
        assert gradient[place] == pytest.approx((total(more) - total(less)) / 2e-6, rel=1e-4, abs=1e-9)


@pytest.mark.parametrize(("layer", "similar_in"), [(1, 1), (2, 2), (3, 2)])
def test_the_gradient_of_images_is_that_of_the_layer_or_of_the_one_before_the_last(layer: int, similar_in: int) -> None:
    model = Model.create("C(4,5)-FC6-FC10", dtype=np.float64)
    network = model.network(2)
    images = np.random.default_rng(0).random((2, 28, 28))
    gradient = image_gradient(network, images, layer).copy()

    def value(shown: np.ndarray) -> float:
        output = np.maximum(network.forward_to(shown, similar_in), 0)
        return total(output.reshape(*output.shape[:2], -1))

    for place in [(0, 14, 14), (1, 5, 20)]:
        more, less = images.copy(), images.copy()
        more[place] += 1e-5
        less[place] -= 1e-5
        assert gradient[place] == pytest.approx((value(more) - value(less)) / 2e-5, rel=1e-3, abs=1e-9)
