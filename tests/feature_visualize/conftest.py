"""A small model that was trained on squares, and what its layers make of them."""

import pytest

from cnn import Model, Recipe, train
from feature_visualize.prior import Prior, fit_prior
from preprocessing.datasets import Dataset
from tests.squares import dataset


@pytest.fixture(scope="session")
def data() -> Dataset:
    return dataset()


@pytest.fixture(scope="session")
def prior(data: Dataset) -> Prior:
    return fit_prior(data.x_test)


@pytest.fixture(scope="session")
def model(data: Dataset) -> Model:
    made = Model.create("C(4,5)-P4-FC10")
    train(made, (data.x_train, data.y_train), Recipe(learning_rate=0.01, epochs=4, batch_size=20))
    made.arrays()[1]["weight"][3] = 0  # channel 3 is dead
    made.arrays()[1]["bias"][3] = -1
    return made
