"""The command line: JSON, messages and exit status."""

import json
import os
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cnn import Model, evaluate
from cnn.recipe import Recipe
from menu import command_line
from preprocessing.datasets import load_dataset
from routines.places import Places
from system.npz import NpzReader, write_npz
from tests.menu.conftest import HEADING, after_epoch, press_ctrl_c, save_data
from tests.squares import dataset

MODEL = "C(4,5)-P4-FC10"
Captured = pytest.CaptureFixture[str]
WhenShown = Callable[..., None]
Command = Callable[..., int]
Train = Callable[..., int]


@pytest.fixture
def data_file(tmp_path: Path) -> Path:
    """Squares, some of the test labels wrong, so that figures of training and test images differ."""
    data = dataset()
    data.y_test[:20] = (data.y_test[:20] + 1) % 10
    return save_data(tmp_path / "data.npz", data)


@pytest.fixture
def command(places: Places) -> Command:
    """A command line in the test's places."""
    return lambda *arguments: command_line.run(list(arguments), places)


@pytest.fixture
def train(command: Command, data_file: Path) -> Train:
    """A short training; what is given more replaces what is given here."""

    def run(output: Path, *more: str) -> int:
        arguments = ["train", "--model", MODEL, "--data", str(data_file), "--output", str(output)]
        return command(*arguments, "--learning-rate", "0.01", "--epochs", "3", "--batch-size", "20", *more)

    return run


def parameters(path: Path) -> bytes:
    """The parameters of a weight file."""
    return Model.load(path).parameters.tobytes()


def test_training_prints_an_object_an_epoch_and_one_at_the_end(
    folder: Path, train: Train, data_file: Path, tmp_path: Path, capsys: Captured
) -> None:
    output = tmp_path / "mine.npz"
    assert train(output, "--json", "--seed", "7", "--workers", "2", "--no-augment") == 0
    *epochs, last = map(json.loads, capsys.readouterr().out.splitlines())
    keys = ["epoch", "epochs", "mean_loss", "median_loss", "accuracy", "seconds", "images_per_second"]
    assert [list(epoch) for epoch in epochs] == [keys] * 3
    assert [epoch["epoch"] for epoch in epochs] == [1, 2, 3]
    assert list(last) == ["model", "final_loss", "accuracy", "precision", "seconds", "weights"]
    assert (last["model"], last["weights"]) == (MODEL, str(output))
    assert last["final_loss"] == epochs[-1]["mean_loss"]
    metadata = Model.load(output).metadata
    data = load_dataset(data_file)
    expected = evaluate(Model.load(output), data)
    assert expected.accuracy < 0.9 < metadata["history"][-1]["accuracy"]
    for found in (last, metadata):
        assert (found["accuracy"], found["precision"]) == (expected.accuracy, expected.precision)
    assert (metadata["seed"], metadata["data"], metadata["stopped"]) == (7, "data.npz", "")
    assert metadata["learning_rate"] == 0.01 and metadata["batch_size"] == 20
    assert metadata["final_loss"] == pytest.approx(metadata["history"][-1]["mean_loss"], rel=1e-5)
    assert metadata["recipe"]["weight_decay"] == Recipe().weight_decay
    assert not list(folder.iterdir())


def test_the_same_seed_gives_the_same_file_and_another_seed_another(train: Train, tmp_path: Path) -> None:
    for name, seed in (("a", "1"), ("b", "1"), ("c", "2")):
        assert train(tmp_path / f"{name}.npz", "--json", "--seed", seed) == 0
    first, second, other = (parameters(tmp_path / f"{name}.npz") for name in "abc")
    assert first == second != other


def test_evaluation_prints_one_object(
    folder: Path, train: Train, command: Command, data_file: Path, tmp_path: Path, capsys: Captured
) -> None:
    train(tmp_path / "mine.npz", "--json")
    trained = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert command("evaluate", "--weights", str(tmp_path / "mine.npz"), "--data", str(data_file), "--json") == 0
    (line,) = capsys.readouterr().out.splitlines()
    found = json.loads(line)
    figures = ["images", "correct", "accuracy", "precision", "recall", "f1", "one_vs_rest_accuracy"]
    assert list(found) == ["model", *figures, "confusion_matrix", "per_digit", "seconds"]
    assert found["accuracy"] == trained["accuracy"] == found["correct"] / 100
    assert found["precision"] == trained["precision"]
    assert np.sum(found["confusion_matrix"]) == found["images"] == 100
    assert np.trace(found["confusion_matrix"]) == found["correct"]
    assert [score["digit"] for score in found["per_digit"]] == list(range(10))
    assert list(found["per_digit"][0]) == ["digit", "images", "precision", "recall", "f1"]
    assert not list(folder.iterdir())


