"""Figures of all channels of a layer."""

import numpy as np
import pytest

from cnn.model import Model
from feature_visualize.channel_images import ChannelImage
from figures.atlas import PAGE, draw_atlas, draw_filters, pages_of

BLACK = np.zeros((28, 28), np.uint8)


def channel_images(layer: int, channels: int) -> list[ChannelImage]:
    return [ChannelImage(layer, channel, BLACK, 3.0, 1.5, dead=channel == 1) for channel in range(channels)]


def test_the_filters_are_the_weights_of_the_first_layer() -> None:
    model = Model.create("C(4,5)-P4-FC10", seed=0)
    filters = model.arrays()[1]["weight"][:, 0]
    figure = draw_filters(model)
    assert [axes.get_title() for axes in figure.axes] == ["0", "1", "2", "3"]
    for axes, each in zip(figure.axes, filters, strict=True):
        np.testing.assert_array_equal(axes.images[0].get_array(), each)
        assert axes.images[0].get_clim() == pytest.approx((-np.abs(filters).max(), np.abs(filters).max()))


def test_an_atlas_says_which_channels_are_dead_and_where_it_was_interrupted() -> None:
    figure = draw_atlas(Model.create("C(4,5)-P4-FC10"), 1, channel_images(1, 3), range(4))
    assert [text.get_text() for text in figure.texts] == [
        "Layer 1, C(4,5): what excites each channel most",
        "C(4,5)-P4-FC10; to the right, how many times as much as the strongest test digit; 1 of 4 channels are dead; "
        "interrupted after 3",
    ]
    assert [text.get_text() for text in figure.axes[0].texts] == ["0", "2.0x", "1", "dead", "2", "2.0x"]


def test_a_page_has_its_channels_and_says_which() -> None:
    pages = pages_of(PAGE + 6)
    assert pages == [range(PAGE), range(PAGE, PAGE + 6)]
    figure = draw_atlas(Model.create("FC70-FC10"), 1, channel_images(1, PAGE + 6), pages[1])
    assert figure.texts[0].get_text() == "Layer 1, FC70, units 64 to 69: what excites each unit most"
    assert [text.get_text() for text in figure.axes[0].texts[::2]] == ["64", "65", "66", "67", "68", "69"]


def test_the_units_of_the_last_layer_have_the_names_of_the_classes() -> None:
    model = Model.create("FC12", class_names=[f"class {letter}" for letter in "ABCDEFGHIJKL"])
    atlas = draw_atlas(model, 1, channel_images(1, 12), range(12))
    assert atlas.texts[0].get_text() == "Layer 1, FC12: what excites each class most"
    # They leave no room beside them.
    assert atlas.texts[1].get_text() == "FC12; 1 of 12 classes are dead"
    assert [text.get_text() for text in atlas.axes[0].texts[:4]] == ["class A", "class B", "dead", "class C"]
