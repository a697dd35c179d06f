"""Keras at work, in a process of its own (see `tests.cnn.keras_probabilities`).

python -m tests.cnn.exchange.keras_process read FOLDER: the probabilities that Keras reads with each .keras file of a
folder go beside it. make FOLDER: writes models that this program never saw, and what Keras reads with them.
"""

import sys
from pathlib import Path
from typing import Any

import numpy as np

from system.arrays import Array
from tests.cnn.exchange.models import images
from tests.cnn.keras_probabilities import UNSUPPORTED, whole_precision


def save_probabilities(model: Any, path: Path, pixels: Array) -> None:
    with whole_precision():
        np.save(path.with_suffix(".npy"), model.predict(pixels, verbose=0))


def foreign_models() -> dict[str, Any]:
    """Models as courses and examples have them."""
    from keras import Model, Sequential, layers

    def convolution(*arguments: Any, **settings: Any) -> Any:
        return layers.Conv2D(*arguments, **settings)

    first, hidden = layers.Input((28, 28, 1)), {"activation": "relu"}
    branch = layers.Input((28, 28, 1), name="pixels")
    output = layers.GlobalAveragePooling2D()(layers.ReLU()(convolution(6, 3, strides=2, padding="same")(branch)))
    return {
        # padding='valid': windows at the edge are left out, twice, and a filter of two with padding='same'
        "example": Sequential(
            [
                first,
                convolution(4, 3, **hidden),
                layers.MaxPooling2D(2),
                convolution(5, 3, **hidden),
                layers.MaxPooling2D((2, 2)),
                layers.Flatten(),
                layers.Dropout(0.5),
                layers.Dense(12, **hidden),
                layers.Dense(10, activation="softmax"),
            ]
        ),
        "normalised": Sequential(
            [
                layers.Input((28, 28)),
                layers.Reshape((28, 28, 1)),
                layers.ZeroPadding2D(2),
                convolution(4, 5, use_bias=False, strides=2),
                layers.BatchNormalization(scale=False),
                layers.Activation("relu"),
                layers.AveragePooling2D(3, padding="same"),
                convolution(4, 2, padding="same"),
                layers.MaxPooling2D(2, padding="same"),
                layers.ReLU(),
                layers.Permute((3, 1, 2)),
                layers.Flatten(),
                layers.Dense(7, use_bias=False),
                layers.BatchNormalization(epsilon=0.01, center=False, name="mine"),
                layers.ReLU(),
                layers.Dense(10),
                layers.Softmax(),
            ]
        ),
        "functional": Model(branch, layers.Dense(10, name="logits")(output)),
        "flat": Sequential([layers.Input((784,)), layers.Dense(20, **hidden), layers.Dense(10, activation="softmax")]),
        "bright": Sequential(
            [first, layers.Rescaling(1 / 255), layers.Flatten(), layers.Dense(10, activation="softmax")]
        ),
    }


def numbers(shape: tuple[int, ...], generator: np.random.Generator) -> Array:
    """Weights that leave no class certain, or what there is one of for each unit, above 0 as a variance is."""
    if len(shape) == 1:
        return generator.uniform(0.2, 0.8, shape)
    return generator.normal(0, np.prod(shape[:-1]) ** -0.5, shape)


def main() -> None:
    """Do what the command line says."""
    import keras

    task, folder = sys.argv[1], Path(sys.argv[2])
    pixels = images()[..., np.newaxis] / np.float32(255)
    if task == "read":
        for path in sorted(folder.glob("*.keras")):
            save_probabilities(keras.saving.load_model(path), path, pixels)
        return
    generator = np.random.default_rng(2)
    for name, model in foreign_models().items():
        model.set_weights([numbers(each.shape, generator) for each in model.weights])
        path = folder / f"{name}.keras"
        model.save(path)
        shape = (len(pixels), *model.input_shape[1:])
        save_probabilities(model, path, pixels.reshape(shape) * (255 if name == "bright" else 1))


if __name__ == "__main__":
    try:
        main()
    except NotImplementedError:
        sys.exit(UNSUPPORTED)
