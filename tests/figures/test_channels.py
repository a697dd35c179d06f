"""Figures of channels."""

import numpy as np
import pytest

from cnn.model import Model
from feature_visualize.channel_images import ChannelImage
from feature_visualize.objectives import WHOLE_LAYER
from figures.channels import draw_digits, draw_labelled
from figures.style import describe_excitation

BLACK = np.zeros((28, 28), np.uint8)


def channel_images(layer: int, channels: int) -> list[ChannelImage]:
    return [ChannelImage(layer, channel, BLACK, 2.0, 1.0, dead=channel == 1) for channel in range(channels)]


@pytest.mark.parametrize(
    ("made", "of_image", "sentence"),
    [
        (
            ChannelImage(1, 2, BLACK, 0.4, 0.18),
            0.11,
            "Channel 2: this image excites it to 0.110; the strongest test digit 0.180; the best picture 0.400",
        ),
        (
            ChannelImage(3, 7, BLACK, 20, -3),
            None,
            "Digit 7: the strongest test digit excites it to \N{MINUS SIGN}3.00; the best picture 20.0",
        ),
        (
            ChannelImage(1, WHOLE_LAYER, BLACK, 2, 1),
            None,
            "The layer as a whole: the strongest test digit excites it to 1.00; the best picture 2.00",
        ),
        (ChannelImage(1, 2, BLACK, 0, 0, dead=True), 0.0, "Channel 2 is dead: no test digit excites it"),
    ],
)
def test_what_excites_a_channel_is_a_sentence(made: ChannelImage, of_image: float | None, sentence: str) -> None:
    assert describe_excitation(Model.create("C(4,5)-P4-FC10"), made, of_image) == sentence


def test_a_labelled_image_has_its_sentence_and_a_dead_channel_only_that() -> None:
    model = Model.create("C(4,5)-P4-FC10")
    living, dead = (draw_labelled(model, each) for each in channel_images(1, 2))
    assert living.texts[1].get_text().startswith("Channel 0: the strongest test digit")
    np.testing.assert_array_equal(living.axes[0].images[0].get_array(), BLACK)
    assert dead.texts[1].get_text().startswith("Channel 1 is dead") and not dead.axes


def test_the_classes_have_their_names() -> None:
    model = Model.create("FC12", class_names=[f"class {letter}" for letter in "ABCDEFGHIJKL"])
    figure = draw_digits(model, channel_images(1, 12), np.full(12, 0.5), np.zeros((12, 28, 28), np.uint8))
    assert figure.texts[0].get_text() == "What the network takes for the 12 classes"
    assert [axes.get_title() for axes in figure.axes[::2]] == [f"{name}\n50%" for name in model.class_names]
