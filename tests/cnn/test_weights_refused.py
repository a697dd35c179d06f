"""Weight files that are refused, in a sentence."""

import io
import tracemalloc
import zipfile
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cnn.weights import WeightFileError
from system.npz import NpzError, NpzReader
from tests.cnn.test_weights import MODEL, NAME, foreign_arrays, load, network, save


def damaged(**changes: Any) -> dict[str, Any]:
    """The arrays of a foreign file, some replaced, or left out for None."""
    return {name: array for name, array in (foreign_arrays() | changes).items() if array is not None}


def test_a_variance_below_0_is_refused(tmp_path: Path) -> None:
    string = "C(2,5)-BN-FC10"
    arrays = {name: np.abs(array) for name, array in foreign_arrays(string).items()}
    path = tmp_path / f"weight_details{string}.npz"
    np.savez(path, **arrays)
    assert load(path).string == string
    np.savez(path, **arrays | {"variance_2": np.array([0.5, -0.25])})
    with pytest.raises(WeightFileError, match=r"'variance_2' holds numbers from 0 up, but it has -0\.25\."):
        load(path)


@pytest.mark.parametrize(
    ("arrays", "name", "message"),
    [
        (damaged(bias_3=None), NAME, "array 'bias_3' is missing"),
        (
            damaged(weight_1=np.zeros((2, 5, 5))),
            NAME,
            r"'weight_1' has the shape \(2, 1, 5, 5\), but it has \(2, 5, 5\)",
        ),
        (damaged(bias_1=np.zeros((2, 1))), NAME, r"'bias_1' has the shape \(2,\), but it has \(2, 1\)"),
        (damaged(bias_1=np.zeros(2, int)), NAME, "'bias_1' holds floating-point numbers, but it has the type int64"),
        (damaged(bias_1=np.array(["1", "2"])), NAME, "'bias_1' holds floating-point numbers"),
        (damaged(bias_1=np.array([1.0, np.nan])), NAME, "'bias_1' holds finite numbers, but it has 1 that are not"),
        (damaged(bias_1=np.array([1e300, np.inf])), NAME, "'bias_1' holds finite numbers, but it has 2 that are not"),
        (
            damaged(bias_1=np.array([None, {}])),
            NAME,
            "'bias_1' holds floating-point numbers, but it has the type object",
        ),
        (damaged(), "mine.npz", "has neither"),
        (
            {"W1": np.zeros(3), "b1": np.zeros(3)},
            "mine.npz",
            "another program, has 'W1', 'b1'. Take it in with main.py import",
        ),
        (damaged(), "weight_detailsC(2,5)-P4.npz", "FC10 must be the last token"),
        (damaged(), "weight_detailsC(3,5)-P4-FC10.npz", r"'weight_1' has the shape \(3, 1, 5, 5\)"),
        (damaged(metadata=np.array('{"model": "FC10"}')), NAME, "name and metadata give the same model"),
        (damaged(metadata=np.array('{"model": "../../FC10"}')), NAME, "a token is C"),
        (damaged(metadata=np.array('{"model": 5}')), NAME, "is text, but this is int"),
        (damaged(metadata=np.array("[1]")), NAME, "is a JSON object, but this is list"),
        (damaged(metadata=np.array("{")), NAME, "is a JSON text, but this cannot be read"),
        (damaged(metadata=np.array("[" * 50_000)), NAME, "is a JSON text, but this cannot be read"),
        (damaged(metadata=np.array({"model": MODEL}, object)), NAME, "one JSON text"),
        (
            damaged(metadata=np.array([0xFFFFFFFF], "<u4").view("<U1").reshape(())),
            NAME,
            "is a JSON text, but this cannot",
        ),
        (damaged(metadata=np.array("x" * 200_000)), NAME, "one JSON text of at most 150,000"),
    ],
)
def test_what_does_not_fit_is_refused_in_a_sentence(
    tmp_path: Path, arrays: dict[str, Any], name: str, message: str
) -> None:
    np.savez(tmp_path / name, **arrays)
    with pytest.raises(WeightFileError if "missing" not in message else NpzError, match=message) as caught:
        load(tmp_path / name)
    assert str(caught.value).startswith(str(tmp_path / name))


