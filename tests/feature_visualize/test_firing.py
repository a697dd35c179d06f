"""Where in an image a channel fires."""

import numpy as np
import pytest

from cnn.architecture import parse
from cnn.model import Model
from feature_visualize.attribution import over_squares, unit_attribution
from feature_visualize.firing import SQUARE, find_firing
from feature_visualize.receptive_field import map_edges, receptive_field, seen_share
from preprocessing.datasets import Dataset


@pytest.mark.parametrize(
    ("model", "layer", "edges"),
    [
        ("C(2,5)-FC10", 1, (1.5, 25.5)),
        ("P2-FC10", 1, (-0.5, 27.5)),
        ("C(2,5)-P2-C(2,3)-FC10", 3, (3.5, 23.5)),
        ("C(2,3)-P2-C(2,3)-P2-C(2,3)-FC10", 5, (6.5, 22.5)),
    ],
)
def test_a_map_lies_where_its_units_look(model: str, layer: int, edges: tuple[float, float]) -> None:
    specs = parse(model)
    assert map_edges(specs, layer) == edges


def test_a_unit_of_a_map_lies_in_the_middle_of_what_it_sees() -> None:
    specs = parse("C(2,5)-P2-C(2,3)-FC10")
    low, high = map_edges(specs, 3)
    for unit in range(10):
        seen = receptive_field(specs, 3, unit)
        assert low + (unit + 0.5) * (high - low) / 10 == (seen.start + seen.stop - 1) / 2


def test_a_fully_connected_layer_has_no_map_and_sees_everything() -> None:
    specs = parse("C(2,5)-FC7-FC10")
    with pytest.raises(ValueError, match="no map"):
        map_edges(specs, 2)
    assert seen_share(specs, 2) == seen_share(specs, 3) == 1
    assert seen_share(specs, 1) == (5 / 28) ** 2


def test_a_channel_fires_as_its_map_says_and_its_strongest_unit_is_framed(model: Model, data: Dataset) -> None:
    image = data.x_test[3]
    found = find_firing(model.network(), image, 1, 2)
    expected = model.activations(image, 1)[0, 2]
    np.testing.assert_array_equal(found.values, expected)
    row, column = np.unravel_index(expected.argmax(), expected.shape)
    assert found.seen == (slice(row, row + 5), slice(column, column + 5)) and found.edges == (1.5, 25.5)


def test_of_a_unit_the_ink_is_shown_that_excites_it(model: Model, data: Dataset) -> None:
    network, image = model.network(), data.x_test[3]
    found = find_firing(network, image, 3, 4)
    assert found.seen is None and found.edges == (-0.5, 27.5)
    shares = unit_attribution(network, image.astype(np.float32) / 255, 3, 4)
    logit, blank = model.logits(np.stack([image, np.zeros_like(image)]))[:, 4]
    assert shares.sum() == pytest.approx(logit - blank, rel=0.02)
    np.testing.assert_allclose(found.values, over_squares(shares, SQUARE), atol=0.02 * np.abs(found.values).max())


def test_a_hidden_unit_that_is_at_rest_on_the_whole_way_has_no_shares() -> None:
    model = Model.create("FC6-FC10")
    model.arrays()[1]["bias"][2] = -1000
    image = np.full((28, 28), 0.5, np.float32)
    assert not unit_attribution(model.network(), image, 1, 2).any()
    model.arrays()[1]["bias"][2] = 1000
    expected = model.arrays()[1]["weight"][2].reshape(28, 28) * image
    np.testing.assert_allclose(unit_attribution(model.network(), image, 1, 2), expected, atol=1e-5)


def test_sums_over_squares_are_means_of_the_squares_that_cover_a_pixel() -> None:
    values = np.zeros((28, 28))
    values[10, 10] = 1
    found = over_squares(values, 3)
    assert found[10, 10] == 1 and found[10, 11] == pytest.approx(6 / 9) and found[12, 12] == pytest.approx(1 / 9)
    assert found[13, 10] == 0
    np.testing.assert_allclose(over_squares(np.ones((28, 28)), 5), 25)
