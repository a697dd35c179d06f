"""The figure of what an image excites every channel of a layer to."""

import numpy as np
import pytest

from cnn.model import Model
from figures.means import draw_means, spread, tick_channels


@pytest.mark.parametrize("channels", [1, 4, 10, 16, 33, 64, 128, 512, 5000])
def test_only_channels_that_there_are_have_a_number_on_the_axis(channels: int) -> None:
    ticks = tick_channels(channels)
    assert ticks[0] == 0 and ticks[-1] < channels and len(ticks) <= 16
    figure = draw_means(Model.create(f"FC{channels}-FC10"), 1, np.ones(channels), [0])
    low, high = figure.axes[0].get_xlim()
    assert low > -1 and high < channels
    assert figure.axes[0].get_xticks().tolist() == list(ticks)


def test_names_are_moved_apart_as_little_as_needed() -> None:
    assert spread([0.2, 0.5, 0.9], 0.1) == pytest.approx([0.2, 0.5, 0.9])
    assert spread([0.5, 0.5, 0.5], 0.1) == pytest.approx([0.5, 0.6, 0.7])
    assert spread([0, 0.98, 0.99], 0.1) == pytest.approx([0.05, 0.85, 0.95])


def test_marked_channels_have_their_names_and_values_in_order_and_none_collide() -> None:
    means = np.zeros(64)
    means[[30, 31, 32, 33, 63]] = [5, 4, 3, 2, 1]
    axes = draw_means(Model.create("FC64-FC10"), 1, means, [30, 31, 32, 33, 63]).axes[0]
    names = [text for text in axes.texts if text.get_text().split("\n")[0].isdecimal()]
    assert [text.get_text() for text in names] == ["30\n5.00", "31\n4.00", "32\n3.00", "33\n2.00", "63\n1.00"]
    assert (np.diff([text.xyann[0] for text in names]) > 0.07 * 64).all()
    assert [text.xy for text in names] == [(30, 5), (31, 4), (32, 3), (33, 2), (63, 1)]


def test_the_classes_have_their_names() -> None:
    model = Model.create("FC3", class_names=["ant", "bee", "cat"])
    axes = draw_means(model, 1, np.array([-1.0, 2, 0]), [1]).axes[0]
    assert [label.get_text() for label in axes.get_xticklabels()] == ["ant", "bee", "cat"]
    assert axes.texts[0].get_text() == "bee\n2.00" or axes.texts[1].get_text() == "bee\n2.00"
