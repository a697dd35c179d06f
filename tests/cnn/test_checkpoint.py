"""Checkpoints: what is written is gone on from to the bit, and what cannot be used is refused in a sentence."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cnn import Array
from cnn.architecture import parse
from cnn.augmentation import Augmentation
from cnn.checkpoint import CheckpointError, checkpoint_path, load_checkpoint, save_checkpoint
from cnn.network import Network
from cnn.npz import NpzError, NpzReader, write_npz
from cnn.optimizer import AveragedAdam
from cnn.training import train
from tests.cnn.test_training import darken, draw_darkness
from tests.squares import squares

SPECS = parse("C(2,5)-P4-FC10")
SETTINGS = {"learning_rate": 0.01, "epochs": 3}


class Training:
    """What goes on from epoch to epoch."""

    def __init__(self, seed: int) -> None:
        self.generator = np.random.default_rng(seed)
        self.network = Network(SPECS, 20)
        self.network.initialize(self.generator)
        self.optimizer = AveragedAdam(self.network.parameters)

    def go_on(self, path: Path, first: int, last: int) -> Array:
        """Train from one epoch to another of three, with a checkpoint after each; returns the parameters."""
        results = list(load_checkpoint(path, SPECS).results) if first else []
        epochs = train(
            self.network,
            *squares(100),
            self.generator,
            **SETTINGS,  # type: ignore[arg-type]
            batch_size=20,
            augmentation=Augmentation(draw_darkness, darken),
            optimizer=self.optimizer,
            epochs_done=first,
        )
        for result in epochs:
            results.append(result)
            save_checkpoint(path, self.network, self.optimizer, self.generator, SETTINGS, results)
            if result.epoch == last:
                break
        return self.network.parameters


def test_a_training_that_goes_on_has_the_bits_of_one_that_was_never_interrupted(tmp_path: Path) -> None:
    path = tmp_path / "checkpoint.npz"
    whole = Training(1).go_on(tmp_path / "whole.npz", 0, 3)
    Training(1).go_on(path, 0, 2)
    resumed = Training(seed=99)
    checkpoint = load_checkpoint(path, SPECS)
    checkpoint.restore(resumed.network, resumed.optimizer, resumed.generator)
    assert [result.epoch for result in checkpoint.results] == [1, 2]
    assert checkpoint.settings == SETTINGS
    assert resumed.go_on(path, 2, 3).tobytes() == whole.tobytes()
    first, second = (load_checkpoint(each, SPECS).results for each in (path, tmp_path / "whole.npz"))
    assert [result.mean_loss for result in first] == [result.mean_loss for result in second]


def state_of(path: Path) -> tuple[dict[str, Array], dict[str, Any]]:
    with NpzReader(path) as reader:
        return {name: reader.read(name) for name in ("parameters", "mean", "variance", "average")}, reader.read_object(
            "state", 10**6
        )


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"model": "FC10"}, "this is another model's"),
        ({"settings": 3}, "lacks a part"),
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
    Training(1).go_on(path, 0, 1)
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
    Training(1).go_on(path, 0, 2)
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
    training = Training(1)
    path = tmp_path / "nowhere" / "c.npz"
    with pytest.raises(
        CheckpointError, match=r"c\.npz: the checkpoint could not be written \(No such file or directory\)\."
    ):
        save_checkpoint(path, training.network, training.optimizer, training.generator, SETTINGS, [])


def test_a_checkpoint_lies_beside_its_weights() -> None:
    assert checkpoint_path(Path("folder") / "mine.npz") == Path("folder") / "checkpoint_mine.npz"
