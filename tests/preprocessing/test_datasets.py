"""Data of users: .npz files, their classes and names, and what is refused."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from preprocessing.augment import AUGMENTATION
from preprocessing.datasets import DIGIT_NAMES, DataError, Dataset, load_dataset, looks_inverted
from preprocessing.mnist import load_mnist

LETTERS = np.array([1, 26, 3, 4, 5, 6])


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


def saved(folder: Path, **changes: Any) -> Path:
    path = folder / "data.npz"
    np.savez(path, **arrays(**changes))
    return path


def assert_same(data: Dataset, **changes: Any) -> None:
    for name, array in arrays(**changes).items():
        np.testing.assert_array_equal(getattr(data, name), array)
        assert getattr(data, name).dtype == np.uint8


@pytest.mark.parametrize("kind", [np.uint8, np.int64, np.int32])
def test_labels_may_be_whole_numbers_of_any_size(tmp_path: Path, kind: type) -> None:
    data = load_dataset(str(saved(tmp_path, y_train=arrays()["y_train"].astype(kind))))
    assert_same(data)
    assert (data.classes, data.class_names, data.name) == (10, DIGIT_NAMES, "data")
    assert data.augmentation is AUGMENTATION


def test_digits_are_ten_classes_even_where_some_are_missing(tmp_path: Path) -> None:
    data = load_dataset(saved(tmp_path, y_train=np.full(6, 3), y_test=np.full(3, 1)))
    assert data.class_names == DIGIT_NAMES and data.y_test.tolist() == [1, 1, 1]


def test_labels_from_one_up_are_shifted_and_keep_their_numbers_as_names(tmp_path: Path) -> None:
    data = load_dataset(saved(tmp_path, y_train=LETTERS, y_test=np.array([1, 2, 26])))
    assert data.class_names == tuple(map(str, range(1, 27))) and data.classes == 26
    assert data.y_train.tolist() == [0, 25, 2, 3, 4, 5] and data.y_test.tolist() == [0, 1, 25]


def test_labels_from_zero_beyond_nine_are_as_many_classes_as_the_highest_says(tmp_path: Path) -> None:
    data = load_dataset(saved(tmp_path, y_train=np.array([0, 46, 1, 2, 3, 299])))
    assert data.classes == 300 and data.y_train.tolist() == [0, 46, 1, 2, 3, 299]


def test_names_come_from_the_file(tmp_path: Path) -> None:
    names = ("T-shirt", "trouser", "ü")
    path = saved(tmp_path, y_train=np.array([0, 1, 2, 0, 1, 2]), y_test=np.array([2, 1, 0]), class_names=names)
    assert load_dataset(path).class_names == names


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
        (
            {"y_train": np.array([1, 2, 3, 4, 5, 2000]), "y_test": np.array([1, 2, 3])},
            "y_train has labels from 1 to 1000 only, but this is a 2000",
        ),
        ({"y_train": np.array([1, 2, -1, 4, 5, 6])}, "labels from 0 to 9 only, but this is a -1"),
        ({"y_train": np.array([1, 2, -1, 4, 5, 60])}, "labels from 0 to 60 only, but this is a -1"),
        ({"y_train": np.array([2**63, 1, 2, 3, 4, 5], np.uint64)}, "but this is a 9223372036854775808"),
        ({"y_train": np.array([None] * 6)}, "y_train holds whole numbers, but this is object"),
        ({"class_names": np.array(["a", "b"])}, "labels from 0 to 1 only, which have names, but this is a"),
        ({"class_names": np.arange(10)}, "class_names holds from 1 to 1000 texts"),
        ({"class_names": np.array(["a", "b", "a"])}, "different names that can be printed, but this is 'a'"),
        ({"class_names": np.array(["a\n", "b"])}, "different names that can be printed"),
        ({"class_names": np.array(["", "b"])}, "different names that can be printed, but this is ''"),
        ({"class_names": np.array([0x110000, 1], "<u4").view("<U1")}, "class_names holds texts"),
        ({"class_names": np.array("a")}, "class_names holds from 1 to 1000 texts"),
        ({"class_names": np.array(["a" * 101])}, "at most 100 letters"),
    ],
)
def test_data_of_another_form_is_refused_in_a_sentence(tmp_path: Path, changes: dict[str, Any], message: str) -> None:
    path = saved(tmp_path, **changes)
    with pytest.raises(DataError, match=message) as caught:
        load_dataset(path)
    assert str(caught.value).startswith(str(path))


def test_a_part_that_is_not_asked_for_may_be_missing(tmp_path: Path) -> None:
    path = saved(tmp_path, x_train=None, y_train=None)
    data = load_dataset(path, parts=("test",))
    np.testing.assert_array_equal(data.x_test, arrays()["x_test"])
    assert data.x_train.shape == (0, 28, 28) and data.y_train.shape == (0,)
    with pytest.raises(DataError, match="'x_train' is missing"):
        load_dataset(path, ("train",))


@pytest.mark.parametrize("parts", ["test", ["test"], (part for part in ["test"])])
def test_parts_are_one_or_several(tmp_path: Path, parts: Any) -> None:
    data = load_dataset(saved(tmp_path), parts)
    assert (len(data.x_train), len(data.x_test)) == (0, 3)


@pytest.mark.parametrize("parts", [5, None, "all", (), ("test", 3)])
def test_other_parts_are_refused_in_a_sentence(tmp_path: Path, parts: Any) -> None:
    with pytest.raises(DataError, match=r"^Parts of a data set are 'train' and 'test', but this is .*\. Give one"):
        load_dataset(saved(tmp_path), parts)


@pytest.mark.parametrize("path", [None, 5, b"x"])
def test_what_is_no_path_is_refused_in_a_sentence(path: Any) -> None:
    for load in (load_dataset, load_mnist):
        with pytest.raises(DataError, match=r"^Data have a path: .* was given\. Give the name of a file or folder\.$"):
            load(path)


@pytest.mark.parametrize("part", ["train", "test"])
def test_a_part_alone_is_numbered_as_both_are(tmp_path: Path, part: str) -> None:
    path = saved(tmp_path, y_train=LETTERS, y_test=np.array([3, 4, 9]))
    both, alone = load_dataset(path), load_dataset(path, part)
    assert alone.class_names == both.class_names == tuple(map(str, range(1, 27)))
    np.testing.assert_array_equal(getattr(alone, f"y_{part}"), getattr(both, f"y_{part}"))
    path = saved(tmp_path, y_train=np.array([0, 11, 2, 3, 4, 5]), y_test=np.array([0, 9, 5]))
    assert load_dataset(path, part).classes == 12


def test_a_part_alone_that_is_all_there_is_has_the_classes_of_its_labels(tmp_path: Path) -> None:
    path = saved(tmp_path, x_train=None, y_train=None, y_test=np.array([3, 4, 11]))
    assert load_dataset(path, "test").class_names == tuple(map(str, range(3, 12)))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"y_train": np.full(6, 10)}, "y_train has labels from 0 to 9, each of which has a name, but this is 10"),
        ({"y_test": np.array([0, -1, 2])}, "y_test has labels from 0 to 9, each of which has a name, but this is -1"),
        ({"y_test": [0, 1, 200]}, "y_test has labels from 0 to 9"),
        ({"class_names": None}, "class_names holds texts, one for each class, but this is 'None'"),
        ({"class_names": ()}, "class_names holds texts"),
        ({"class_names": range(10)}, "class_names holds texts"),
        ({"class_names": ["a"] * 10}, "class_names holds different names that can be printed, but this is 'a'"),
    ],
)
def test_a_data_set_that_contradicts_itself_is_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(DataError, match=f"^MNIST: {message}"):
        Dataset(**arrays(**{"class_names": DIGIT_NAMES, **changes}) | changes)


def test_names_of_a_data_set_may_be_a_list() -> None:
    assert Dataset(**arrays(), class_names=list("abcdefghij")).class_names == tuple("abcdefghij")  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["data.npz", "data.csv", "folder/train-images-idx3-ubyte"])
def test_a_missing_file_is_named(tmp_path: Path, name: str) -> None:
    with pytest.raises(DataError, match=r"there is no such file\. Check the name"):
        load_dataset(tmp_path / name)


def test_a_folder_without_data_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="a folder of data has train-images-idx3-ubyte and so on"):
        load_dataset(tmp_path)


def test_black_on_white_looks_inverted() -> None:
    images = np.zeros((3, 28, 28), np.uint8)
    images[:, 4:24, 10:18] = 255
    assert looks_inverted(255 - images) and not looks_inverted(images) and not looks_inverted(images[:0])
