"""Channel images and reports."""

from dataclasses import replace

import numpy as np
import pytest

from cnn.model import Model
from feature_visualize.activations import Responses, responses
from feature_visualize.ascent import SETTINGS
from feature_visualize.channel_images import ChannelError, ChannelImage, check_channel, make_channel_images
from feature_visualize.channel_report import ChannelReport, make_report
from feature_visualize.objectives import WHOLE_LAYER
from feature_visualize.prior import Prior
from preprocessing.datasets import Dataset
from system.steps import Steps, finish

SHORT = replace(SETTINGS, steps=48)


def images(model: Model, layer: int, digits: Responses, prior: Prior, *channels: int) -> dict[int, ChannelImage]:
    groups = make_channel_images(model, layer, channels, digits, prior, 0, SHORT)
    return {each.channel: each for group in groups if isinstance(group, list) for each in group}


def test_they_beat_every_test_image(model: Model, data: Dataset, prior: Prior) -> None:
    for layer in (1, 2, 3):
        digits = finish(responses(model, layer, data.x_test))
        found = images(model, layer, digits, prior, 0, 1, 2, WHOLE_LAYER)
        assert list(found) == [0, 1, 2, WHOLE_LAYER]
        assert all(image.activation > image.highest for image in found.values())


def test_their_figures_are_those_of_their_images(model: Model, data: Dataset, prior: Prior) -> None:
    digits = finish(responses(model, 1, data.x_test))
    found = images(model, 1, digits, prior, 1, WHOLE_LAYER)
    for channel, image in found.items():
        means = model.activations(image.image[np.newaxis], 1)[0].mean(axis=(1, 2))
        test = model.activations(data.x_test, 1).mean(axis=(2, 3))
        expected = (means[1], test[:, 1].max()) if channel == 1 else (means.mean(), test.mean(axis=1).max())
        assert (image.activation, image.highest) == pytest.approx(expected, rel=1e-4)


def test_a_dead_channel_is_named_so_and_not_drawn(model: Model, data: Dataset, prior: Prior) -> None:
    found = images(model, 1, finish(responses(model, 1, data.x_test)), prior, 0, 3)
    assert (found[0].dead, found[3].dead) == (False, True)
    assert not found[3].image.any() and found[3].activation == 0


def test_a_layer_whose_channels_are_all_dead_is_dead_as_a_whole(model: Model, data: Dataset, prior: Prior) -> None:
    nothing = np.zeros((1, 4), np.float32)
    silent = Responses(nothing, nothing, nothing[0])
    whole = images(model, 1, silent, prior, WHOLE_LAYER)[WHOLE_LAYER]
    assert whole.dead and not whole.image.any()


def test_groups_come_as_they_are_finished_behind_the_dead(model: Model, data: Dataset, prior: Prior) -> None:
    digits = finish(responses(model, 1, data.x_test))
    steps = list(make_channel_images(model, 1, range(4), digits, prior, 0, SHORT, at_once=2))
    assert [[each.channel for each in group] for group in steps if isinstance(group, list)] == [[3], [0, 1], [2]]
    done = [each for each in steps if not isinstance(each, list)]
    assert done == sorted(done) and done[0] == pytest.approx(1 + 2 / 48) and done[-1] == 4


def test_what_stays_low_is_tried_again(model: Model, data: Dataset, prior: Prior) -> None:
    digits = finish(responses(model, 1, data.x_test))
    high = Responses(digits.means * np.array([1, 1e6, 1, 1], np.float32), digits.graded, digits.peaks)  # out of reach
    *steps, made = make_channel_images(model, 1, [0, 1], high, prior, 0, SHORT)
    assert isinstance(made, list)
    zero, one = made
    assert len(steps) == 3 * 48 and steps[47:] == [2.0] * 97
    assert one.activation <= one.highest
    np.testing.assert_array_equal(zero.image, images(model, 1, digits, prior, 0, 1)[0].image)


def noted(steps: Steps[ChannelReport], shares: list[float]) -> ChannelReport:
    """The result of some steps, of which each is noted."""
    result: list[ChannelReport] = []

    def run() -> Steps[None]:
        result.append((yield from steps))

    shares.extend(run())
    return result[0]


@pytest.mark.parametrize("channel", [-2, 4])
def test_a_channel_that_is_not_there_is_refused(model: Model, channel: int) -> None:
    with pytest.raises(ChannelError, match=f"from 0 to 3, and -1 is the layer as a whole: {channel} was given"):
        check_channel(model, 1, channel)


def test_a_report_of_a_first_convolution(model: Model, data: Dataset, prior: Prior) -> None:
    digits = finish(responses(model, 1, data.x_test))
    image = images(model, 1, digits, prior, 2)[2]
    shares: list[float] = []
    report = noted(make_report(model, image, digits, data.x_test, prior, 0, SHORT), shares)
    assert len(shares) == 96 and shares == sorted(shares) and shares[-1] == 1
    means = digits.means[:, 2]
    np.testing.assert_array_equal(report.example_activations, np.sort(means)[::-1][:9])
    np.testing.assert_array_equal(report.examples[0], data.x_test[means.argmax()])
    assert report.field is not None and report.filter is not None
    weight, bias = model.arrays()[1]["weight"], model.arrays()[1]["bias"]
    np.testing.assert_array_equal(report.filter, weight[2, 0])
    # The field is lit where the filter is above 0, and its figure is the product of both.
    best = np.maximum(weight[2, 0], 0).sum() + bias[2]
    assert 0.9 * best < report.field_activation <= best + 1e-5
    assert report.field_activation == pytest.approx((report.field / 255 * weight[2, 0]).sum() + bias[2], rel=1e-4)
    output = model.network(1).forward_to(report.least[np.newaxis], 1)[0, 2]
    assert report.least_activation == pytest.approx(output.mean(), rel=1e-4) and report.least_activation < 0


@pytest.mark.parametrize(("layer", "channel"), [(3, 5), (1, WHOLE_LAYER)])
def test_units_and_whole_layers_have_no_field_and_no_filter(
    model: Model, data: Dataset, prior: Prior, layer: int, channel: int
) -> None:
    digits = finish(responses(model, layer, data.x_test))
    report = finish(
        make_report(model, images(model, layer, digits, prior, channel)[channel], digits, data.x_test, prior, 0, SHORT)
    )
    assert report.field is None and report.filter is None
    assert report.least_activation < report.example_activations.min()
