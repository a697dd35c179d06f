"""Responses of channels."""

import numpy as np
import pytest

from cnn.architecture import parse
from cnn.network import Network
from feature_visualize.activations import channel_count, responses

MODEL = "C(4,5)-P3-FC6-FC10"


@pytest.fixture
def network() -> Network:
    made = Network(parse(MODEL), 3)
    made.initialize(np.random.default_rng(0))
    return made


def test_they_are_means_and_peaks_of_the_activations(network: Network) -> None:
    images = np.random.default_rng(1).integers(0, 256, (7, 28, 28), np.uint8)
    for layer in (1, 2, 3):
        expected = network.activations(images, layer)
        found = responses(network, layer, images)
        axes = tuple(range(2, expected.ndim))
        np.testing.assert_allclose(found.means, expected.mean(axis=axes), rtol=1e-5, atol=1e-6)
        np.testing.assert_array_equal(found.peaks, expected.max(axis=(0, *axes)))
        np.testing.assert_array_equal(found.highest, found.means.max(axis=0))


def test_the_last_layer_answers_in_logits(network: Network) -> None:
    images = np.random.default_rng(1).integers(0, 256, (2, 28, 28), np.uint8)
    np.testing.assert_array_equal(responses(network, 4, images).means, network.forward(images).T)


def test_a_channel_that_nothing_excites_is_dead(network: Network) -> None:
    network.layer_parameters()[1][1][2] = -1000
    images = np.random.default_rng(1).integers(0, 256, (5, 28, 28), np.uint8)
    assert responses(network, 1, images).dead.tolist() == [False, False, True, False]


def test_channels_are_counted_by_layer(network: Network) -> None:
    assert [channel_count(network, layer) for layer in (1, 2, 3, 4)] == [4, 4, 6, 10]


def test_progress_counts_images(network: Network) -> None:
    seen: list[int] = []
    responses(network, 1, np.zeros((7, 28, 28), np.uint8), seen.append)
    assert seen == [3, 6, 7]
