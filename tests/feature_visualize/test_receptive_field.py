"""Receptive fields, against what changes when pixels do."""

import numpy as np
import pytest

from cnn.architecture import output_shapes, parse
from cnn.model import Model
from feature_visualize.receptive_field import receptive_field

MODELS = ["C(3,5)-P2-C(2,3)-P3-C(2,3)-FC10", "C(2,4)-P3-P2-FC10", "P5-C(2,3)-FC10", "C(2,9)-C(2,9)-FC10"]
MODELS += ["C(3,3)-BN-A2-D(0.5)-C(2,3)-BN-A3-FC10", "C(3,3,p1)-P2-C(2,5,p2,s2)-FC10", "C(2,3,s2)-C(2,3,p2)-FC10"]


@pytest.mark.parametrize("model", MODELS)
def test_a_unit_sees_the_rows_whose_pixels_change_it(model: str) -> None:
    specs = parse(model)
    made = Model.create(specs, dtype=np.float64)
    made.parameters[...] = np.random.default_rng(0).random(made.parameter_count)  # nothing can cancel
    network = made.network(29)
    images = np.full((29, 28, 28), 0.5)
    for row in range(28):
        images[row + 1, row] = 1 + np.random.default_rng(row).random(28)  # larger, and pooling passes it on
    for layer, shape in enumerate(output_shapes(specs)[:-1], 1):
        output = network.forward_to(images, layer)
        for unit in range(shape[1]):
            changed = np.abs(output[1:, :, unit] - output[0, :, unit]).max(axis=(1, 2)) > 1e-9
            seen = receptive_field(specs, layer, unit)
            assert np.flatnonzero(changed).tolist() == list(range(28))[seen], (layer, unit)


def test_a_fully_connected_unit_sees_everything() -> None:
    specs = parse("C(2,5)-P2-FC7-FC10")
    assert receptive_field(specs, 3, 0) == receptive_field(specs, 4, 9) == slice(0, 28)
