"""Weight files: what is written, what is read, and what is refused."""

import io
import json
import os
import tracemalloc
import zipfile
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cnn.architecture import parameter_shapes, parse
from cnn.inputs import InputError
from cnn.model import Model
from cnn.training import EpochResult
from cnn.weights import WeightFileError, file_name
from routines.train_metadata import history
from system.npz import NpzError, NpzReader

MODEL = "C(2,5)-P4-FC10"
NAME = f"weight_details{MODEL}.npz"


def network(model: str = MODEL) -> Model:
    """A model with random weights and biases."""
    made = Model.create(model)
    made.parameters[...] = np.random.default_rng(0).standard_normal(made.parameters.size)
    return made


save, load = Model.save, Model.load


def foreign_arrays(model: str = MODEL) -> dict[str, Any]:
    """What another program writes: float64, and nothing but weights and biases."""
    generator = np.random.default_rng(1)
    shapes = parameter_shapes(parse(model))
    return {
        f"{name}_{number}": generator.standard_normal(shape)
        for number, pair in shapes.items()
        for name, shape in pair.items()
    }


def test_what_is_saved_is_loaded(tmp_path: Path) -> None:
    path = tmp_path / NAME
    save(network(), path, {"accuracy": 0.5})
    loaded = load(path)
    assert loaded.string == MODEL
    assert loaded.metadata == {"model": MODEL, "accuracy": 0.5}
    assert loaded.parameter_count == network().parameters.size
    assert loaded.path == path and loaded.network(7).images == 7
    assert loaded.parameters.tobytes() == network().parameters.tobytes()
    assert [file.name for file in tmp_path.iterdir()] == [NAME]


@pytest.mark.parametrize(
    ("stored", "used"), [(1.5, 1.5), (0.1, 0.1), (None, 1), ("2", 1), (0.0, 1), (11.0, 1), (-1.0, 1), (True, 1)]
)
def test_the_temperature_is_that_of_the_metadata_where_it_makes_sense(stored: Any, used: float, tmp_path: Path) -> None:
    arrays = {
        f"{name}_{number}": array for number, layer in network().arrays().items() for name, array in layer.items()
    }
    np.savez(tmp_path / NAME, **arrays, metadata=np.array(json.dumps({"temperature": stored})))  # type: ignore[arg-type]
    loaded = load(tmp_path / NAME)
    assert loaded.temperature == used
    image = np.random.default_rng(0).integers(0, 256, (1, 28, 28), np.uint8)
    powers = network().probabilities(image) ** (1 / used)
    np.testing.assert_allclose(loaded.probabilities(image), powers / powers.sum(), rtol=1e-3, atol=1e-7)


def test_a_program_that_knows_only_the_names_reads_the_file(tmp_path: Path) -> None:
    path = tmp_path / file_name(parse(MODEL))
    save(made := network(), path, {})
    with np.load(path, allow_pickle=False) as file:
        assert set(file) == {"weight_1", "bias_1", "weight_3", "bias_3", "metadata"}
        assert [file[name].shape for name in ("weight_1", "bias_1", "weight_3", "bias_3")] == [
            (2, 1, 5, 5),
            (2,),
            (10, 72),
            (10,),
        ]
        np.testing.assert_array_equal(file["weight_1"], made.arrays()[1]["weight"])
        assert json.loads(str(file["metadata"])) == {"model": MODEL}


@pytest.mark.parametrize("kind", ["f8", "f4", "f2", ">f8"])
def test_files_of_any_float_type_with_nothing_but_weights_and_biases_load(tmp_path: Path, kind: str) -> None:
    arrays = {name: array.astype(kind) for name, array in foreign_arrays().items()}
    np.savez(tmp_path / NAME, **arrays)
    loaded = load(tmp_path / NAME)
    assert loaded.metadata == {}
    for number, layer in loaded.arrays().items():
        for name, array in layer.items():
            np.testing.assert_array_equal(array, arrays[f"{name}_{number}"].astype(np.float32))


def test_any_name_will_do_where_the_metadata_has_the_model(tmp_path: Path) -> None:
    save(network(), tmp_path / "mine.npz", {})
    assert load(tmp_path / "mine.npz").string == MODEL


def damaged(**changes: Any) -> dict[str, Any]:
    """The arrays of a foreign file, some replaced, or left out for None."""
    return {name: array for name, array in (foreign_arrays() | changes).items() if array is not None}


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
        (damaged(metadata=np.array("x" * 200_000)), NAME, "one JSON text of at most 100,000"),
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


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / NAME
    save(network(), path, {"version": 1})
    before = path.read_bytes()

    def full(*arguments: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(WeightFileError, match=r"could not be written \(No space left on device\)"):
        save(network(), path, {"version": 2})
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == [NAME]


def test_the_new_file_takes_the_place_of_the_old_one_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / NAME
    save(network(), path, {"version": 1})
    before = path.read_bytes()

    def refuse(self: Path, target: Path) -> None:
        assert path.read_bytes() == before  # untouched until then
        assert load(self.rename(self.with_name("whole.npz"))).metadata["version"] == 2
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(WeightFileError, match="Permission denied"):
        save(network(), path, {"version": 2})
    assert path.read_bytes() == before


def test_an_interrupted_write_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / NAME
    save(network(), path, {"version": 1})
    before = path.read_bytes()

    def interrupt(*arguments: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        save(network(), path, {"version": 2})
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == [NAME]


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(WeightFileError, match="could not be written"):
        save(network(), tmp_path / "gone" / NAME, {})


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


def test_what_json_does_not_hold_is_not_written(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="not JSON compliant"):
        save(network(), tmp_path / NAME, {"accuracy": float("nan")})
    assert not list(tmp_path.iterdir())


def test_what_the_longest_training_has_to_say_of_itself_is_read(tmp_path: Path) -> None:
    worst = EpochResult(1000, 1000, 1.2345678912345e-05, 1.2345678912345e-05, 0.98765432198765, 1e5, 1e5)
    metadata = {"date": "2026-01-02", "history": history([worst] * 1000)}
    save(network(), tmp_path / NAME, metadata)
    assert load(tmp_path / NAME).metadata["history"][-1] == {
        "mean_loss": 1.23457e-05,
        "median_loss": 1.23457e-05,
        "accuracy": 0.987654,
    }


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
