"""Portraits and studies of channels."""

from dataclasses import replace

import numpy as np
import pytest

from cnn.network import Network
from cnn.weights import WeightFile
from feature_visualize.activations import Responses, responses
from feature_visualize.ascent import SETTINGS
from feature_visualize.portraits import ChannelError, Portrait, check_channel, make_portraits
from feature_visualize.study import make_study
from feature_visualize.targets import WHOLE_LAYER
from preprocessing.mnist import Dataset

SHORT = replace(SETTINGS, steps=48)


def portraits(network: Network, layer: int, digits: Responses, *channels: int) -> dict[int, Portrait]:
    groups = make_portraits(network, layer, channels, digits, 0, SHORT)
    return {portrait.channel: portrait for group in groups for portrait in group}


def test_they_beat_every_test_image(weights: WeightFile, data: Dataset) -> None:
    for layer in (1, 2, 3):
        digits = responses(weights.network(), layer, data.x_test)
        found = portraits(weights.network(3), layer, digits, 0, 1, 2, WHOLE_LAYER)
        assert list(found) == [0, 1, 2, WHOLE_LAYER]
        assert all(portrait.activation > portrait.highest for portrait in found.values())


def test_their_figures_are_those_of_their_images(network: Network, data: Dataset) -> None:
    digits = responses(network, 1, data.x_test)
    found = portraits(network, 1, digits, 1, WHOLE_LAYER)
    for channel, portrait in found.items():
        means = network.activations(portrait.image[np.newaxis], 1)[0].mean(axis=(1, 2))
        test = network.activations(data.x_test, 1).mean(axis=(2, 3))
        expected = (means[1], test[:, 1].max()) if channel == 1 else (means.mean(), test.mean(axis=1).max())
        assert (portrait.activation, portrait.highest) == pytest.approx(expected, rel=1e-4)


def test_a_dead_channel_is_named_so_and_not_drawn(network: Network, data: Dataset) -> None:
    found = portraits(network, 1, responses(network, 1, data.x_test), 0, 3)
    assert (found[0].dead, found[3].dead) == (False, True)
    assert not found[3].image.any() and found[3].activation == 0


def test_a_layer_whose_channels_are_all_dead_is_dead_as_a_whole(network: Network, data: Dataset) -> None:
    silent = Responses(np.zeros((1, 4), np.float32), np.zeros(4, np.float32))
    ((whole,),) = make_portraits(network, 1, [WHOLE_LAYER], silent, 0, SHORT)
    assert whole.dead and not whole.image.any()


def test_what_stays_low_is_tried_again(network: Network, data: Dataset) -> None:
    digits = responses(network, 1, data.x_test)
    high = Responses(digits.means * np.array([1, 1e6, 1, 1], np.float32), digits.peaks)  # out of reach
    steps: list[float] = []
    ((zero, one),) = make_portraits(network, 1, [0, 1], high, 0, SHORT, steps.append)
    assert len(steps) == 3 * 48 and steps[47:] == [2.0] * 97
    assert one.activation <= one.highest
    np.testing.assert_array_equal(zero.image, portraits(network, 1, digits, 0, 1)[0].image)


@pytest.mark.parametrize("channel", [-2, 4])
def test_a_channel_that_is_not_there_is_refused(network: Network, channel: int) -> None:
    with pytest.raises(ChannelError, match=f"from 0 to 3, and -1 is the layer as a whole: {channel} was given"):
        check_channel(network, 1, channel)


def test_a_study_of_a_first_convolution(network: Network, data: Dataset) -> None:
    digits = responses(network, 1, data.x_test)
    portrait = portraits(network, 1, digits, 2)[2]
    shares: list[float] = []
    study = make_study(network, portrait, digits, data.x_test, 0, SHORT, shares.append)
    assert len(shares) == 96 and shares == sorted(shares) and shares[-1] == 1
    means = digits.means[:, 2]
    np.testing.assert_array_equal(study.example_activations, np.sort(means)[::-1][:9])
    np.testing.assert_array_equal(study.examples[0], data.x_test[means.argmax()])
    assert study.field is not None and study.filter is not None
    weight, bias = network.layer_parameters()[1]
    np.testing.assert_array_equal(study.filter, weight[2, 0])
    # The field is lit where the filter is above 0, and its figure is the product of both.
    best = np.maximum(weight[2, 0], 0).sum() + bias[2]
    assert 0.9 * best < study.field_activation <= best + 1e-5
    assert study.field_activation == pytest.approx((study.field / 255 * weight[2, 0]).sum() + bias[2], rel=1e-4)
    output = network.forward_to(study.least[np.newaxis], 1)[0, 2]
    assert study.least_activation == pytest.approx(output.mean(), rel=1e-4) and study.least_activation < 0


@pytest.mark.parametrize(("layer", "channel"), [(3, 5), (1, WHOLE_LAYER)])
def test_units_and_whole_layers_have_no_field_and_no_filter(
    network: Network, data: Dataset, layer: int, channel: int
) -> None:
    digits = responses(network, layer, data.x_test)
    study = make_study(network, portraits(network, layer, digits, channel)[channel], digits, data.x_test, 0, SHORT)
    assert study.field is None and study.filter is None
    assert study.least_activation < study.example_activations.min()
