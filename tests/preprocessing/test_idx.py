"""IDX files are read like .npz files, and damaged ones are refused in a sentence."""

import gzip
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from preprocessing.datasets import DataError, load_dataset
from system.arrays import Array
from tests.preprocessing.test_datasets import arrays, assert_same


def write_idx(
    folder: Path, prefix: str = "", packed: bool = False, test: str = "t10k", dot: str = "-", **changes: Array
) -> None:
    """Write the four files of a set."""
    folder.mkdir(exist_ok=True)
    for name, array in arrays(**changes).items():
        part, kind = (test if name.endswith("test") else "train"), ("images" if name[0] == "x" else "labels")
        data = struct.pack(f">{1 + array.ndim}I", 2048 + array.ndim, *array.shape) + array.tobytes()
        file = folder / f"{prefix}{part}-{kind}{dot}idx{array.ndim}-ubyte{'.gz' if packed else ''}"
        file.write_bytes(gzip.compress(data) if packed else data)


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize(
    ("prefix", "test", "dot"), [("", "t10k", "-"), ("emnist-letters-", "test", "-"), ("", "t10k", ".")]
)
def test_idx_files_are_read_from_a_folder_or_one_of_them(
    tmp_path: Path, prefix: str, test: str, dot: str, packed: bool
) -> None:
    write_idx(tmp_path, prefix, packed, test, dot)
    assert_same(load_dataset(tmp_path))
    for file in tmp_path.glob("*images*"):
        assert_same(load_dataset(file))


def test_test_files_alone_are_enough_where_nothing_else_is_asked_for(tmp_path: Path) -> None:
    write_idx(tmp_path)
    for file in tmp_path.glob("train*"):
        file.unlink()
    np.testing.assert_array_equal(load_dataset(tmp_path, ("test",)).x_test, arrays()["x_test"])
    with pytest.raises(DataError, match=r"train-images-idx3-ubyte \(or \.gz\) is missing"):
        load_dataset(tmp_path)


def test_test_files_are_numbered_with_the_labels_of_training(tmp_path: Path) -> None:
    letters: dict[str, Any] = {
        "y_train": np.array([1, 26, 3, 4, 5, 6], np.uint8),
        "y_test": np.array([3, 4, 9], np.uint8),
    }
    for packed in (False, True):
        write_idx(tmp_path / str(packed), packed=packed, **letters)
        data = load_dataset(tmp_path / str(packed), "test")
        assert data.class_names == tuple(map(str, range(1, 27))) and data.y_test.tolist() == [2, 3, 8]
    (tmp_path / "False" / "train-labels-idx1-ubyte").unlink()
    assert load_dataset(tmp_path / "False", "test").y_test.tolist() == [3, 4, 9]


def test_the_mapping_of_emnist_gives_names(tmp_path: Path) -> None:
    write_idx(tmp_path, "emnist-x-")
    lowest = min(arrays()["y_train"].min(), arrays()["y_test"].min())
    mapping = tmp_path / "emnist-x-mapping.txt"
    mapping.write_text("".join(f"{label} {65 + label} {97 + label}\n" for label in range(lowest, 12)))
    data = load_dataset(tmp_path)
    assert data.class_names == tuple("ABCDEFGHIJKL"[lowest:])
    np.testing.assert_array_equal(data.y_test, arrays()["y_test"] - lowest)
    for text, message in (
        ("0 65\n", "have names"),
        ("0 x\n", "number of its character"),
        ("0 65\n2 66\n", "follow"),
        ("".join(f"{label} {70 + label}\n" for label in range(-1, 12)), "follow one another from 0 or above"),
        ("", "follow"),
    ):
        mapping.write_text(text)
        with pytest.raises(DataError, match=message):
            load_dataset(tmp_path)


def test_of_several_sets_in_a_folder_one_is_chosen_by_a_file(tmp_path: Path) -> None:
    write_idx(tmp_path, "emnist-letters-")
    write_idx(tmp_path, "emnist-digits-")
    with pytest.raises(DataError, match=r"this has several\. Give one of its files: emnist-digits-t"):
        load_dataset(tmp_path)
    assert_same(load_dataset(tmp_path / "emnist-letters-train-images-idx3-ubyte"))


def damage(path: Path, how: str) -> None:
    data = path.read_bytes()
    changed = {
        "cut": data[:-1],
        "longer": data + b"x",
        "empty": b"",
        "header": data[:12],
        "magic": b"\0\0\x0d\x03" + data[4:],
        "wide": data[:12] + struct.pack(">I", 29) + data[16:],
        "huge": data[:4] + struct.pack(">I", 2**32 - 1) + data[8:],
    }
    path.write_bytes(changed[how])


@pytest.mark.parametrize(
    ("how", "message"),
    [
        ("cut", "has 4,720 bytes, but this has 4,719"),
        ("longer", "has 4,720 bytes, but this has more"),
        ("empty", "but this is truncated: it has 0"),
        ("header", "begins with 16 bytes that say what it holds, but this is truncated: it has 12"),
        ("magic", "begins with the number 2051, but this begins with 3331"),
        ("wide", r"the shape \(images, 28, 28\), but this is \(6, 28, 29\)"),
        ("huge", r"has to fit into memory three times, but that takes 10,10\d\.\d GB, and .* GB are free"),
    ],
)
def test_damaged_idx_files_are_refused_in_a_sentence(tmp_path: Path, how: str, message: str) -> None:
    write_idx(tmp_path)
    damage(tmp_path / "train-images-idx3-ubyte", how)
    with pytest.raises(DataError, match=message):
        load_dataset(tmp_path)


def test_packed_files_that_are_cut_or_not_packed_are_refused(tmp_path: Path) -> None:
    write_idx(tmp_path, packed=True)
    path = tmp_path / "train-images-idx3-ubyte.gz"
    whole = path.read_bytes()
    for data in (whole[:-20], whole[:30], b"no gzip", whole[:200] + bytes(50) + whole[250:]):
        path.write_bytes(data)
        with pytest.raises(DataError, match=r"train-images-idx3-ubyte\.gz: "):
            load_dataset(tmp_path)


def test_images_without_labels_are_refused(tmp_path: Path) -> None:
    write_idx(tmp_path)
    (tmp_path / "t10k-labels-idx1-ubyte").unlink()
    with pytest.raises(DataError, match=r"its labels, t10k-labels-idx1-ubyte \(or \.gz\), are missing"):
        load_dataset(tmp_path)
