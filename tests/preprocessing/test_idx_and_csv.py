"""IDX and CSV files are read like .npz files, and damaged ones are refused in a sentence."""

import gzip
import struct
from pathlib import Path

import numpy as np
import pytest

from preprocessing.datasets import DataError, load_dataset
from tests.preprocessing.test_datasets import arrays, assert_same


def write_idx(folder: Path, prefix: str = "", packed: bool = False, test: str = "t10k", dot: str = "-") -> None:
    """Write the four files of a set."""
    folder.mkdir(exist_ok=True)
    for name, array in arrays().items():
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
        ("empty", "begins with the number 2051, but this begins with 0"),
        ("magic", "begins with the number 2051, but this begins with 3331"),
        ("wide", r"the shape \(images, 28, 28\), but this is \(6, 28, 29\)"),
        ("huge", "that are free, three times"),
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


def write_csv(path: Path, part: str, header: bool = True) -> None:
    data = arrays()
    rows = np.column_stack([data[f"y_{part}"], data[f"x_{part}"].reshape(-1, 784)])
    names = ",".join(["label", *(f"pixel{index}" for index in range(784))])
    np.savetxt(path, rows, "%d", ",", header=names if header else "", comments="")
    if not header:
        path.write_text(path.read_text().lstrip())


@pytest.mark.parametrize("header", [True, False])
def test_csv_is_read_from_a_folder_or_a_file(tmp_path: Path, header: bool) -> None:
    for part in ("train", "test"):
        write_csv(tmp_path / f"{part}.csv", part, header)
    assert_same(load_dataset(tmp_path))
    data, expected = load_dataset(tmp_path / "train.csv"), arrays()
    np.testing.assert_array_equal(data.x_train, expected["x_train"][:5])
    np.testing.assert_array_equal(data.x_test, expected["x_train"][5:])
    np.testing.assert_array_equal(data.y_test, expected["y_train"][5:])
    np.testing.assert_array_equal(load_dataset(tmp_path / "train.csv", ("test",)).x_test, expected["x_train"])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "but this has 1 columns"),
        ("pixel0,pixel1\n1,2\n", "but this has 2 columns, the first 'pixel0'"),
        (",".join(["label"] * 785) + "\n", "this has no row"),
        (",".join(["1"] * 785) + "\n", "at least 2 images, but this has 1"),
        (",".join(["1"] * 785) + "\n1,2\n", "this is something else"),
        (",".join(["1"] * 785) + "\n" + ",".join(["1.5"] * 785), "this is something else"),
        (",".join(["1"] * 785) + "\n" + ",".join(["99999"] * 785), "this is something else"),
        (",".join(["1"] * 785) + "\n" + ",".join(["256"] * 785), "pixels are from 0 to 255, but one is 256"),
        (",".join(["1"] * 785) + "\n" + ",".join(["-1"] * 785), "pixels are from 0 to 255, but one is -1"),
    ],
)
def test_other_csv_is_refused_in_a_sentence(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "a.csv").write_text(text)
    with pytest.raises(DataError, match=message):
        load_dataset(tmp_path / "a.csv")


def test_a_folder_without_test_csv_is_refused_where_it_is_needed(tmp_path: Path) -> None:
    write_csv(tmp_path / "train.csv", "train")
    with pytest.raises(DataError, match=r"test\.csv: there is no such file"):
        load_dataset(tmp_path)
    assert len(load_dataset(tmp_path, ("train",)).x_train) == 6
