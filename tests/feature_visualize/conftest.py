"""A small network that was trained on squares, and what its layers make of them."""

import numpy as np
import pytest

from cnn.architecture import parse
from cnn.network import Network
from cnn.training import train
from cnn.weights import WeightFile, load, save
from preprocessing.mnist import Dataset
from tests.squares import dataset

MODEL = "C(4,5)-P4-FC10"


@pytest.fixture(scope="session")
def data() -> Dataset:
    return dataset()


@pytest.fixture(scope="session")
def weights(data: Dataset, tmp_path_factory: pytest.TempPathFactory) -> WeightFile:
    network = Network(parse(MODEL))
    generator = np.random.default_rng(0)
    network.initialize(generator)
    for _ in train(network, data.x_train, data.y_train, generator, learning_rate=0.01, epochs=4, batch_size=20):
        pass
    network.layer_parameters()[1][0][3] = 0  # channel 3 is dead
    network.layer_parameters()[1][1][3] = -1
    path = tmp_path_factory.mktemp("weights") / f"weight_details{MODEL}.npz"
    save(path, network, {})
    return load(path)


@pytest.fixture
def network(weights: WeightFile) -> Network:
    return weights.network(4)
