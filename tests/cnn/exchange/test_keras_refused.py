"""Keras files that are refused, in a sentence that names the layer or the array."""

import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from cnn.exchange import ExchangeError
from cnn.exchange.keras_archive import MAX_CONFIG
from cnn.exchange.keras_file import WEIGHTS, write_keras
from cnn.exchange.keras_reading import read_keras
from tests.cnn.exchange.models import filled

STRING = "C(4,3)-P2-FC7-FC10"
LAYERS = ["image", "conv2d", "max_pooling2d", "re_lu", "flatten", "dense", "re_lu_1", "dense_1", "softmax"]


@pytest.fixture
def written(tmp_path: Path) -> dict[str, bytes]:
    """The members of a file that is taken."""
    path = tmp_path / "taken.keras"
    write_keras(path, filled(STRING))
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def refusal(path: Path, members: dict[str, bytes]) -> str:
    """What is said of a file with these members."""
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    with pytest.raises(ExchangeError) as caught:
        read_keras(path)
    message = str(caught.value)
    assert message.startswith(f"{path}: ") and message.endswith(".") and "\n" not in message and message.isprintable()
    return message.removeprefix(f"{path}: ")


def layers_of(members: dict[str, bytes]) -> tuple[Any, dict[str, Any]]:
    config = json.loads(members["config.json"])
    layers = {each["config"]["name"]: each for each in config["config"]["layers"]}
    assert list(layers) == LAYERS
    return config, layers


@pytest.mark.parametrize(
    ("layer", "kind", "settings", "message"),
    [
        ("re_lu", "Lambda", {}, "the layer 're_lu' (Lambda) cannot be taken: it holds code"),
        ("re_lu", "LSTM", {}, "the layer 're_lu' (LSTM) cannot be taken: a model string can name"),
        ("re_lu", "ReLU", {"max_value": 6.0}, "its max_value is 'None' here, but '6.0' was found"),
        ("re_lu", "ReLU", {"negative_slope": 0.1}, "its negative_slope is '0' here"),
        ("conv2d", "Conv2D", {"dilation_rate": [2, 2]}, "its dilation_rate is '[1, 1]' here"),
        ("conv2d", "Conv2D", {"groups": 2}, "its groups is '1' here"),
        ("conv2d", "Conv2D", {"kernel_size": [3, 5]}, "its kernel_size is the same along rows and columns here"),
        ("conv2d", "Conv2D", {"kernel_size": [True, True]}, "its kernel_size is the same along rows and columns here"),
        ("conv2d", "Conv2D", {"strides": [10**9, 10**9]}, "its strides is the same along rows and columns here"),
        ("conv2d", "Conv2D", {"kernel_size": [29, 29]}, "a filter fits into its input, but 29x29"),
        ("conv2d", "Conv2D", {"activation": "gelu"}, "its activation is linear, relu or softmax here, but 'gelu'"),
        ("conv2d", "Conv2D", {"activation": "softmax"}, "softmax comes behind the last Dense layer here"),
        ("conv2d", "Conv2D", {"padding": "causal"}, "its padding is 'valid' or 'same', but 'causal'"),
        ("conv2d", "Conv2D", {"data_format": "channels_first"}, "its data_format is 'channels_last' here"),
        ("conv2d", "Conv2D", {"filters": 8}, "array 0 of the layer 'conv2d' (Conv2D) has the shape (3, 3, 1, 8), by"),
        ("max_pooling2d", "MaxPooling2D", {"strides": [1, 1]}, "its strides are its pool_size here"),
        ("max_pooling2d", "MaxPooling2D", {"pool_size": [3, 3], "strides": None, "padding": "valid"}, "has the shape"),
        ("max_pooling2d", "AveragePooling2D", {}, "between the layer 'conv2d' (Conv2D) and it there is a ReLU here"),
        ("max_pooling2d", "Conv2D", {"filters": 2, "kernel_size": 3, "strides": 1}, "there is a ReLU here"),
        ("max_pooling2d", "BatchNormalization", {"epsilon": 1e-3, "axis": 1}, "its axis is '-1' here"),
        ("max_pooling2d", "BatchNormalization", {"epsilon": "x"}, "its epsilon is a number, but 'x' was found"),
        ("max_pooling2d", "BatchNormalization", {"epsilon": 1e-3}, "array 0 of the layer 'max_pooling2d'"),
        ("flatten", "BatchNormalization", {"epsilon": 1e-3}, "batch normalisation comes right behind"),
        ("flatten", "GlobalAveragePooling2D", {}, "array 0 of the layer 'dense' (Dense) has the shape (4, 7)"),
        ("flatten", "Dropout", {"rate": 1.5}, "dropout leaves out a share that is above 0 and below 1"),
        ("flatten", "ReLU", {}, "the layer 'dense' (Dense) cannot be taken: it comes behind Flatten here"),
        ("flatten", "Permute", {"dims": [2, 1, 3]}, "its dims is '[3, 1, 2]' here"),
        ("flatten", "Permute", {"dims": [3, 1, 2]}, "comes right before Flatten here"),
        ("flatten", "ZeroPadding2D", {"padding": [[1, 1], [1, 1]]}, "zero padding comes right before a convolution"),
        ("flatten", "ZeroPadding2D", {"padding": [[0, 1], [0, 1]]}, "padding is the same at all sides here"),
        ("flatten", "Reshape", {"target_shape": [-1]}, "a reshape makes images of 28x28"),
        ("re_lu_1", "Flatten", {}, "between the layer 'dense' (Dense) and it there is a ReLU here"),
        ("dense_1", "Dense", {"activation": "sigmoid"}, "'sigmoid' was found"),
        ("dense_1", "Dense", {"activation": "softmax"}, "the layer 'softmax' (Softmax) cannot be taken: it stands"),
        ("dense_1", "Dense", {"units": 0}, "its units is a whole number from 1 up"),
        ("softmax", "ReLU", {}, "a model ends in a Dense layer here"),
        ("softmax", "Dropout", {"rate": 0.5}, "a model ends in a Dense layer here"),
        ("softmax", "Rescaling", {"scale": 1 / 255, "offset": 0.0}, "images are from 0 to 1 here"),
        ("image", "InputLayer", {"batch_shape": [None, 32, 32, 3]}, "images are (28, 28, 1), (28, 28) or (784,) here"),
        ("image", "InputLayer", {"batch_shape": [None, 784]}, "rows and columns are gone before it"),
    ],
)
def test_what_cannot_be_taken_is_named(
    layer: str, kind: str, settings: dict[str, Any], message: str, written: dict[str, bytes], tmp_path: Path
) -> None:
    config, layers = layers_of(written)
    layers[layer]["class_name"] = kind
    layers[layer]["config"].update(settings)
    assert message in refusal(tmp_path / "m.keras", {**written, "config.json": json.dumps(config).encode()})


