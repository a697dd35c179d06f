"""The forward pass against Keras, which no one here wrote."""

import os

import numpy as np
import pytest

from cnn.architecture import Convolution, Pooling, parse
from cnn.network import Network

os.environ["KERAS_BACKEND"] = "openvino"


@pytest.mark.filterwarnings("ignore")  # whatever Keras and its backend warn of
@pytest.mark.parametrize(
    "model",
    [
        "C(8,5)-P2-C(16,3)-P2-FC128-FC10",
        "C(8,5)-P2-C(16,3)-P2-C(32,3)-P2-FC256-FC10",
        "C(16,3)-P2-C(32,3)-P2-C(64,3)-P2-FC512-FC10",
        "C(4,4)-P3-C(5,2)-P3-FC10",
    ],
)
def test_probabilities_agree_on_the_same_weights(model: str) -> None:
    import keras

    specs = parse(model)
    network = Network(specs)
    generator = np.random.default_rng(11)
    network.initialize(generator)
    for _, bias in network.layer_parameters().values():
        bias[...] = generator.normal(0, 0.1, bias.shape)

    layers = [keras.layers.Input((28, 28, 1))]
    flat = False
    for number, spec in enumerate(specs, 1):
        if isinstance(spec, Convolution):
            layers.append(keras.layers.Conv2D(spec.filters, spec.kernel_size, activation="relu", name=f"n{number}"))
        elif isinstance(spec, Pooling):
            layers.append(keras.layers.MaxPooling2D(spec.pool_size, padding="same"))
        else:
            if not flat:  # channel-major, as in the weight file
                layers += [keras.layers.Permute((3, 1, 2)), keras.layers.Flatten()]
                flat = True
            activation = "softmax" if number == len(specs) else "relu"
            layers.append(keras.layers.Dense(spec.units, activation=activation, name=f"n{number}"))
    other = keras.Sequential(layers)
    for number, (weight, bias) in network.layer_parameters().items():
        axes = (2, 3, 1, 0) if weight.ndim == 4 else (1, 0)
        other.get_layer(f"n{number}").set_weights([weight.transpose(axes), bias])

    images = generator.integers(0, 256, (40, 28, 28), np.uint8)
    expected = other.predict(images[..., np.newaxis] / np.float32(255), verbose=0)
    np.testing.assert_allclose(network.probabilities(images), expected, rtol=2e-3, atol=2e-6)
