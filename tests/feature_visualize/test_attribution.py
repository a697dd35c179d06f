"""Which pixels spoke for a digit."""

import numpy as np
import pytest

from cnn.model import Model
from feature_visualize.attribution import find_reasons, integrated_gradients, margin, occlusion
from preprocessing.datasets import Dataset
from preprocessing.mnist import load_mnist
from tests.shipped import shipped_models


def test_integrated_gradients_of_shipped_models_sum_to_the_difference_of_the_logits() -> None:
    digits = load_mnist().x_test[:8].astype(np.float32) / 255
    for model in shipped_models():
        network = model.network()
        for image in digits:
            best, second = np.argsort(-network.model.logits(image)[0])[:2]
            found = integrated_gradients(network, image, best, second).sum()
            one, blank = margin(network, np.stack([image, np.zeros_like(image)]), best, second)
            assert found == pytest.approx(one - blank, rel=0.01)


def test_without_hidden_layers_they_are_the_weights_times_the_pixels() -> None:
    model = Model.create("FC10")
    image = np.random.default_rng(1).random((28, 28)).astype(np.float32)
    weight = model.arrays()[1]["weight"]
    expected = (weight[3] - weight[8]).reshape(28, 28) * image
    np.testing.assert_allclose(integrated_gradients(model.network(3), image, 3, 8, steps=7), expected, atol=1e-5)


@pytest.mark.parametrize("brightness", [0, 1])
def test_occlusion_agrees_with_covering_the_image_by_hand(model: Model, data: Dataset, brightness: float) -> None:
    image, network = data.x_test[0].astype(np.float32) / 255, model.network()
    found = occlusion(network, image, 2, 7, size=5, brightness=brightness)
    before = margin(network, image[np.newaxis], 2, 7)[0]
    for row, column in [(0, 0), (10, 4), (27, 13)]:
        falls = []
        for top in range(max(row - 4, 0), min(row, 23) + 1):
            for left in range(max(column - 4, 0), min(column, 23) + 1):
                covered = image.copy()
                covered[top : top + 5, left : left + 5] = brightness
                falls.append(before - margin(network, covered[np.newaxis], 2, 7)[0])
        assert found[row, column] == pytest.approx(np.mean(falls), abs=1e-4)


def test_reasons_are_about_the_two_most_probable_digits(model: Model, data: Dataset) -> None:
    reasons = find_reasons(model.network(), data.x_test[0])
    probabilities = model.probabilities(data.x_test[:1])[0]
    order = np.argsort(-probabilities)
    assert (reasons.digit, reasons.other) == tuple(order[:2])
    assert reasons.probabilities == pytest.approx(probabilities[order[:2]])
    logits = model.logits(data.x_test[:1])[0]
    assert reasons.margin == pytest.approx(logits[reasons.digit] - logits[reasons.other], rel=1e-4)
    assert reasons.gradients.shape == reasons.erased.shape == reasons.added.shape == (28, 28)