def test_a_layer_is_never_made(written: dict[str, bytes], tmp_path: Path) -> None:
    config, layers = layers_of(written)
    layers["re_lu"].update(class_name="Popen", module="subprocess", registered_name="x")
    assert "(Popen) cannot be taken" in refusal(
        tmp_path / "m.keras", {**written, "config.json": json.dumps(config).encode()}
    )


def branching(config: dict[str, Any]) -> None:
    """Make a functional model of it, whose last layers both take the flattened image."""
    config["class_name"] = "Functional"
    before = ""
    for each in config["config"]["layers"]:
        source = "flatten" if each["config"]["name"] == "dense_1" else before
        tensor = {"class_name": "__keras_tensor__", "config": {"keras_history": [source, 0, 0]}}
        each["inbound_nodes"] = [{"args": [tensor], "kwargs": {}}] if before else []
        before = each["config"]["name"]


def unconnected(config: dict[str, Any]) -> None:
    branching(config)
    layers = config["config"]["layers"]
    for each, source in ((layers[2], "dense"), (layers[7], "re_lu_1")):
        each["inbound_nodes"][0]["args"][0]["config"]["keras_history"][0] = source
    layers[6]["inbound_nodes"][0]["args"] = []


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda config: config.update(class_name="Mine"), "Sequential or Functional here, but this is 'Mine'"),
        (lambda config: config["config"].update(layers=[]), "1 to 200 layers"),
        (lambda config: config["config"].update(layers=[{}] * 201), "1 to 200 layers"),
        (lambda config: config["config"].update(layers=[3]), "described in JSON, but this is not"),
        (lambda config: config.update(config=None), "described in JSON, but this is not"),
        (branching, "layers are a chain here, but the layer 'dense_1' (Dense) branches"),
        (unconnected, "has 2"),
    ],
)
def test_models_that_are_no_chain_of_layers(
    change: Callable[[dict[str, Any]], None], message: str, written: dict[str, bytes], tmp_path: Path
) -> None:
    config = json.loads(written["config.json"])
    change(config)
    assert message in refusal(tmp_path / "m.keras", {**written, "config.json": json.dumps(config).encode()})


