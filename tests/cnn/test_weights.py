"""Weight files: what is written, and what is read."""

import json
import os
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cnn.architecture import parameter_shapes, parse
from cnn.inputs import InputError
from cnn.model import Model
from cnn.training import EpochResult
from cnn.weights import WeightFileError, file_name
from routines.train_metadata import history

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


def test_what_layers_keep_is_saved_too(tmp_path: Path) -> None:
    string = "C(2,5,p1)-BN-A4-D(0.25)-FC5-BN-FC10"
    made, path = network(string), tmp_path / f"weight_details{string}.npz"
    made.state[...] = np.random.default_rng(1).random(made.state.size)
    save(made, path, {})
    with np.load(path, allow_pickle=False) as file:
        of_2 = {name: file[name].shape for name in file if name.endswith("_2")}
        assert of_2 == dict.fromkeys(("gamma_2", "beta_2", "mean_2", "variance_2"), (2,))
        assert {name for name in file if name.endswith("_6")} == {"gamma_6", "beta_6", "mean_6", "variance_6"}
    for loaded in (load(path), pickle.loads(pickle.dumps(made))):  # noqa: S301 - it was made here
        assert loaded.parameters.tobytes() == made.parameters.tobytes()
        assert loaded.state.tobytes() == made.state.tobytes()
    (tmp_path / "none").mkdir()
    made.state[-1] = np.nan
    with pytest.raises(InputError, match="finite numbers of 32 bits: 1 of"):
        save(made, tmp_path / "none" / path.name)


def test_any_name_will_do_where_the_metadata_has_the_model(tmp_path: Path) -> None:
    save(network(), tmp_path / "mine.npz", {})
    assert load(tmp_path / "mine.npz").string == MODEL


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
