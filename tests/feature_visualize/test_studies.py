"""What there is of one channel: diverse images, the spectrum of test digits, and its partners."""

from dataclasses import replace

import numpy as np
import pytest

from cnn.model import Model
from feature_visualize.activations import Responses, responses
from feature_visualize.ascent import SETTINGS
from feature_visualize.channel_images import ChannelImage, make_channel_images
from feature_visualize.diverse_images import IMAGES, make_diverse_images
from feature_visualize.diversity import similarity_gradient
from feature_visualize.interaction import find_partners, make_interactions
from feature_visualize.objectives import WHOLE_LAYER
from feature_visualize.prior import Prior, fit_prior
from feature_visualize.spectrum import DIGITS, LEVELS, find_spectrum
from preprocessing.datasets import Dataset
from preprocessing.mnist import load_mnist
from routines.places import PLACES
from system.steps import finish

SHORT = replace(SETTINGS, steps=48)


@pytest.fixture(scope="module")
def digits(model: Model, data: Dataset) -> Responses:
    return finish(responses(model, 1, data.x_test))


@pytest.fixture(scope="module")
def made(model: Model, digits: Responses, prior: Prior) -> ChannelImage:
    *_, group = make_channel_images(model, 1, [0], digits, prior, 0, SHORT)
    assert isinstance(group, list)
    return group[0]


def test_diverse_images_excite_the_channel_and_differ(
    model: Model, made: ChannelImage, digits: Responses, prior: Prior
) -> None:
    found = finish(make_diverse_images(model, made, prior, 0, SHORT))
    assert found.images.shape == (IMAGES, 28, 28) and found.channel_image is made
    expected = model.activations(found.images, 1)[:, 0].mean(axis=(1, 2))
    np.testing.assert_allclose(found.activations, expected, rtol=1e-4)
    assert (found.activations > np.median(digits.means[:, 0])).all()
    assert len({image.tobytes() for image in found.images}) == IMAGES


def test_diverse_images_of_a_shipped_model_are_unlike_and_above_every_test_digit() -> None:
    model, layer, unit = Model.load(PLACES.weights / "weight_detailsC(8,5)-P2-C(16,3)-P2-FC128-FC10.npz"), 5, 21
    images = load_mnist().x_test
    highest = float(finish(responses(model, layer, images)).highest[unit])
    black = np.zeros((28, 28), np.uint8)

    def similarity(highest: float) -> tuple[float, float]:
        made = ChannelImage(layer, unit, black, 2 * highest, highest)
        found = finish(make_diverse_images(model, made, fit_prior(images), 0))
        similarities, _ = similarity_gradient(model.activations(found.images, layer)[:, :, np.newaxis])
        return float(similarities[np.triu_indices(IMAGES, 1)].mean()), float(found.activations.min())

    apart, lowest = similarity(highest)
    assert lowest > highest
    # What would have to excite it ten times as much never gives way.
    assert apart < 0.6 * similarity(10 * highest)[0]


def test_a_spectrum_goes_from_the_least_to_the_most_in_equal_steps(
    model: Model, data: Dataset, digits: Responses
) -> None:
    for channel in (1, WHOLE_LAYER):
        found = find_spectrum(digits, channel, data.x_test)
        outputs = model.activations(data.x_test, 1)
        values = outputs[:, 1].mean(axis=(1, 2))
        if channel == WHOLE_LAYER:
            values = outputs.mean(axis=(1, 2, 3))
        np.testing.assert_allclose(found.values, values, rtol=1e-3, atol=1e-6)
        assert found.examples.shape == (LEVELS, DIGITS, 28, 28)
        np.testing.assert_array_equal(found.examples[0, 0], data.x_test[values.argmin()])
        np.testing.assert_array_equal(found.examples[-1, 0], data.x_test[values.argmax()])
        steps = np.diff(found.levels)
        assert steps == pytest.approx(np.full(LEVELS - 1, steps[0]), rel=1e-4)
        gaps = np.abs(found.values - found.levels[3])
        assert found.example_values[3, 0] == found.values[gaps.argmin()]


def test_partners_are_those_that_go_with_a_channel_most_and_least() -> None:
    before = np.random.default_rng(0).normal(size=(50, 5)).astype(np.float32)
    before[:, 1] = before[:, 0] + 0.1 * before[:, 1]
    before[:, 3] = 0.2 * before[:, 3] - before[:, 0]
    before[:, 4] = before[:, 0]  # dead
    peaks = np.array([1, 1, 1, 1, 0], np.float32)
    (most, high), (least, low) = find_partners(Responses(before, before, peaks), 0)
    assert (most, least) == (1, 3)
    expected = np.corrcoef(before.T)[0]
    assert (high, low) == pytest.approx((expected[1], expected[3]), abs=1e-5)
    ((only, _),) = find_partners(Responses(before[:, :2], before[:, :2], peaks[:2]), 0)
    assert only == 1
    assert find_partners(Responses(before[:, :1], before[:, :1], peaks[:1]), 0) == []


def test_two_channels_are_excited_in_one_image(
    model: Model, made: ChannelImage, digits: Responses, prior: Prior
) -> None:
    found = finish(make_interactions(model, made, digits, prior, 0, SHORT))
    assert [(each.channel, each.other) for each in found] == [(0, other) for other, _ in find_partners(digits, 0)]
    for each in found:
        np.testing.assert_array_equal(each.images[0], made.image)
        expected = model.activations(each.images, 1)[:, [each.channel, each.other]].mean(axis=(2, 3))
        np.testing.assert_allclose(each.activations, expected, rtol=1e-4, atol=1e-6)
        relative = each.activations / digits.highest[[each.channel, each.other]]
        assert relative[1].sum() > max(relative[0].sum(), relative[2].sum()) - 0.1


def test_a_channel_without_others_has_no_partners(model: Model, made: ChannelImage, prior: Prior) -> None:
    ones = np.ones((3, 1), np.float32)
    alone = Responses(ones, ones, ones[0])
    assert finish(make_interactions(model, made, alone, prior, 0, SHORT)) == []
