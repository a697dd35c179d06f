"""Checkpoints: what is written is gone on from to the bit, and what cannot be used is refused in a sentence."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cnn.architecture import Specs, parse
from cnn.checkpoint import CheckpointError, checkpoint_path, load_checkpoint, save_checkpoint
from cnn.model import Model
from cnn.recipe import Recipe
from cnn.training import EpochResult, Training
from system.arrays import Array
from system.npz import NpzError, NpzReader, write_npz
from tests.cnn.test_augmentation import Darkening
from tests.squares import squares

SPECS = parse("C(2,5)-P4-FC10")
EVERY_KIND = parse("C(2,5,p1)-BN-P4-A2-D(0.5)-FC7-BN-FC10")
RECIPE = Recipe(learning_rate=0.01, epochs=3, batch_size=20)


class Squares:
    """Labelled images with an augmentation."""

    x_train, y_train = squares(100)
    augmentation = Darkening()


def begun(seed: int = 1, specs: Specs = SPECS) -> Training:
    """A training that has not run yet."""
    generator = np.random.default_rng(seed)
    return Training(Model.create(specs, generator), Squares(), RECIPE, generator=generator)


def go_on(training: Training, path: Path, last: int) -> Array:
    """Train up to an epoch of three, with a checkpoint after each; returns the parameters."""
    running = training.run()
    for each in running:
        if isinstance(each, EpochResult):
            save_checkpoint(path, training, 7)
            if each.epoch == last:
                break
    running.close()
    return training.model.parameters


@pytest.mark.parametrize("specs", [SPECS, EVERY_KIND], ids=["shipped kinds", "every kind"])
def test_a_training_that_goes_on_has_the_bits_of_one_that_was_never_interrupted(specs: Specs, tmp_path: Path) -> None:
    path = tmp_path / "checkpoint.npz"
    whole = go_on(begun(specs=specs), tmp_path / "whole.npz", 3)
    go_on(begun(specs=specs), path, 2)
    checkpoint = load_checkpoint(path, specs)
    assert [result.epoch for result in checkpoint.results] == [1, 2]
    assert (checkpoint.recipe, checkpoint.workers, checkpoint.data_checksum) == (RECIPE, 1, 7)
    assert go_on(checkpoint.resume(Squares()), path, 3).tobytes() == whole.tobytes()
    first, second = (load_checkpoint(each, specs).results for each in (path, tmp_path / "whole.npz"))
    assert [result.mean_loss for result in first] == [result.mean_loss for result in second]


def test_a_checkpoint_can_be_gone_on_from_twice(tmp_path: Path) -> None:
    path = tmp_path / "checkpoint.npz"
    go_on(begun(), path, 2)
    checkpoint = load_checkpoint(path, SPECS)
    first, second = (go_on(checkpoint.resume(Squares()), tmp_path / "other.npz", 3).tobytes() for _ in range(2))
    assert first == second


def state_of(path: Path) -> tuple[dict[str, Array], dict[str, Any]]:
    with NpzReader(path) as reader:
        return {name: reader.read(name) for name in ("parameters", "mean", "variance", "average")}, reader.read_object(
            "state", 10**6
        )


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"model": "FC10"}, "this is another model's"),
        ({"settings": 3}, "settings of this checkpoint make no sense"),
        ({"settings": {"workers": 1, "data": 7, "epochs": 0}}, "settings of this checkpoint make no sense"),
        ({"settings": {"workers": 0, "data": 7}}, "settings of this checkpoint make no sense"),
        ({"class_names": ["a"]}, "lacks a part"),
        ({"results": []}, "lacks a part"),
        ({"results": [{"epoch": 1}]}, "lacks a part"),
        ({"results": None}, "lacks a part"),
        ({"steps": "x"}, "lacks a part"),
        ({"steps": -9}, "lacks a part"),
        ({"steps": 10**400}, "lacks a part"),
        ({"generator": {}}, "lacks a part"),
        ({"generator": {"bit_generator": "MT19937"}}, "lacks a part"),
        ({"parameters": np.zeros(3, np.float32)}, "'parameters' does not fit"),
        ({"mean": np.zeros(4, np.float64)}, "'mean' does not fit"),
        ({"average": np.zeros(4, np.float32)}, "'average' does not fit"),
        ({"average": np.inf}, "finite numbers"),
        ({"variance": -1}, "finite numbers"),
        ({"parameters": np.nan}, "finite numbers"),
    ],
)
def test_what_does_not_fit_is_refused_in_a_sentence(changed: dict[str, Any], message: str, tmp_path: Path) -> None:
    path = tmp_path / "checkpoint.npz"
    go_on(begun(), path, 1)
    vectors, state = state_of(path)
    for name, value in changed.items():
        if name in vectors:
            vectors[name] = value if isinstance(value, np.ndarray) else np.full_like(vectors[name], value)
        else:
            state[name] = value
    write_npz(path, vectors, state=state)
    with pytest.raises(CheckpointError, match=message) as caught:
        load_checkpoint(path, SPECS)
    assert str(path) in str(caught.value) and str(caught.value).endswith(".")


def test_results_that_are_no_results_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "checkpoint.npz"
    go_on(begun(), path, 2)
    vectors, state = state_of(path)
    for change in ({"epoch": 7}, {"seconds": -1.0}, {"mean_loss": "x"}):
        broken = {**state, "results": [{**state["results"][0], **change}]}
        write_npz(path, vectors, state=broken)
        with pytest.raises(CheckpointError, match="lacks a part"):
            load_checkpoint(path, SPECS)


def test_a_file_that_is_no_checkpoint_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NpzError, match="there is no such file"):
        load_checkpoint(tmp_path / "none.npz", SPECS)
    np.savez(tmp_path / "weights.npz", weight_1=np.zeros(3))
    with pytest.raises(NpzError, match="'state' is missing"):
        load_checkpoint(tmp_path / "weights.npz", SPECS)


def test_a_checkpoint_that_cannot_be_written_is_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "nowhere" / "c.npz"
    with pytest.raises(
        CheckpointError, match=r"c\.npz: the checkpoint could not be written \(No such file or directory\)\."
    ):
        save_checkpoint(path, begun(), 7)


def test_a_checkpoint_lies_beside_its_weights() -> None:
    assert checkpoint_path(Path("folder") / "mine.npz") == Path("folder") / "checkpoint_mine.npz"


def test_names_of_classes_are_kept_and_others_refused(tmp_path: Path) -> None:
    path, names = tmp_path / "checkpoint.npz", tuple("abcdefghijklmnopqrstuvwxyz")
    training = Training(Model.create("P7-FC26", class_names=names), squares(20), RECIPE)
    go_on(training, path, 1)
    assert load_checkpoint(path, training.model.specs).resume(squares(20)).model.class_names == names
    vectors, state = state_of(path)
    write_npz(path, vectors, state={**state, "class_names": ["a"]})
    with pytest.raises(CheckpointError, match="lacks a part"):
        load_checkpoint(path, training.model.specs)
