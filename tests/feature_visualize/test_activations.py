"""Responses of channels."""

import numpy as np
import pytest

from cnn import Model
from cnn.layer_info import LayerError
from cnn.network import IMAGES_PER_PASS
from feature_visualize.activations import image_means, responses
from system.steps import finish


@pytest.fixture
def model() -> Model:
    return Model.create("C(4,5)-P3-FC6-FC10")


def test_they_are_means_and_peaks_of_the_activations(model: Model) -> None:
    images = np.random.default_rng(1).integers(0, 256, (8, 28, 28), np.uint8)
    for layer in (1, 2, 3):
        expected = model.activations(images, layer)
        found = finish(responses(model, layer, images))
        axes = tuple(range(2, expected.ndim))
        np.testing.assert_allclose(found.means, expected.mean(axis=axes), rtol=1e-5, atol=1e-6)
        np.testing.assert_array_equal(found.peaks, expected.max(axis=(0, *axes)))
        np.testing.assert_array_equal(found.highest, found.means.max(axis=0))


def test_what_normalisation_is_to_follow_has_no_relu_and_is_never_dead() -> None:
    model = Model.create("C(4,5)-BN-P3-D(0.5)-FC6-BN-FC10")
    images = np.random.default_rng(1).integers(0, 256, (8, 28, 28), np.uint8)
    assert [layer.rectified for layer in model.layers] == [False, True, True, True, False, True, False]
    for layer in (1, 5):
        output = model.activations(images, layer)
        assert (output < 0).any()
        found = finish(responses(model, layer, images))
        np.testing.assert_allclose(found.means, output.mean(axis=tuple(range(2, output.ndim))), rtol=1e-4, atol=1e-5)
        assert (found.means < 0).any() and not found.dead.any()
        np.testing.assert_allclose(image_means(model, layer, images[2]), found.means[2], rtol=1e-4, atol=1e-5)
    for layer in (2, 3, 4, 6):
        assert (model.activations(images, layer) >= 0).all()


def test_the_last_layer_answers_in_logits(model: Model) -> None:
    images = np.random.default_rng(1).integers(0, 256, (2, 28, 28), np.uint8)
    np.testing.assert_array_equal(finish(responses(model, 4, images)).means, model.logits(images))


def test_a_channel_that_nothing_excites_is_dead(model: Model) -> None:
    model.arrays()[1]["bias"][2] = -1000
    images = np.random.default_rng(1).integers(0, 256, (5, 28, 28), np.uint8)
    assert finish(responses(model, 1, images)).dead.tolist() == [False, False, True, False]


def test_what_does_not_excite_a_unit_is_graded_by_how_far_it_is_from_it(model: Model) -> None:
    images = np.random.default_rng(1).integers(0, 256, (8, 28, 28), np.uint8)
    found = finish(responses(model, 3, images))
    output = model.network(8).forward_to(images, 3)
    assert (output < 0).any() and (output > 0).any()
    np.testing.assert_allclose(found.graded, output, rtol=1e-5)
    maps = finish(responses(model, 1, images))
    np.testing.assert_array_equal(maps.graded, maps.means)


def test_there_is_one_mean_for_each_channel(model: Model) -> None:
    images = np.zeros((1, 28, 28), np.uint8)
    assert [finish(responses(model, layer, images)).means.shape[1] for layer in (1, 2, 3, 4)] == [4, 4, 6, 10]


def test_its_steps_count_images(model: Model) -> None:
    images = np.zeros((IMAGES_PER_PASS + 6, 28, 28), np.uint8)
    assert list(responses(model, 1, images)) == [IMAGES_PER_PASS, IMAGES_PER_PASS + 6]


def test_one_image_has_the_same_means_and_a_network_can_be_used_again(model: Model) -> None:
    images = np.random.default_rng(1).integers(0, 256, (3, 28, 28), np.uint8)
    network = model.network(2)
    for layer in (1, 2, 3, 4):
        expected = finish(responses(model, layer, images)).means
        np.testing.assert_allclose(image_means(model, layer, images[2]), expected[2], rtol=1e-5, atol=1e-6)
        np.testing.assert_allclose(finish(responses(model, layer, images, network)).means, expected, rtol=1e-5)


def test_a_layer_that_is_not_there_is_refused(model: Model) -> None:
    with pytest.raises(LayerError, match="from 1 to 4: 5 was given"):
        next(responses(model, 5, np.zeros((1, 28, 28), np.uint8)))
