"""Keras: a .keras file, written by hand, of layers that every Keras 3 has. `cnn.exchange.keras_reading` reads such."""

import io
import json
import re
import zipfile
from collections.abc import Callable
from datetime import datetime, timezone
from math import prod
from pathlib import Path
from typing import Any

import numpy as np

from cnn.architecture import IMAGE_SHAPE, input_shapes
from cnn.exchange import ExchangeError
from cnn.layers import BatchNormalisation, Convolution, Dropout, FullyConnected, MeanPooling, Pooling
from cnn.layers.axis_windows import PoolingSpec
from cnn.layers.base import LayerSpec, Shape
from cnn.layers.batch_normalisation import EPSILON
from cnn.model import Model
from cnn.plan import plan
from system.arrays import Array
from system.files import replace_file

KERAS_VERSION = "3.8.0"  # the first that this program works with
WEIGHTS = "model.weights.h5"
_DTYPE = "float32"

# Keras' class of a layer, its configuration, and its arrays in the order in which Keras has them.
KerasLayer = tuple[str, dict[str, Any], list[Array]]


def write_keras(path: Path, model: Model) -> None:
    """Write a model: images (N, 28, 28, 1), from 0 to 1, to probabilities (N, classes).

    Weights are those of Keras' layout, channels last. The temperature divides the weights of the last layer.

    Raises:
        ExchangeError: where the file cannot be written.
    """
    layers = keras_layers(model)
    metadata = {"keras_version": KERAS_VERSION, "date_saved": datetime.now(timezone.utc).strftime("%Y-%m-%d@%H:%M:%S")}
    members: dict[str, str | bytes] = {"metadata.json": json.dumps(metadata), WEIGHTS: _h5(layers)}
    members["config.json"] = json.dumps(_config(layers))
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    try:
        replace_file(path, lambda target: target.write(file.getvalue()))
    except OSError as error:
        raise ExchangeError(
            f"{path}: the model could not be written ({error.strerror or error}). Choose another place."
        ) from error


def snake_case(name: str) -> str:
    """Return a class's name as Keras has it in names and in the file of weights: Conv2D is conv2d, ReLU re_lu."""
    apart = re.sub(r"(.)([A-Z][a-z]+)", r"\1_\2", name)
    return re.sub(r"([a-z])([A-Z])", r"\1_\2", apart).lower()


def keras_layers(model: Model) -> list[KerasLayer]:
    """Return what Keras calls the layers of a model, with their arrays as Keras lays them out."""
    layers: list[KerasLayer] = []
    arrays, shapes = model.arrays(), input_shapes(model.specs)
    for operation in plan(model.specs):
        if operation.spec is None:
            layers.append(("ReLU" if operation.name == "ReLU" else "Flatten", {}, []))
            continue
        of_layer = dict(arrays.get(operation.number, {}))
        if operation.number == len(model.specs):
            of_layer = {name: array / array.dtype.type(model.temperature) for name, array in of_layer.items()}
        layers += LAYERS[type(operation.spec)](operation.spec, shapes[operation.number - 1], of_layer)
    return [*layers, ("Softmax", {"axis": -1}, [])]


def _convolution(spec: Convolution, shape: Shape, arrays: dict[str, Array]) -> list[KerasLayer]:
    same = spec.stride == 1 and 2 * spec.padding == spec.kernel_size - 1 and spec.padding > 0
    config = {
        "filters": spec.filters,
        "kernel_size": [spec.kernel_size] * 2,
        "strides": [spec.stride] * 2,
        "padding": "same" if same else "valid",
        "data_format": "channels_last",
        "activation": "linear",
        "use_bias": True,
    }
    layer = "Conv2D", config, [arrays["weight"].transpose(2, 3, 1, 0), arrays["bias"]]
    if same or not spec.padding:
        return [layer]
    padding = {"padding": [[spec.padding] * 2] * 2, "data_format": "channels_last"}
    return [("ZeroPadding2D", padding, []), layer]


def _pooling(name: str) -> Callable[[Any, Shape, dict[str, Array]], list[KerasLayer]]:
    def layers(spec: PoolingSpec, shape: Shape, arrays: dict[str, Array]) -> list[KerasLayer]:
        size = [spec.pool_size] * 2
        config = {"pool_size": size, "strides": size, "padding": "same", "data_format": "channels_last"}
        return [(name, config, [])]

    return layers


def _normalisation(spec: BatchNormalisation, shape: Shape, arrays: dict[str, Array]) -> list[KerasLayer]:
    config = {"axis": -1, "epsilon": EPSILON, "center": True, "scale": True}
    return [("BatchNormalization", config, list(arrays.values()))]


def _dense(spec: FullyConnected, shape: Shape, arrays: dict[str, Array]) -> list[KerasLayer]:
    weight = arrays["weight"].reshape(spec.units, *shape)
    if len(shape) > 1:  # flattened by row, column, channel
        weight = weight.transpose(0, 2, 3, 1)
    config = {"units": spec.units, "activation": "linear", "use_bias": True}
    return [("Dense", config, [weight.reshape(spec.units, prod(shape)).T, arrays["bias"]])]


# By kind, what Keras makes of a layer with an input shape and its arrays.
LAYERS: dict[type[LayerSpec], Callable[[Any, Shape, dict[str, Array]], list[KerasLayer]]] = {
    Convolution: _convolution,
    Pooling: _pooling("MaxPooling2D"),
    MeanPooling: _pooling("AveragePooling2D"),
    BatchNormalisation: _normalisation,
    Dropout: lambda spec, shape, arrays: [("Dropout", {"rate": spec.share}, [])],
    FullyConnected: _dense,
}


def layer_names(classes: list[str]) -> list[str]:
    """Return the names under which a file of weights has layers of such classes: dense, dense_1 and so on."""
    counts: dict[str, int] = {}
    names = []
    for each in map(snake_case, classes):
        count = counts[each] = counts.get(each, -1) + 1
        names.append(f"{each}_{count}" if count else each)
    return names


def _config(layers: list[KerasLayer]) -> dict[str, Any]:
    names = layer_names([name for name, *_ in layers])
    _, rows, columns = IMAGE_SHAPE
    image = [None, rows, columns, IMAGE_SHAPE[0]]
    first = {"batch_shape": image, "dtype": _DTYPE, "name": "image"}
    stored = [_layer("InputLayer", first)]
    stored += [
        _layer(kind, {"name": name, "trainable": True, "dtype": _DTYPE, **config})
        for (kind, config, _), name in zip(layers, names, strict=True)
    ]
    config = {"name": "model", "trainable": True, "dtype": _DTYPE, "layers": stored, "build_input_shape": image}
    return {
        "module": "keras",
        "class_name": "Sequential",
        "config": config,
        "registered_name": None,
        "build_config": {"input_shape": image},
    }


def _layer(kind: str, config: dict[str, Any]) -> dict[str, Any]:
    return {"module": "keras.layers", "class_name": kind, "config": config, "registered_name": None}


def _h5(layers: list[KerasLayer]) -> bytes:
    import h5py

    file = io.BytesIO()
    with h5py.File(file, "w") as weights:
        weights.create_group("vars")
        for (_, _, arrays), name in zip(layers, layer_names([name for name, *_ in layers]), strict=True):
            group = weights.create_group(f"layers/{name}/vars")
            group.attrs["name"] = name
            for number, array in enumerate(arrays):
                group[str(number)] = np.ascontiguousarray(array, np.float32)
    return file.getvalue()
