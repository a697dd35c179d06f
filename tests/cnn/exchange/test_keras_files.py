"""Keras files, written and read, against Keras itself."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from cnn.exchange import ExchangeError
from cnn.exchange.keras_file import LAYERS, snake_case, write_keras
from cnn.exchange.keras_reading import read_keras
from cnn.layers import KINDS
from tests.cnn.exchange.models import EVERY_KIND, STRINGS, filled, images, shipped
from tests.cnn.keras_probabilities import UNSUPPORTED


def run_keras(task: str, folder: Path) -> None:
    command = [sys.executable, "-m", "tests.cnn.exchange.keras_process", task, str(folder)]
    environment = {**os.environ, "KERAS_BACKEND": "openvino"}
    done = subprocess.run(command, env=environment, cwd=Path(__file__).parents[3], capture_output=True, check=False)
    if done.returncode == UNSUPPORTED:  # the last Keras for Python 3.10
        pytest.skip("this Keras cannot pool with OpenVINO")
    assert done.returncode == 0, done.stderr.decode()


def test_every_kind_has_a_layer() -> None:
    assert set(LAYERS) == set(KINDS)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Conv2D", "conv2d"),
        ("ReLU", "re_lu"),
        ("BatchNormalization", "batch_normalization"),
        ("MaxPooling2D", "max_pooling2d"),
        ("ZeroPadding2D", "zero_padding2d"),
        ("InputLayer", "input_layer"),
        ("Dense", "dense"),
    ],
)
def test_classes_are_called_as_keras_calls_them(name: str, expected: str) -> None:
    assert snake_case(name) == expected


def test_keras_reads_the_same_probabilities(tmp_path: Path) -> None:
    models = [*(filled(string, temperature=1.5) for string in STRINGS), *shipped()]
    for number, model in enumerate(models):
        write_keras(tmp_path / f"{number}.keras", model)
    run_keras("read", tmp_path)
    for number, model in enumerate(models):
        found = np.load(tmp_path / f"{number}.npy")
        np.testing.assert_allclose(found, model.probabilities(images()), atol=1e-5, err_msg=model.string)


@pytest.mark.parametrize("string", STRINGS)
def test_what_is_written_is_read(string: str, tmp_path: Path) -> None:
    model, path = filled(string, temperature=1.5), tmp_path / "m.keras"
    write_keras(path, model)
    found = read_keras(path)
    assert found.string == string
    np.testing.assert_allclose(found.probabilities(images()), model.probabilities(images()), rtol=1e-5, atol=1e-6)


def test_models_of_keras_read_the_same_here(tmp_path: Path) -> None:
    run_keras("make", tmp_path)
    found = {path.stem: read_keras(path) for path in tmp_path.glob("*.keras")}
    assert {name: model.string for name, model in found.items()} == {
        "example": "C(4,3)-P2-C(5,3)-P2-D(0.5)-FC12-FC10",
        "normalised": "C(4,5,p2,s2)-BN-A3-C(4,3,p1)-P2-FC7-BN-FC10",
        "functional": "C(6,4,p1,s2)-A14-FC10",
        "flat": "FC20-FC10",
        "bright": "FC10",
    }
    for name, model in found.items():
        expected = np.load(tmp_path / f"{name}.npy")
        made = model.logits(images()) if name == "functional" else model.probabilities(images())
        np.testing.assert_allclose(made, expected, atol=1e-5, err_msg=name)
        assert name == "functional" or expected.max(axis=1).mean() < 0.9  # or nothing could be seen in them


def test_a_place_that_cannot_be_written_to_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(
        ExchangeError, match=r"m\.keras: the model could not be written \(.*\)\. Choose another place\."
    ):
        write_keras(tmp_path / "nowhere" / "m.keras", filled(EVERY_KIND))
