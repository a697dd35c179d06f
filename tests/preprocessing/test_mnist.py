"""The data set that ships, data of users, and what happens when there is none."""

import importlib.util
import os
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from preprocessing import mnist
from preprocessing.datasets import DataError, Dataset
from preprocessing.mnist import load_mnist
from tests.preprocessing.test_datasets import arrays


@pytest.fixture(scope="session")
def original() -> Dataset:
    return load_mnist()


def test_the_shipped_file_is_the_original_bit_for_bit(original: Dataset) -> None:
    for name, checksum in mnist.IDX_MD5.items():
        assert mnist.idx_md5(getattr(original, name)) == checksum
    assert original.x_train.shape == (60_000, 28, 28) and original.x_test.shape == (10_000, 28, 28)
    assert original.y_train[:10].tolist() == [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]
    assert np.bincount(original.y_test).tolist() == [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]


def test_other_data_under_its_name_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "mnist.npz"
    np.savez(path, **arrays())
    with pytest.raises(DataError, match="has to be MNIST's, bit for bit"):
        load_mnist(path)


def pretend_keras(monkeypatch: pytest.MonkeyPatch, load_data: Any) -> None:
    """Put a Keras in place whose data set comes from a function."""
    keras, datasets = ModuleType("keras"), ModuleType("keras.datasets")
    datasets.mnist = ModuleType("mnist")  # type: ignore[attr-defined]
    datasets.mnist.load_data = load_data
    monkeypatch.setitem(sys.modules, "keras", keras)
    monkeypatch.setitem(sys.modules, "keras.datasets", datasets)


def test_without_the_file_keras_loads_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, original: Dataset) -> None:
    data = (original.x_train, original.y_train), (original.x_test, original.y_test)
    pretend_keras(monkeypatch, lambda: data)
    np.testing.assert_array_equal(load_mnist(tmp_path / "gone.npz").x_test, original.x_test)


def test_what_keras_loads_is_verified_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, original: Dataset) -> None:
    data = (original.x_train, original.y_train[::-1]), (original.x_test, original.y_test)
    pretend_keras(monkeypatch, lambda: data)
    with pytest.raises(DataError, match=r"keras\.datasets\.mnist: y_train has to be MNIST's"):
        load_mnist(tmp_path / "gone.npz")


def test_without_file_and_keras_both_ways_to_get_the_data_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> None:
        raise OSError("no route to host\nand more")

    pretend_keras(monkeypatch, fail)
    with pytest.raises(
        DataError, match=r"did not load it either \(no route to host\)\. Restore .*: git -C .*\. Or install"
    ):
        load_mnist(tmp_path / "gone.npz")


def test_an_installed_keras_is_asked_for_a_backend_that_is_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KERAS_BACKEND", "")
    monkeypatch.delenv("KERAS_BACKEND")
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: object() if name == "jax" else None)
    pretend_keras(monkeypatch, lambda: 1 / 0)
    with pytest.raises(DataError):
        load_mnist(tmp_path / "gone.npz")
    assert os.environ["KERAS_BACKEND"] == "jax"
