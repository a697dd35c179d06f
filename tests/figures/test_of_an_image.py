"""Figures about a given image: where it excites channels, what layers make of it, why it is read as it is."""

from dataclasses import replace

import numpy as np
import pytest

from cnn.model import Model
from feature_visualize.attribution import Reasons
from feature_visualize.channel_images import ChannelImage
from feature_visualize.firing import find_firing
from figures.collage import draw_collage
from figures.explanation import draw_reasons
from figures.maps import draw_maps

IMAGE = np.zeros((28, 28), np.uint8)
IMAGE[8:20, 12:16] = 255


@pytest.mark.parametrize("layer", [1, 2, 3, 4])
def test_a_collage_has_where_each_channel_fires_beside_its_picture(layer: int) -> None:
    model = Model.create("C(4,5)-P4-FC6-FC10")
    made = [ChannelImage(layer, channel, IMAGE, 2, 1, dead=channel == 2) for channel in range(3)]
    firings = [find_firing(model.network(), IMAGE, layer, each.channel) for each in made]
    figure = draw_collage(model, IMAGE, made, np.arange(12) / 100, firings)
    words = [text.get_text().replace("\n", " ") for text in figure.texts]
    unit = model.layer(layer).unit
    name = f"{unit[:1].upper()}{unit[1:]}"
    assert f"{name} 1: this image excites it to 0.0100; the strongest test digit 1.00; the best picture 2.00." in words
    assert f"{name} 2 is dead: no test digit excites it." in words
    assert words.count("where the image excites it") == 3 and words.count("its best picture") == 2
    # The image, what the colours are, and three pairs.
    assert len(figure.axes) == 2 + 2 * 3


def test_every_map_has_its_number_and_no_space_is_left_of_dead_ones() -> None:
    model = Model.create("C(18,5)-P4-FC70-FC10")
    outputs = [model.activations(IMAGE, each.number)[0] for each in model.layers]
    figure = draw_maps(model, IMAGE, outputs)
    _, first, pooled, units, probabilities = figure.axes
    assert [text.get_text() for text in first.texts] == [str(number) for number in range(18)]
    assert [text.get_text() for text in pooled.texts] == [str(number) for number in range(18)]
    assert [text.get_text() for text in units.texts] == ["0", "64"]
    assert len(probabilities.patches) == 10
    tile = first.images[0].get_array()
    for place, (x, y) in [(0, (0, 0)), (17, (1, 1))]:
        text = first.texts[place].get_position()
        pixels = tile[int(text[1]) + 2 : int(text[1]) + 26, int(text[0] + 0.5) : int(text[0] + 0.5) + 24]
        np.testing.assert_array_equal(pixels, outputs[0][place].astype(pixels.dtype), err_msg=f"{x} {y}")


REASONS = Reasons(4, 9, (0.9, 0.1), 11.0, -0.5, *np.zeros((3, 28, 28)))


def test_why_has_one_scale_and_one_meaning_for_each_colour() -> None:
    gradients, erased, added = np.zeros((3, 28, 28))
    gradients[10, 10], erased[5, 5], added[20, 20] = 11.5, 3, -20
    reasons = replace(REASONS, gradients=gradients, erased=erased, added=added)
    figure = draw_reasons(Model.create("FC10"), IMAGE, reasons)
    panels = [axes for axes in figure.axes if axes.images][1:4]
    assert len({axes.images[0].get_clim() for axes in panels}) == 1
    np.testing.assert_array_equal(panels[2].images[0].get_array(), added)
    words = [text.get_text() for text in figure.texts]
    assert "Blue: ink here speaks for 4." in words and "Vermilion: ink here speaks for 9." in words


@pytest.mark.parametrize(("blank", "where"), [(-0.5, "4 is 0.500 below 9"), (0.25, "4 is 0.250 above 9")])
def test_why_says_how_sums_and_logits_differ(blank: float, where: str) -> None:
    reasons = replace(REASONS, blank=blank, gradients=np.full((28, 28), (11 - blank) / 784))
    words = [text.get_text() for text in draw_reasons(Model.create("FC10"), IMAGE, reasons).texts]
    (account,) = [each for each in words if each.startswith("The logit of 4 is 11.0 above that of 9.")]
    assert where in account
