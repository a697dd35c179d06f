"""CSV files of Kaggle's form are read like .npz files, and others are refused with the line that is wrong."""

from pathlib import Path

import numpy as np
import pytest

from preprocessing.datasets import DataError, load_dataset
from tests.preprocessing.test_datasets import arrays, assert_same


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


HEADER = ",".join(["label", *(f"pixel{index}" for index in range(784))])


def row(first: object, value: object = 1) -> str:
    return ",".join([str(first), *[str(value)] * 784])


@pytest.mark.parametrize("header", ["label", '"label"', "'label' "])
def test_a_header_may_be_quoted(tmp_path: Path, header: str) -> None:
    quoted = ",".join(header.replace("label", name) for name in HEADER.split(","))
    (tmp_path / "a.csv").write_text("\n".join([quoted, row(3), "", row(4), ""]), encoding="utf-8-sig")
    assert load_dataset(tmp_path / "a.csv", "test").y_test.tolist() == [3, 4]


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ([""], "a file of images has a row for each, but this has none"),
        ([HEADER], "a file of images has a row for each, but this has none"),
        (
            ["pixel0,pixel1", "1,2"],
            "line 1: .* but this has 2 columns, the first 'pixel0'. Begin with a row, or with the",
        ),
        (
            [HEADER[6:] + ",label", row(1)],
            "line 1: .* but 'pixel0' is in column 1. Begin with a row, or with the header",
        ),
        ([HEADER.replace("label", "digit"), row(1)], "line 1: .* but 'digit' is in column 1"),
        ([row("1e0"), row(1)], "line 1: .* but '1e0' is in column 1"),
        ([row('"5"'), row(1)], "line 1: .* but '\"5\"' is in column 1"),
        ([row("-5"), row(1)], "y_test has labels from 0 to 9 only, but this is a -5"),
        (
            [HEADER[6:], row(1)[2:]],
            "line 1: .* 784 columns, as of Kaggle's test.csv, which has no labels. Give train.csv",
        ),
        ([row(1), row(1)[2:]], "line 2: .* but this has 784 columns"),
        ([HEADER, row(1), "1,2"], "line 3: .* but this has 2 columns, the first '1'. Mend the line"),
        ([HEADER, "", row(1), row(1, "1.5")], "line 4: .* but '1.5' is in column 2. Mend the line"),
        ([row(1), HEADER], "line 2: .* but 'label' is in column 1"),
        ([row(1), row(99999)], "line 2: .* but '99999' is in column 1"),
        ([row(1), row(1, 256)], "line 2: a row is .* from 0 to 255 .* but '256' is in column 2"),
        ([row(1), row(1, -1)], "line 2: .* but '-1' is in column 2"),
        ([row(1), row(1, "\u0661")], "line 2: .* but '\u0661' is in column 2"),
        ([row(1), row(1, "")], "line 2: .* but '' is in column 2"),
        ([row(1), row(1, 10) + "x"], "line 2: .* but '10x' is in column 785"),
        ([row(1), row(1, " 0100 ") + "x"], "line 2: .* but ' 0100 x' is in column 785"),
    ],
)
def test_other_csv_is_refused_in_a_sentence(tmp_path: Path, lines: list[str], message: str) -> None:
    (tmp_path / "a.csv").write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(DataError, match=message) as caught:
        load_dataset(tmp_path / "a.csv", "test")
    assert "\n" not in str(caught.value) and "usecols" not in str(caught.value)


def test_of_a_file_that_is_no_text_the_line_is_said(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(row(1).encode() + b"\n" + row("\xe9").encode("latin-1"))
    with pytest.raises(DataError, match=r"line 2: .* is in column 1") as caught:
        load_dataset(tmp_path / "a.csv")
    assert "codec" not in str(caught.value)


def test_training_and_testing_take_two_rows(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(row(1))
    with pytest.raises(DataError, match="at least 2 images, but this has 1"):
        load_dataset(tmp_path / "a.csv")


def test_a_part_alone_is_numbered_as_both_are(tmp_path: Path) -> None:
    (tmp_path / "train.csv").write_text("\n".join([HEADER, *map(row, (1, 26, 3))]))
    (tmp_path / "test.csv").write_text("\n".join(map(row, (3, 4))))
    data = load_dataset(tmp_path, "test")
    assert data.class_names == tuple(map(str, range(1, 27))) and data.y_test.tolist() == [2, 3]
    (tmp_path / "train.csv").write_text("\n".join([HEADER, *map(row, (1, "x", 3))]))
    with pytest.raises(DataError, match=r"train\.csv, line 3: .* but 'x' is in column 1"):
        load_dataset(tmp_path, "test")
    (tmp_path / "a.csv").write_text("\n".join(map(row, (3, 4, 26))))
    assert load_dataset(tmp_path / "a.csv", "train").class_names == tuple(map(str, range(3, 27)))


def test_a_folder_without_test_csv_is_refused_where_it_is_needed(tmp_path: Path) -> None:
    write_csv(tmp_path / "train.csv", "train")
    with pytest.raises(DataError, match=r"test\.csv: there is no such file"):
        load_dataset(tmp_path)
    assert len(load_dataset(tmp_path, ("train",)).x_train) == 6
