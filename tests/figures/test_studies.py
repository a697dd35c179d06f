"""Figures of one channel from other sides."""

import numpy as np
import pytest

from cnn.model import Model
from feature_visualize.channel_images import ChannelImage
from feature_visualize.diverse_images import DiverseImages
from feature_visualize.interaction import Interaction
from feature_visualize.spectrum import DIGITS, LEVELS, Spectrum
from figures.studies import draw_diverse, draw_interactions, draw_spectrum

BLACK = np.zeros((28, 28), np.uint8)


@pytest.fixture
def model() -> Model:
    return Model.create("C(4,5)-P4-FC6-FC10")


@pytest.mark.parametrize(("lowest", "words"), [(1.5, "All excite it more"), (0.5, "3 of 4 excite it more")])
def test_diverse_images_say_what_they_excite_the_channel_to(model: Model, lowest: float, words: str) -> None:
    made = DiverseImages(ChannelImage(1, 2, BLACK, 4, 1), np.stack([BLACK] * 4), np.array([lowest, 2, 3, 4]))
    figure = draw_diverse(model, made)
    assert [axes.get_title() for axes in figure.axes][1:] == [f"excites it to {each}.00" for each in (2, 3, 4)]
    assert f"{words} than the strongest test digit, 1.00." in figure.texts[1].get_text()


@pytest.mark.parametrize(("layer", "words"), [(1, "its mean activation"), (3, "before ReLU"), (4, "its logit")])
def test_a_spectrum_has_all_digits_in_bars_over_some_of_them(model: Model, layer: int, words: str) -> None:
    values = np.linspace(-1, 2, 1000)
    levels = np.linspace(-1, 2, LEVELS)
    examples = np.zeros((LEVELS, DIGITS, 28, 28), np.uint8)
    figure = draw_spectrum(
        model, layer, 2, Spectrum(values, levels, examples, levels.repeat(DIGITS).reshape(-1, DIGITS))
    )
    bars, *panels = figure.axes
    assert sum(bar.get_height() for bar in bars.patches) == 1000 and len(panels) == LEVELS * DIGITS
    assert [label.get_text() for label in bars.get_xticklabels()][-1] == "2.00"
    assert words in figure.texts[1].get_text()
    below = {bar.get_facecolor() for bar in bars.patches if bar.get_x() < -0.1}
    above = {bar.get_facecolor() for bar in bars.patches if bar.get_x() > 0}
    assert (below == above) == (layer == 4)


def test_two_channels_are_told_by_their_numbers(model: Model) -> None:
    images = np.stack([BLACK] * 3)
    most = Interaction(2, 0, 0.75, images, np.array([[4.0, 1], [3, 5], [2, 6]]))
    figure = draw_interactions(model, 1, [most, Interaction(2, 1, -0.5, images, most.activations)])
    assert len(figure.axes) == 6
    titles = [axes.get_title() for axes in figure.axes[:3]]
    assert titles == ["channel 2 alone", "both in one picture", "channel 0 alone"]
    words = [text.get_text().replace("\n", " ") for text in figure.texts]
    assert (
        "Of all, channel 0 goes with channel 2 most among test digits: their correlation is 0.750.  Both in one "
        "picture, channel 2 reaches 3.00 of 4.00, and channel 0 5.00 of 6.00."
    ) in words
    assert any("channel 1 goes with channel 2 least" in each for each in words)
