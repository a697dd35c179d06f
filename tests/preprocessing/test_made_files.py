"""What ships in files is what the scripts beside them make."""

import struct
from pathlib import Path

import cv2
import numpy as np
import pytest

from preprocessing import make_mnist, make_samples
from preprocessing.datasets import load_dataset
from preprocessing.mnist import IDX_MAGIC, load_mnist


def picture(path: Path) -> np.ndarray:
    """The picture of a file as it is, as integers that may be subtracted."""
    found = cv2.imdecode(np.frombuffer(path.read_bytes(), np.uint8), cv2.IMREAD_UNCHANGED)
    return np.asarray(found, int)


def test_the_samples_and_the_input_are_those_that_are_made(tmp_path: Path) -> None:
    make_samples.main(load_mnist(), tmp_path / "samples", tmp_path / "input.jpg")
    made = {path.name for path in (tmp_path / "samples").iterdir()}
    assert len(made) == 12
    for name in made:
        # Other encoders round JPEG in other ways.
        assert np.abs(picture(tmp_path / "samples" / name) - picture(make_samples.FOLDER / name)).mean() < 1
    assert np.abs(picture(tmp_path / "input.jpg") - picture(make_samples.INPUT)).mean() < 1


def idx_files(folder: Path) -> None:
    """The four original files, made of the data set."""
    data = load_mnist()
    for name, (file, _) in make_mnist.SOURCES.items():
        array = getattr(data, name)
        header = struct.pack(f">{1 + array.ndim}I", IDX_MAGIC[array.ndim], *array.shape)
        (folder / file).write_bytes(header + array.tobytes())


def test_the_data_set_is_made_of_the_original_files_alone(tmp_path: Path) -> None:
    idx_files(tmp_path)
    make_mnist.main(tmp_path, tmp_path / "mnist.npz")
    made, data = load_dataset(tmp_path / "mnist.npz"), load_mnist()
    assert all(getattr(made, name).tobytes() == getattr(data, name).tobytes() for name in make_mnist.SOURCES)
    read = load_dataset(tmp_path)
    assert all(np.array_equal(getattr(read, name), getattr(data, name)) for name in make_mnist.SOURCES)
    (tmp_path / "mnist.npz").unlink()
    labels = tmp_path / make_mnist.SOURCES["y_test"][0]
    labels.write_bytes(labels.read_bytes()[:-1] + b"\x09")
    with pytest.raises(SystemExit, match="the checksum is not that of the original file"):
        make_mnist.main(tmp_path, tmp_path / "mnist.npz")
    assert not (tmp_path / "mnist.npz").exists()
