"""Archives of arrays that nobody vouches for."""

import os
from pathlib import Path

import numpy as np
import pytest

from system.npz import NpzError, NpzReader, write_npz

NAME = "arrays.npz"


def test_what_is_written_is_read(tmp_path: Path) -> None:
    numbers = np.arange(6.0).reshape(2, 3)
    write_npz(tmp_path / NAME, {"numbers": numbers}, text={"name": "\u00e9", "list": [1, None]})
    with NpzReader(tmp_path / NAME) as reader:
        assert "numbers" in reader and "letters" not in reader
        assert reader.header("numbers") == ((2, 3), np.dtype(np.float64))
        np.testing.assert_array_equal(reader.read("numbers"), numbers)
        assert reader.read_object("text", 100) == {"name": "\u00e9", "list": [1, None]}
        with pytest.raises(NpzError, match="'letters' is missing"):
            reader.read("letters")
        with pytest.raises(NpzError, match="one JSON text of at most 5"):
            reader.read_object("text", 5)


def test_pickles_are_never_opened(tmp_path: Path) -> None:
    np.savez(tmp_path / NAME, weight_1=np.array([{}], object))
    with NpzReader(tmp_path / NAME) as reader, pytest.raises(NpzError, match="cannot be read"):
        reader.read("weight_1")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes on Windows")
def test_a_pipe_that_nobody_writes_to_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / NAME)
    with pytest.raises(NpzError, match="this is a folder or a device"):
        NpzReader(tmp_path / NAME)


@pytest.mark.skipif(os.name == "nt", reason="Windows gives links to few")
def test_a_link_to_itself_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / NAME).symlink_to(tmp_path / NAME)
    with pytest.raises(NpzError, match=r"\.npz: the file cannot be opened \(Too many levels of symbolic links\)\."):
        NpzReader(tmp_path / NAME)