def test_without_json_there_are_tables_and_pictures(
    folder: Path, train: Train, command: Command, data_file: Path, capsys: Captured
) -> None:
    assert train(folder / f"weight_details{MODEL}.npz") == 0
    assert command("evaluate", "--model", MODEL.lower(), "--data", str(data_file)) == 0
    shown = capsys.readouterr().out
    for words in ("mean loss", "Test accuracy", "Weights: ", "Loss graph: ", "Recall, macro", "Confusion matrix: "):
        assert words in shown
    assert {path.suffix for path in (folder / "figures").iterdir()} == {".png"}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "The following arguments are required: COMMAND"),
        (["fly"], "invalid choice: 'fly'"),
        (["train"], "The following arguments are required: --model"),
        (["train", "--model", "C(8,5)"], "FC10 must be the last token"),
        (["train", "--model", "FC10", "--epochs", "many"], "a whole number, such as 5: 'many' was given"),
        (["train", "--model", "FC10", "--epochs", "0"], "epochs is from 1 to 1,000: 0 was given"),
        (["train", "--model", "FC10", "--learning-rate", "1000"], "above 0 and at most 1: 1000 was given"),
        (["train", "--model", "FC10", "--batch-size", "-3"], "a whole number, such as 5: '-3' was given"),
        (["train", "--model", "FC10", "--workers", "0"], "from 1 to 1,024: 0 was given"),
        (["train", "--model", "FC10", "--data", "nowhere.npz"], "nowhere.npz: there is no such file"),
        (["train", "--model", "FC10", "--bogus"], "Unrecognized arguments: --bogus"),
        (["evaluate"], "One of the arguments --model --weights is required"),
        (["evaluate", "--model", "FC10"], "has no model at all, not FC10"),
        (["evaluate", "--model", "FC10", "--weights", "x.npz"], "not allowed with argument"),
        (["evaluate", "--weights", "nowhere.npz"], "nowhere.npz: there is no such file"),
        (["evaluate", "--weights", __file__], "an .npz file is a zip archive"),
    ],
)
def test_a_mistake_is_one_sentence_on_standard_error_and_status_2(
    arguments: list[str], message: str, command: Command, capsys: Captured
) -> None:
    assert command(*arguments) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert message in captured.err and captured.err.count("\n") == 1


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
    when_shown(HEADING)
    assert train(output, "--json") == 130
    captured = capsys.readouterr()
    assert captured.out == "" and "Interrupted in epoch 1 of 3." in captured.err
    assert output.read_bytes() == before
    assert Model.load(tmp_path / "unfinished_mine.npz").metadata["stopped"] == "Interrupted in epoch 1 of 3."
    assert f"Weights: {tmp_path / 'unfinished_mine.npz'}" in captured.err


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


def test_what_the_system_refuses_is_a_sentence(folder: Path, command: Command, capsys: Captured) -> None:
    folder.rmdir()
    folder.write_text("in the way")
    assert command("train", "--model", MODEL, "--epochs", "1") == 2
    captured = capsys.readouterr()
    assert "refused by the system" in captured.err and captured.err.count("\n") == 1


@pytest.mark.parametrize("name", ["train", "evaluate"])
def test_ctrl_c_elsewhere_is_status_130(
    name: str, data_file: Path, command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    def open_with_ctrl_c(path: Path, *more: Any, **named: Any) -> zipfile.ZipFile:
        if path == data_file:
            press_ctrl_c()
        return opened(path, *more, **named)

    Model.create(MODEL).save(tmp_path / "a.npz")
    more = {"train": ["--model", MODEL, "--output", str(tmp_path / "b.npz")], "evaluate": ["--weights", "a.npz"]}
    opened = zipfile.ZipFile
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(zipfile, "ZipFile", open_with_ctrl_c)
    assert command(name, "--data", str(data_file), "--json", *more[name]) == 130
    assert capsys.readouterr().out == "" and not list(tmp_path.glob("*b.npz"))


def test_help_is_status_0(command: Command, capsys: Captured) -> None:
    with pytest.raises(SystemExit) as caught:
        command("train", "--help")
    assert caught.value.code == 0
    assert "--learning-rate" in capsys.readouterr().out


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
    assert f"Weights: {tmp_path / 'mine.npz'}" in captured.err
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


@pytest.mark.parametrize("number", ["1", "2"])
def test_a_model_can_be_named_by_its_number_in_the_menu(
    number: str, folder: Path, command: Command, data_file: Path, capsys: Captured
) -> None:
    for model in (MODEL, "FC10"):
        Model.create(model).save(folder / f"weight_details{model}.npz")
    assert command("evaluate", "--model", number, "--data", str(data_file), "--json") == 0
    assert json.loads(capsys.readouterr().out)["model"] == {"1": MODEL, "2": "FC10"}[number]
    assert command("evaluate", "--model", "3") == 2
    assert "from 1 to 2: 3 was given" in capsys.readouterr().err


def test_evaluation_needs_test_images_only_and_names_the_classes(
    folder: Path, command: Command, train: Train, tmp_path: Path, capsys: Captured
) -> None:
    data, names = dataset(), [f"kind {letter}" for letter in "abcdefghij"]
    test = {"x_test": data.x_test, "y_test": data.y_test, "class_names": np.array(names)}
    write_npz(tmp_path / "test.npz", test)
    write_npz(tmp_path / "whole.npz", {**test, "x_train": data.x_train, "y_train": data.y_train})
    output = folder / f"weight_details{MODEL}.npz"
    assert train(output, "--data", str(tmp_path / "whole.npz")) == 0
    assert Model.load(output).class_names == tuple(names)
    capsys.readouterr()
    assert command("evaluate", "--model", MODEL, "--data", str(tmp_path / "test.npz")) == 0
    shown = capsys.readouterr().out
    assert "Class  Images" in shown and all(name in shown for name in names)