def weights_with(change: Callable[[Any], None], content: bytes) -> bytes:
    file = io.BytesIO(content)
    with h5py.File(file, "r+") as weights:
        change(weights["layers/dense_1/vars"])
    return file.getvalue()


def replaced(array: Any, **settings: Any) -> Callable[[Any], None]:
    def change(group: Any) -> None:
        del group["1"]
        group.create_dataset("1", data=array, **settings)

    return change


def external(group: Any) -> None:
    del group["1"]
    group.create_dataset("1", (10,), "f4", external=[("/etc/passwd", 0, 40)])


def elsewhere(group: Any) -> None:
    del group["1"]
    group["1"] = h5py.ExternalLink("/etc/passwd", "/x")


def linked(group: Any) -> None:
    del group["1"]
    group["1"] = h5py.SoftLink("/layers/dense_1/vars/0")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda group: group.pop("1"), "is missing"),
        (replaced(np.zeros(11, np.float32)), "has the shape (10,), by the settings of the layers, but (11,) is stored"),
        (replaced(np.zeros(10, np.int64)), "floating-point numbers in one piece, but 'int64' is stored"),
        (replaced(np.zeros(10), chunks=(10,), compression="gzip"), "floating-point numbers in one piece"),
        (replaced(np.full(10, np.nan)), "holds numbers that are not finite"),
        (replaced(np.full(10, 1e300)), "holds numbers that are not finite"),
        (external, "floating-point numbers in one piece"),
        (elsewhere, "is missing"),
        (linked, "is missing"),
    ],
)
def test_arrays_that_do_not_fit_are_named(
    change: Callable[[Any], None], message: str, written: dict[str, bytes], tmp_path: Path
) -> None:
    found = refusal(tmp_path / "m.keras", {**written, WEIGHTS: weights_with(change, written[WEIGHTS])})
    assert found.startswith("array 1 of the layer 'dense_1' (Dense) ") and message in found


def test_a_variance_below_0_is_refused(tmp_path: Path) -> None:
    model = filled("C(2,3)-BN-FC10")
    model.state[...] = -1
    path = tmp_path / "m.keras"
    write_keras(path, model)
    with pytest.raises(
        ExchangeError, match=r"'batch_normalization' .* a variance is 0 or more, but this has one below\."
    ):
        read_keras(path)


@pytest.mark.parametrize(
    ("members", "message"),
    [
        ({}, "has config.json, but this has not"),
        ({"config.json": b"{}"}, "has model.weights.h5, but this has not"),
        ({"config.json": b"[", WEIGHTS: b""}, "described in JSON, but this is not"),
        ({"config.json": b"[" * 10**5, WEIGHTS: b""}, "described in JSON, but this is not"),
        ({"config.json": b" " * (MAX_CONFIG + 1), WEIGHTS: b""}, "config.json has at most 1,048,576 bytes here"),
    ],
)
def test_files_of_something_else(members: dict[str, bytes], message: str, tmp_path: Path) -> None:
    assert message in refusal(tmp_path / "m.keras", members)


def test_weights_that_are_no_hdf5(written: dict[str, bytes], tmp_path: Path) -> None:
    assert "the weights of a .keras file are HDF5" in refusal(tmp_path / "m.keras", {**written, WEIGHTS: b"nothing"})


def test_what_is_no_archive_and_no_file(tmp_path: Path) -> None:
    (tmp_path / "h5.keras").write_bytes(b"\x89HDF")
    for path, message in (
        (tmp_path / "none.keras", "there is no such file"),
        (tmp_path, "a folder or a device"),
        (tmp_path / "h5.keras", "cannot be read as one"),
    ):
        with pytest.raises(ExchangeError, match=message):
            read_keras(path)
