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
from cnn.layers import BatchNormalisation, Convolution, Dropout, FullyConnected, MeanPooling, Pooling
from cnn.layers.batch_normalisation import EPSILON
from system.arrays import Array

UNSUPPORTED = 3  # exit status where this Keras cannot pool on its backend


def probabilities(weights: Model, images: Array) -> Array:
    """Probabilities (N, 10) of images (N, 28, 28) uint8, by a Keras model with the same weights."""
    import keras

    layers = [keras.layers.Input((28, 28, 1))]
    flat = due = False  # a ReLU is due
    for number, spec in enumerate(weights.specs, 1):
        name = f"n{number}"
        if due and not isinstance(spec, BatchNormalisation):
            layers.append(keras.layers.ReLU())
        due = isinstance(spec, Convolution | FullyConnected | BatchNormalisation)
        if isinstance(spec, FullyConnected) and not flat:  # channel-major, as in the weight file
            layers += [keras.layers.Permute((3, 1, 2)), keras.layers.Flatten()]
            flat = True
        match spec:
            case Convolution():
                layers.append(keras.layers.ZeroPadding2D(spec.padding))
                layers.append(keras.layers.Conv2D(spec.filters, spec.kernel_size, strides=spec.stride, name=name))
            case Pooling():
                layers.append(keras.layers.MaxPooling2D(spec.pool_size, padding="same"))
            case MeanPooling():
                layers.append(keras.layers.AveragePooling2D(spec.pool_size, padding="same"))
            case BatchNormalisation():
                layers.append(keras.layers.BatchNormalization(epsilon=EPSILON, name=name))
            case Dropout():
                layers.append(keras.layers.Dropout(spec.share))
            case FullyConnected():
                layers.append(keras.layers.Dense(spec.units, name=name))
    model = keras.Sequential([*layers, keras.layers.Softmax()])
    for number, arrays in weights.arrays().items():
        axes = (2, 3, 1, 0) if arrays.get("weight", np.empty(0)).ndim == 4 else (1, 0)
        stored = [array.transpose(axes) if name == "weight" else array for name, array in arrays.items()]
        model.get_layer(f"n{number}").set_weights(stored)
    with whole_precision():
        found: Array = model.predict(images[..., np.newaxis] / np.float32(255), verbose=0)
    return found


def whole_precision() -> AbstractContextManager[Any]:
    """Keeps OpenVINO from rounding to bfloat16, as it does unasked where the processor can."""
    import openvino

    compile_model = partial(openvino.compile_model, config={"INFERENCE_PRECISION_HINT": "f32"})
    return patch.object(openvino, "compile_model", compile_model)


if __name__ == "__main__":
    try:
        np.save(sys.argv[3], probabilities(Model.load(sys.argv[1]), np.load(sys.argv[2])))
    except NotImplementedError:
        sys.exit(UNSUPPORTED)
