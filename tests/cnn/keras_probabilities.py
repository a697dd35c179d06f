"""What Keras reads: python -m tests.cnn.keras_probabilities WEIGHTS.npz IMAGES.npy PROBABILITIES.npy.

In a process of its own: OpenVINO leaves the thread that ran it a signal stack in memory that it frees, so that the next
signal, such as Ctrl-C, ends the process.
"""

import sys
from contextlib import AbstractContextManager
from functools import partial
from typing import Any
from unittest.mock import patch

import numpy as np

from cnn import Model
from cnn.layers.convolution import Convolution
from cnn.layers.fully_connected import FullyConnected
from cnn.layers.pooling import Pooling
from system.arrays import Array

UNSUPPORTED = 3  # exit status where this Keras cannot pool on its backend


def probabilities(weights: Model, images: Array) -> Array:
    """Probabilities (N, 10) of images (N, 28, 28) uint8, by a Keras model with the same weights."""
    import keras

    layers = [keras.layers.Input((28, 28, 1))]
    flat = False
    for number, spec in enumerate(weights.specs, 1):
        if isinstance(spec, Convolution):
            layers.append(keras.layers.ZeroPadding2D(spec.padding))
            layers.append(
                keras.layers.Conv2D(
                    spec.filters, spec.kernel_size, strides=spec.stride, activation="relu", name=f"n{number}"
                )
            )
        elif isinstance(spec, Pooling):
            layers.append(keras.layers.MaxPooling2D(spec.pool_size, padding="same"))
        elif isinstance(spec, FullyConnected):
            if not flat:  # channel-major, as in the weight file
                layers += [keras.layers.Permute((3, 1, 2)), keras.layers.Flatten()]
                flat = True
            activation = "softmax" if number == len(weights.specs) else "relu"
            layers.append(keras.layers.Dense(spec.units, activation=activation, name=f"n{number}"))
    model = keras.Sequential(layers)
    for number, arrays in weights.arrays().items():
        axes = (2, 3, 1, 0) if arrays["weight"].ndim == 4 else (1, 0)
        model.get_layer(f"n{number}").set_weights([arrays["weight"].transpose(axes), arrays["bias"]])
    with _whole_precision():
        found: Array = model.predict(images[..., np.newaxis] / np.float32(255), verbose=0)
    return found


def _whole_precision() -> AbstractContextManager[Any]:
    """Keeps OpenVINO from rounding to bfloat16, as it does unasked where the processor can."""
    import openvino

    compile_model = partial(openvino.compile_model, config={"INFERENCE_PRECISION_HINT": "f32"})
    return patch.object(openvino, "compile_model", compile_model)


if __name__ == "__main__":
    try:
        np.save(sys.argv[3], probabilities(Model.load(sys.argv[1]), np.load(sys.argv[2])))
    except NotImplementedError:
        sys.exit(UNSUPPORTED)
