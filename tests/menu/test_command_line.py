"""The command line: JSON, messages and exit status."""

import json
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cnn import Model, evaluate
from cnn.recipe import Recipe
from menu.actions import ACTIONS
from preprocessing.datasets import load_dataset
from routines.places import ROOT
from system.npz import write_npz
from system.version import VERSION
from tests.menu.conftest import MODEL, Captured, Command, Train, WhenShown, press_ctrl_c
from tests.squares import dataset

PLACES = ("other", "weight_output")


def test_training_prints_an_object_an_epoch_and_one_at_the_end(
    folder: Path, train: Train, data_file: Path, tmp_path: Path, capsys: Captured
) -> None:
    output = tmp_path / "mine.npz"
    assert train(output, "--json", "--seed", "7", "--workers", "2", "--no-augment") == 0
    captured = capsys.readouterr()
    assert captured.err == ""
    *epochs, last = map(json.loads, captured.out.splitlines())
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


def test_with_json_a_terminal_shows_nothing_where_all_goes_well(
    train: Train, command: Command, data_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")  # rich takes standard error for a terminal, where it would draw bars
    assert train(tmp_path / "mine.npz", "--json", "--validation", "0.2", "--no-augment") == 0
    assert command("evaluate", "--weights", str(tmp_path / "mine.npz"), "--data", str(data_file), "--json") == 0
    captured = capsys.readouterr()
    assert captured.err == "" and "\x1b" not in captured.out


def test_an_epoch_has_the_accuracy_on_images_held_out(train: Train, tmp_path: Path, capsys: Captured) -> None:
    assert train(tmp_path / "mine.npz", "--json", "--validation", "0,1") == 0
    *epochs, _ = map(json.loads, capsys.readouterr().out.splitlines())
    assert len(epochs) == 3 and all(0 <= epoch["validation_accuracy"] <= 1 for epoch in epochs)


def test_evaluation_prints_one_object(
    folder: Path, train: Train, command: Command, data_file: Path, tmp_path: Path, capsys: Captured
) -> None:
    train(tmp_path / "mine.npz", "--json")
    trained = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert command("evaluate", "--weights", str(tmp_path / "mine.npz"), "--data", str(data_file), "--json") == 0
    captured = capsys.readouterr()
    assert captured.err == ""
    (line,) = captured.out.splitlines()
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
    for words in ("distorted", "Test accuracy", "Weights: ", "Loss graph: ", "Recall, macro", "Confusion matrix: "):
        assert words in shown
    drawn = {path.name for path in (folder / "figures").iterdir()}
    assert drawn == {f"weight_details{MODEL}_on_data_{kind}.png" for kind in ("loss", "confusion_matrix", "misread")}


def test_figures_of_other_data_and_of_another_output_replace_none_of_the_model_on_mnist(
    folder: Path, train: Train, command: Command, data_file: Path, tmp_path: Path, capsys: Captured
) -> None:
    assert command("train", "--model", MODEL, "--epochs", "1") == 0
    assert command("evaluate", "--model", MODEL) == 0
    before = {path: path.read_bytes() for path in (folder / "figures").iterdir()}
    kinds = ("loss", "confusion_matrix", "misread")
    assert {path.name for path in before} == {f"weight_details{MODEL}_{kind}.png" for kind in kinds}
    (tmp_path / "other").mkdir()
    output = tmp_path / "other" / f"weight_details{MODEL}.npz"
    assert command("train", "--model", MODEL, "--epochs", "1", "--output", str(output)) == 0
    assert train(folder / "mine.npz") == 0
    assert command("evaluate", "--weights", str(output), "--data", str(data_file)) == 0
    assert command("evaluate", "--model", MODEL, "--data", str(data_file)) == 0
    assert {path: path.read_bytes() for path in before} == before
    new = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.png")} - {
        path.relative_to(tmp_path).as_posix() for path in before
    }
    assert new == {
        f"other/figures/weight_details{MODEL}_loss.png",
        "weight_output/figures/mine_on_data_loss.png",
        *(f"{place}/figures/weight_details{MODEL}_on_data_{kind}.png" for place in PLACES for kind in kinds[1:]),
    }


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


def test_ctrl_c_while_figures_are_drawn_is_status_130(
    folder: Path, command: Command, data_file: Path, when_shown: WhenShown
) -> None:
    Model.create(MODEL).save(folder / f"weight_details{MODEL}.npz")
    when_shown("^Confusion matrix: ")
    assert command("evaluate", "--model", MODEL, "--data", str(data_file)) == 130
    assert [path.name for path in (folder / "figures").iterdir()] == [
        f"weight_details{MODEL}_on_data_confusion_matrix.png"
    ]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
@pytest.mark.parametrize("more", [[], ["--json"]])
def test_an_output_that_cannot_be_written_is_no_file_that_was_refused(
    more: list[str], data_file: Path, tmp_path: Path
) -> None:
    Model.create(MODEL).save(tmp_path / "a.npz")
    arguments = ["evaluate", "--weights", str(tmp_path / "a.npz"), "--data", str(data_file), *more]
    with Path("/dev/full").open("w") as full:
        command = [sys.executable, str(ROOT / "main.py"), *arguments]
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=full, stderr=subprocess.PIPE, check=False)
    assert (done.returncode, done.stderr) == (2, b"The output cannot be written (No space left on device).\n")


def test_help_is_status_0(command: Command, capsys: Captured) -> None:
    with pytest.raises(SystemExit) as caught:
        command("train", "--help")
    assert caught.value.code == 0
    text = " ".join(capsys.readouterr().out.split())
    assert "--learning-rate LEARNING_RATE for batches of 32 images (default: 0.001; above 0, at most 1)" in text
    assert text.count(" python main.py train --model ") == 2


def test_the_version_is_status_0(command: Command, capsys: Captured) -> None:
    with pytest.raises(SystemExit) as caught:
        command("--version")
    assert caught.value.code == 0
    assert capsys.readouterr().out.startswith(f"main.py {VERSION}, NumPy {np.__version__}, Python 3.")


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


def test_no_two_actions_have_the_same_key() -> None:
    keys = [action.key for action in ACTIONS if action.key]
    assert len(keys) == len(set(keys))
