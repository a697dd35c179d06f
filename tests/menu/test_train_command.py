"""The command `train`: what it refuses, and what it leaves when it is interrupted."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from cnn import Model
from routines.places import Places
from system.npz import NpzReader, write_npz
from tests.menu.conftest import (
    HEADING,
    MODEL,
    Captured,
    Command,
    Train,
    WhenShown,
    after_epoch,
    save_data,
)
from tests.menu.test_loop import put_model
from tests.squares import dataset


def parameters(path: Path) -> bytes:
    """The parameters of a weight file."""
    return Model.load(path).parameters.tobytes()


def test_the_same_seed_gives_the_same_file_and_another_seed_another(train: Train, tmp_path: Path) -> None:
    for name, seed in (("a", "1"), ("b", "1"), ("c", "2")):
        assert train(tmp_path / f"{name}.npz", "--json", "--seed", seed) == 0
    first, second, other = (parameters(tmp_path / f"{name}.npz") for name in "abc")
    assert first == second != other


@pytest.mark.parametrize("output", ["gone/x.npz", "x.txt", "folder.npz", "weight_detailsFC10.npz"])
def test_a_bad_output_is_refused_before_training(output: str, train: Train, tmp_path: Path, capsys: Captured) -> None:
    (tmp_path / "folder.npz").mkdir()
    assert train(tmp_path / output, "--json") == 2
    captured = capsys.readouterr()
    assert captured.out == "" and output in captured.err


def test_ctrl_c_in_training_keeps_the_network_beside_the_finished_one(
    train: Train, tmp_path: Path, when_shown: WhenShown, capsys: Captured
) -> None:
    output = tmp_path / "mine.npz"
    Model.create(MODEL).save(output)
    before = output.read_bytes()
    when_shown(after_epoch(1))
    assert train(output, "--json") == 130
    captured = capsys.readouterr()
    assert len(captured.out.splitlines()) == 1
    assert captured.err == (
        "Interrupted in epoch 2 of 3.\nIts state after epoch 1 is kept, to go on from. In the menu, train it again; on "
        f"the command line, add --resume.\nWeights: {tmp_path / 'unfinished_mine.npz'}\n"
    )
    assert output.read_bytes() == before
    assert Model.load(tmp_path / "unfinished_mine.npz").metadata["stopped"] == "Interrupted in epoch 2 of 3."


def test_options_reach_the_training(train: Train, tmp_path: Path) -> None:
    assert train(tmp_path / "mine.npz", "--json", "--weight-decay", "0.5", "--workers", "1", "--no-augment") == 0
    metadata = Model.load(tmp_path / "mine.npz").metadata
    expected = {"learning_rate": 0.01, "epochs": 3, "batch_size": 20, "workers": 1, "augmentation": False}
    assert {name: metadata[name] for name in expected} == expected
    assert metadata["recipe"]["weight_decay"] == 0.5


def test_a_diverged_training_is_a_mistake_and_leaves_no_file(train: Train, tmp_path: Path, capsys: Captured) -> None:
    more = ("--learning-rate", "1", "--weight-decay", "10", "--batch-size", "4")
    assert train(tmp_path / "mine.npz", "--json", *more) == 2
    captured = capsys.readouterr()
    assert captured.out == "" and "the learning rate of 1 is too high" in captured.err
    assert "No weights" not in captured.err
    assert not list(tmp_path.glob("*mine.npz"))


def test_what_a_diverged_training_learned_before_is_kept_and_still_a_mistake(train: Train, tmp_path: Path) -> None:
    more = ("--learning-rate", "1", "--weight-decay", "10", "--workers", "1")
    assert train(tmp_path / "mine.npz", "--json", *more) == 2
    metadata = Model.load(tmp_path / "unfinished_mine.npz").metadata
    assert metadata["epochs"] == 1 and "too high" in metadata["stopped"]
    assert not (tmp_path / "mine.npz").exists()


def test_a_data_set_is_not_replaced_by_weights(train: Train, data_file: Path, capsys: Captured) -> None:
    before = data_file.read_bytes()
    assert train(data_file, "--json") == 2
    assert "only weights are replaced by weights" in capsys.readouterr().err
    assert data_file.read_bytes() == before


def test_a_folder_that_cannot_be_written_is_refused_before_training(
    train: Train, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    def refuse(path: Any, flags: int, *more: Any, **named: Any) -> int:
        if (flags & os.O_CREAT and Path(path).parent == tmp_path) or Path(path) == tmp_path:
            raise PermissionError(13, "Permission denied", str(path))
        return opened(path, flags, *more, **named)

    opened = os.open
    monkeypatch.setattr(os, "open", refuse)
    assert train(tmp_path / "mine.npz", "--json") == 2
    captured = capsys.readouterr()
    assert captured.out == "" and "nothing can be written there (Permission denied)" in captured.err


def test_a_picture_that_cannot_be_saved_loses_nothing(folder: Path, train: Train, capsys: Captured) -> None:
    (folder / "figures").write_text("in the way")
    output = folder / f"weight_details{MODEL}.npz"
    assert train(output) == 0
    assert "Loss graph: the picture could not be saved (File exists)" in capsys.readouterr().out
    assert Model.load(output).metadata["epochs"] == 3


def test_an_interrupted_training_goes_on_with_its_own_settings(
    train: Train, command: Command, data_file: Path, tmp_path: Path, when_shown: WhenShown, capsys: Captured
) -> None:
    assert train(tmp_path / "whole.npz", "--seed", "3", "--json") == 0
    output = tmp_path / "mine.npz"
    when_shown(after_epoch(1))
    assert train(output, "--seed", "3", "--json") == 130
    assert not output.exists()
    capsys.readouterr()
    arguments = ["train", "--model", MODEL, "--resume", "--output", str(output), "--json"]
    assert command(*arguments, "--data", str(data_file)) == 0
    *epochs, last = map(json.loads, capsys.readouterr().out.splitlines())
    assert [epoch["epoch"] for epoch in epochs] == [2, 3]
    assert last["weights"] == str(output)
    assert parameters(tmp_path / "whole.npz") == parameters(output)
    assert not (tmp_path / "checkpoint_mine.npz").exists()
    assert command(*arguments, "--data", str(data_file)) == 2
    assert "there is no checkpoint beside" in capsys.readouterr().err


def test_a_new_training_leaves_what_an_interrupted_one_left(
    train: Train, tmp_path: Path, when_shown: WhenShown, capsys: Captured
) -> None:
    when_shown(after_epoch(1))
    assert train(tmp_path / "mine.npz") == 130
    first = {path.name: path.read_bytes() for path in tmp_path.glob("*mine.npz")}
    assert set(first) == {"checkpoint_mine.npz", "unfinished_mine.npz"}
    assert "Its state after epoch 1 is kept" in capsys.readouterr().out
    when_shown(HEADING)
    assert train(tmp_path / "mine.npz") == 130
    assert "Its state after epoch" not in capsys.readouterr().out
    assert (tmp_path / "checkpoint_earlier_mine.npz").read_bytes() == first["checkpoint_mine.npz"]
    assert (tmp_path / "unfinished_mine.npz").read_bytes() == first["unfinished_mine.npz"]
    assert (tmp_path / "unfinished_2_mine.npz").exists()


def test_a_checkpoint_that_cannot_be_removed_costs_nothing(
    train: Train, tmp_path: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: Path, missing_ok: bool = False) -> None:
        if path.name == "checkpoint_mine.npz":
            raise PermissionError(13, "Permission denied", str(path))
        unlink(path, missing_ok)

    unlink = Path.unlink
    monkeypatch.setattr(Path, "unlink", refuse)
    assert train(tmp_path / "mine.npz", "--json") == 0
    captured = capsys.readouterr()
    assert captured.err.count("\n") == 1
    assert "the checkpoint is not needed, but could not be removed (Permission denied)." in captured.err
    assert json.loads(captured.out.splitlines()[-1])["weights"] == str(tmp_path / "mine.npz")


@pytest.mark.parametrize(
    "changed", [{"seed": -1}, {"workers": 2000}, {"learning_rate": 5}, {"epochs": 0}, {"seed": "x"}]
)
def test_settings_of_a_checkpoint_that_make_no_sense_are_a_sentence(
    changed: dict[str, object], train: Train, tmp_path: Path, when_shown: WhenShown, capsys: Captured
) -> None:
    when_shown(after_epoch(1))
    train(tmp_path / "mine.npz")
    path = tmp_path / "checkpoint_mine.npz"
    with NpzReader(path) as reader:
        vectors = {name: reader.read(name) for name in ("parameters", "mean", "variance", "average")}
        state = reader.read_object("state", 10**6)
    write_npz(path, vectors, state={**state, "settings": {**state["settings"], **changed}})
    assert train(tmp_path / "mine.npz", "--resume") == 2
    assert "the settings of this checkpoint make no sense. Delete the file." in capsys.readouterr().err


def test_a_training_does_not_go_on_with_other_data(
    train: Train, command: Command, tmp_path: Path, when_shown: WhenShown, capsys: Captured
) -> None:
    output = tmp_path / "mine.npz"
    when_shown(after_epoch(1))
    train(output)
    other = dataset()
    other.y_train[0] = (other.y_train[0] + 1) % 10
    data = save_data(tmp_path / "other.npz", other)
    before = (tmp_path / "checkpoint_mine.npz").read_bytes()
    assert command("train", "--model", MODEL, "--resume", "--output", str(output), "--data", str(data)) == 2
    assert "this training was begun with other data" in capsys.readouterr().err
    assert (tmp_path / "checkpoint_mine.npz").read_bytes() == before


def test_a_model_is_trained_again_by_its_number_in_the_menu(
    command: Command, places: Places, data_file: Path, capsys: Captured
) -> None:
    path = put_model(places.weights)
    assert command("train", "--model", "2", "--data", str(data_file)) == 2
    assert "one that the menu shows, from 1 to 1: 2 was given" in capsys.readouterr().err
    assert command("train", "--model", "1", "--data", str(data_file), "--epochs", "1") == 0
    assert Model.load(path).metadata["epochs"] == 1