def test_a_header_that_declares_terabytes_is_refused_before_anything_is_read(tmp_path: Path) -> None:
    arrays = foreign_arrays()
    del arrays["weight_1"]
    np.savez(tmp_path / NAME, **arrays)
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(header, {"descr": "<f8", "fortran_order": False, "shape": (10**12,)})
    with zipfile.ZipFile(tmp_path / NAME, "a") as archive:
        archive.writestr("weight_1.npy", header.getvalue())
    with pytest.raises(WeightFileError, match=r"has the shape \(2, 1, 5, 5\), but it has \(1000000000000,\)"):
        load(tmp_path / NAME)


@pytest.mark.parametrize("content", [b"", b"PK", b"hello", bytes(1000), b"\x80\x04K\x05."])
def test_what_is_no_zip_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / NAME).write_bytes(content)
    with pytest.raises(NpzError, match=r"an \.npz file is a zip archive of arrays"):
        load(tmp_path / NAME)


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    with pytest.raises(NpzError, match="there is no such file"):
        load(tmp_path / NAME)
    (tmp_path / NAME).mkdir()
    with pytest.raises(NpzError, match="this is a folder or a device"):
        load(tmp_path / NAME)


@given(st.data())
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_file_with_changed_or_missing_bytes_is_refused_or_whole(tmp_path: Path, data: st.DataObject) -> None:
    path = tmp_path / NAME
    save(network(), path, {})
    content = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(content[: data.draw(st.integers(0, len(content)))] if data.draw(st.booleans()) else content)
    try:
        loaded = load(path)
    except NpzError:
        return
    assert loaded.parameters.tobytes() == network().parameters.tobytes()


@pytest.mark.parametrize(
    "header", [b"{'descr': '<f4', 'shape': (2,", b"{'descr': 1}", b"\xff\xfe", b"[" * 90, b"{'descr': '<f4',}", b""]
)
def test_headers_that_no_program_writes_are_refused_in_a_sentence(tmp_path: Path, header: bytes) -> None:
    path = tmp_path / NAME
    np.savez(path, **damaged(bias_1=None))
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("bias_1.npy", b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header)
    with pytest.raises(NpzError, match="the array 'bias_1' cannot be read"):
        load(path)


def test_a_signalling_nan_is_refused_without_a_warning(tmp_path: Path) -> None:
    arrays = foreign_arrays()
    arrays["bias_3"].view(np.uint64)[0] = 0x7FF0000000000001
    np.savez(tmp_path / NAME, **arrays)
    with pytest.raises(WeightFileError, match="'bias_3' holds finite numbers, but it has 1 that are not"):
        load(tmp_path / NAME)


def test_a_header_of_gigabytes_is_refused_before_it_is_read(tmp_path: Path) -> None:
    """Version 2 of the format has a header of any length, of which a deflated file holds a lot in little."""
    save(network(), tmp_path / NAME, {})
    with zipfile.ZipFile(tmp_path / NAME) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    members["weight_1.npy"] = b"\x93NUMPY\x02\x00" + (50_000_000).to_bytes(4, "little") + bytes(50_000_000)
    with zipfile.ZipFile(tmp_path / NAME, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    del members
    tracemalloc.start()
    with pytest.raises(NpzError, match=r"'weight_1' cannot be read \(version 2\.0 of the format is for records\)"):
        load(tmp_path / NAME)
    assert tracemalloc.get_traced_memory()[1] < 5_000_000
    tracemalloc.stop()


def test_a_model_that_does_not_fit_into_memory_is_refused_before_its_arrays_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save(network(), tmp_path / NAME, {})
    monkeypatch.setattr("psutil.virtual_memory", lambda: SimpleNamespace(available=10_000))
    monkeypatch.setattr(NpzReader, "read", lambda *arguments: pytest.fail("was read"))
    monkeypatch.setattr(NpzReader, "read_object", lambda *arguments: {"model": MODEL})
    with pytest.raises(WeightFileError, match="a network has to fit into memory") as caught:
        load(tmp_path / NAME)
    assert str(caught.value).startswith(f"{tmp_path / NAME}: ")


@pytest.mark.skipif(np.dtype(np.longdouble).itemsize <= 8, reason="there is no longer float here")
def test_floats_of_more_than_64_bits_are_refused(tmp_path: Path) -> None:
    np.savez(tmp_path / NAME, **{name: array.astype(np.longdouble) for name, array in foreign_arrays().items()})
    with pytest.raises(WeightFileError, match="'weight_1' holds floating-point numbers, but it has the type"):
        load(tmp_path / NAME)
