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
from preprocessing.mnist import DataError, Dataset, load_dataset, load_mnist


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


def arrays(**changes: Any) -> dict[str, Any]:
    """Small data of MNIST's form, some of it replaced, or left out for None."""
    generator = np.random.default_rng(0)
    whole = {
        "x_train": generator.integers(0, 256, (6, 28, 28), np.uint8),
        "y_train": generator.integers(0, 10, 6, np.uint8),
        "x_test": generator.integers(0, 256, (3, 28, 28), np.uint8),
        "y_test": generator.integers(0, 10, 3, np.uint8),
    }
    return {name: array for name, array in (whole | changes).items() if array is not None}


@pytest.mark.parametrize("kind", [np.uint8, np.int64, np.int32])
def test_labels_may_be_whole_numbers_of_any_size(tmp_path: Path, kind: type) -> None:
    expected = arrays()
    np.savez(tmp_path / "data.npz", **arrays(y_train=expected["y_train"].astype(kind)))
    data = load_dataset(tmp_path / "data.npz")
    for name, array in expected.items():
        np.testing.assert_array_equal(getattr(data, name), array)
        assert getattr(data, name).dtype == np.uint8


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"x_test": None}, "array 'x_test' is missing"),
        ({"x_train": np.zeros((6, 28, 27), np.uint8)}, r"x_train has the shape .*this is \(6, 28, 27\)"),
        ({"x_train": np.zeros((6, 784), np.uint8)}, r"x_train has the shape .*this is \(6, 784\)"),
        ({"x_train": np.zeros((0, 28, 28), np.uint8), "y_train": np.zeros(0, np.uint8)}, r"this is \(0, 28, 28\)"),
        ({"x_train": np.zeros((6, 28, 28))}, "x_train has the type uint8, 0 to 255, but this is float64"),
        ({"y_train": np.zeros(5, np.uint8)}, r"a label for each image, the shape \(6,\), but this is \(5,\)"),
        ({"y_train": np.zeros((6, 10), np.uint8)}, r"a label for each image.*this is \(6, 10\)"),
        ({"y_train": np.zeros(6)}, "y_train holds whole numbers, but this is float64"),
        ({"y_train": np.array([1, 2, 3, 4, 5, 10])}, "labels from 0 to 9 only, but this is a 10"),
        ({"y_train": np.array([1, 2, -1, 4, 5, 6])}, "labels from 0 to 9 only, but this is a -1"),
        ({"y_train": np.array([None] * 6)}, "y_train holds whole numbers, but this is object"),
    ],
)
def test_data_of_another_form_is_refused_in_a_sentence(tmp_path: Path, changes: dict[str, Any], message: str) -> None:
    path = tmp_path / "data.npz"
    np.savez(path, **arrays(**changes))
    with pytest.raises(DataError, match=message) as caught:
        load_dataset(path)
    assert str(caught.value).startswith(str(path))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="there is no such file"):
        load_dataset(tmp_path / "data.npz")


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
