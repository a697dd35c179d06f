"""The command line: JSON, messages and exit status."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import cnn.training
from cnn.architecture import parse
from cnn.evaluation import evaluate
from cnn.network import Network
from cnn.npz import NpzReader, write_npz
from cnn.optimizer import WEIGHT_DECAY
from cnn.weights import load, save
from menu import actions, commands, training, training_settings
from preprocessing.mnist import Dataset, load_dataset
from tests.squares import dataset

MODEL = "C(4,5)-P4-FC10"
Captured = pytest.CaptureFixture[str]


@pytest.fixture
def data_file(tmp_path: Path) -> Path:
    """Squares, some of the test labels wrong, so that figures of training and test images differ."""
    path = tmp_path / "data.npz"
    data = dataset()
    data.y_test[:20] = (data.y_test[:20] + 1) % 10
    np.savez(path, x_train=data.x_train, y_train=data.y_train, x_test=data.x_test, y_test=data.y_test)
    return path


def train(data_file: Path, output: Path, *more: str) -> int:
    arguments = ["train", "--model", MODEL, "--data", str(data_file), "--output", str(output)]
    return commands.run([*arguments, "--learning-rate", "0.01", "--epochs", "3", "--batch-size", "20", *more])


def test_training_prints_an_object_an_epoch_and_one_at_the_end(
    folder: Path, data_file: Path, tmp_path: Path, capsys: Captured
) -> None:
    output = tmp_path / "mine.npz"
    assert train(data_file, output, "--json", "--seed", "7", "--workers", "2", "--no-augment") == 0
    *epochs, last = map(json.loads, capsys.readouterr().out.splitlines())
    keys = ["epoch", "epochs", "mean_loss", "median_loss", "accuracy", "seconds", "images_per_second"]
    assert [list(epoch) for epoch in epochs] == [keys] * 3
    assert [epoch["epoch"] for epoch in epochs] == [1, 2, 3]
    assert list(last) == ["model", "final_loss", "accuracy", "precision", "seconds", "weights"]
    assert (last["model"], last["weights"]) == (MODEL, str(output))
    assert last["final_loss"] == epochs[-1]["mean_loss"]
    metadata = load(output).metadata
    data = load_dataset(data_file)
    expected = evaluate(load(output).network(), data.x_test, data.y_test)
    assert expected.accuracy < 0.9 < metadata["history"][-1]["accuracy"]
    for found in (last, metadata):
        assert (found["accuracy"], found["precision"]) == (expected.accuracy, expected.precision)
    assert (metadata["seed"], metadata["data"], metadata["stopped"]) == (7, "data.npz", "")
    assert metadata["learning_rate"] == 0.01 and metadata["batch_size"] == 20
    assert metadata["final_loss"] == pytest.approx(metadata["history"][-1]["mean_loss"], rel=1e-5)
    assert metadata["recipe"]["weight_decay"] == WEIGHT_DECAY
    assert not list(folder.iterdir())


def test_the_same_seed_gives_the_same_file_and_another_seed_another(data_file: Path, tmp_path: Path) -> None:
    for name, seed in (("a", "1"), ("b", "1"), ("c", "2")):
        assert train(data_file, tmp_path / f"{name}.npz", "--json", "--seed", seed) == 0
    first, second, other = (load(tmp_path / f"{name}.npz").network().parameters.tobytes() for name in "abc")
    assert first == second != other


def test_evaluation_prints_one_object(folder: Path, data_file: Path, tmp_path: Path, capsys: Captured) -> None:
    train(data_file, tmp_path / "mine.npz", "--json")
    trained = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert commands.run(["evaluate", "--weights", str(tmp_path / "mine.npz"), "--data", str(data_file), "--json"]) == 0
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


def test_without_json_there_are_tables_and_pictures(folder: Path, data_file: Path, capsys: Captured) -> None:
    assert train(data_file, folder / f"weight_details{MODEL}.npz") == 0
    assert commands.run(["evaluate", "--model", MODEL.lower(), "--data", str(data_file)]) == 0
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
@pytest.mark.usefixtures("folder")
def test_a_mistake_is_one_sentence_on_standard_error_and_status_2(
    arguments: list[str], message: str, capsys: Captured
) -> None:
    assert commands.run(arguments) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert message in captured.err and captured.err.count("\n") == 1


@pytest.mark.parametrize("output", ["gone/x.npz", "x.txt", "folder.npz", "weight_detailsFC10.npz"])
def test_a_bad_output_is_refused_before_training(
    output: str, data_file: Path, tmp_path: Path, capsys: Captured
) -> None:
    (tmp_path / "folder.npz").mkdir()
    assert train(data_file, tmp_path / output, "--json") == 2
    captured = capsys.readouterr()
    assert captured.out == "" and output in captured.err


def test_ctrl_c_in_training_keeps_the_network_beside_the_finished_one(
    folder: Path, data_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    output = tmp_path / "mine.npz"
    save(output, Network(parse(MODEL)), {})
    before = output.read_bytes()

    def interrupted(*arguments: Any, **more: Any) -> Any:
        raise KeyboardInterrupt
        yield

    monkeypatch.setattr(training, "train", interrupted)
    assert train(data_file, output, "--json") == 130
    captured = capsys.readouterr()
    assert captured.out == "" and "Interrupted in epoch 1 of 3." in captured.err
    assert output.read_bytes() == before
    assert load(tmp_path / "unfinished_mine.npz").metadata["stopped"] == "Interrupted in epoch 1 of 3."
    assert f"Weights: {tmp_path / 'unfinished_mine.npz'}" in captured.err


def test_options_reach_the_training(data_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[dict[str, Any], bytes]] = []

    def spy(network: Network, *arguments: Any, **more: Any) -> Any:
        seen.append((more, network.parameters.tobytes()))
        return cnn.training.train(network, *arguments, **more)

    monkeypatch.setattr(training, "train", spy)
    for seed in ("1", "2"):
        train(data_file, tmp_path / "mine.npz", "--json", "--seed", seed)
    assert {name: seen[0][0][name] for name in ("learning_rate", "epochs", "batch_size")} == {
        "learning_rate": 0.01,
        "epochs": 3,
        "batch_size": 20,
    }
    assert seen[0][1] != seen[1][1]


def test_a_diverged_training_is_a_mistake_and_leaves_no_file(
    data_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    def diverge(*arguments: Any, **more: Any) -> Any:
        raise cnn.training.TrainingError("too high")
        yield

    monkeypatch.setattr(training, "train", diverge)
    assert train(data_file, tmp_path / "mine.npz", "--json") == 2
    captured = capsys.readouterr()
    assert captured.out == "" and "too high" in captured.err
    assert not list(tmp_path.glob("*mine.npz"))


def test_what_a_diverged_training_learned_before_is_kept_and_still_a_mistake(
    data_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def diverge(*arguments: Any, **more: Any) -> Any:
        yield next(cnn.training.train(*arguments, **more))
        raise cnn.training.TrainingError("too high")

    monkeypatch.setattr(training, "train", diverge)
    assert train(data_file, tmp_path / "mine.npz", "--json", "--workers", "1") == 2
    metadata = load(tmp_path / "unfinished_mine.npz").metadata
    assert (metadata["epochs"], metadata["stopped"]) == (1, "too high")
    assert not (tmp_path / "mine.npz").exists()


def test_a_data_set_is_not_replaced_by_weights(data_file: Path, capsys: Captured) -> None:
    before = data_file.read_bytes()
    assert train(data_file, data_file, "--json") == 2
    assert "only weights are replaced by weights" in capsys.readouterr().err
    assert data_file.read_bytes() == before


def test_a_folder_that_cannot_be_written_is_refused_before_training(
    data_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    def refuse(dir: Path) -> None:
        raise PermissionError(13, "Permission denied", str(dir))

    monkeypatch.setattr(training_settings, "TemporaryFile", refuse)
    assert train(data_file, tmp_path / "mine.npz", "--json") == 2
    captured = capsys.readouterr()
    assert captured.out == "" and "nothing can be written there (Permission denied)" in captured.err


def test_a_picture_that_cannot_be_saved_loses_nothing(folder: Path, data_file: Path, capsys: Captured) -> None:
    (folder / "figures").write_text("in the way")
    output = folder / f"weight_details{MODEL}.npz"
    assert train(data_file, output) == 0
    assert "Loss graph: the picture could not be saved (File exists)" in capsys.readouterr().out
    assert load(output).metadata["epochs"] == 3


def test_what_the_system_refuses_is_a_sentence(folder: Path, capsys: Captured) -> None:
    folder.rmdir()
    folder.write_text("in the way")
    assert commands.run(["train", "--model", MODEL, "--epochs", "1"]) == 2
    captured = capsys.readouterr()
    assert "refused by the system" in captured.err and captured.err.count("\n") == 1


def test_ctrl_c_elsewhere_is_status_130(
    data_file: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured, tmp_path: Path
) -> None:
    def interrupt(path: Path) -> Dataset:
        raise KeyboardInterrupt

    monkeypatch.setattr(actions, "load_dataset", interrupt)
    assert train(data_file, tmp_path / "mine.npz", "--json") == 130
    assert capsys.readouterr().out == ""


def test_help_is_status_0(capsys: Captured) -> None:
    with pytest.raises(SystemExit) as caught:
        commands.run(["train", "--help"])
    assert caught.value.code == 0
    assert "--learning-rate" in capsys.readouterr().out


def test_an_interrupted_training_goes_on_with_its_own_settings(
    data_file: Path, tmp_path: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*arguments: Any, **more: Any) -> Any:
        for result in cnn.training.train(*arguments, **more):
            yield result
            if result.epoch == 1:
                raise KeyboardInterrupt

    assert train(data_file, tmp_path / "whole.npz", "--seed", "3", "--json") == 0
    output = tmp_path / "mine.npz"
    with monkeypatch.context() as context:
        context.setattr(training, "train", interrupted)
        assert train(data_file, output, "--seed", "3", "--json") == 130
    assert not output.exists()
    capsys.readouterr()
    arguments = ["train", "--model", MODEL, "--resume", "--output", str(output), "--json"]
    assert commands.run([*arguments, "--data", str(data_file)]) == 0
    *epochs, last = map(json.loads, capsys.readouterr().out.splitlines())
    assert [epoch["epoch"] for epoch in epochs] == [2, 3]
    assert last["weights"] == str(output)
    first, second = (load(tmp_path / name).network().parameters.tobytes() for name in ("whole.npz", "mine.npz"))
    assert first == second
    assert not (tmp_path / "checkpoint_mine.npz").exists()
    assert commands.run([*arguments, "--data", str(data_file)]) == 2
    assert "there is no checkpoint beside" in capsys.readouterr().err


def test_a_new_training_leaves_what_an_interrupted_one_left(
    data_file: Path, tmp_path: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*arguments: Any, **more: Any) -> Any:
        yield next(cnn.training.train(*arguments, **more))
        raise KeyboardInterrupt

    def interrupted_at_once(*arguments: Any, **more: Any) -> Any:
        raise KeyboardInterrupt
        yield

    monkeypatch.setattr(training, "train", interrupted)
    assert train(data_file, tmp_path / "mine.npz") == 130
    first = {path.name: path.read_bytes() for path in tmp_path.glob("*mine.npz")}
    assert set(first) == {"checkpoint_mine.npz", "unfinished_mine.npz"}
    monkeypatch.setattr(training, "train", interrupted_at_once)
    capsys.readouterr()
    assert train(data_file, tmp_path / "mine.npz") == 130
    assert "Its state after epoch" not in capsys.readouterr().out
    assert (tmp_path / "checkpoint_earlier_mine.npz").read_bytes() == first["checkpoint_mine.npz"]
    assert (tmp_path / "unfinished_mine.npz").read_bytes() == first["unfinished_mine.npz"]
    assert (tmp_path / "unfinished_2_mine.npz").exists()


def test_a_checkpoint_that_cannot_be_removed_costs_nothing(
    data_file: Path, tmp_path: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: Path, missing_ok: bool = False) -> None:
        if path.name == "checkpoint_mine.npz":
            raise PermissionError(13, "Permission denied", str(path))
        unlink(path, missing_ok)

    unlink = Path.unlink
    monkeypatch.setattr(Path, "unlink", refuse)
    assert train(data_file, tmp_path / "mine.npz", "--json") == 0
    captured = capsys.readouterr()
    assert f"Weights: {tmp_path / 'mine.npz'}" in captured.err
    assert "the checkpoint is not needed, but could not be removed (Permission denied)." in captured.err
    assert json.loads(captured.out.splitlines()[-1])["weights"] == str(tmp_path / "mine.npz")


@pytest.mark.parametrize(
    "changed", [{"seed": -1}, {"workers": 2000}, {"learning_rate": 5}, {"epochs": 0}, {"seed": "x"}]
)
def test_settings_of_a_checkpoint_that_make_no_sense_are_a_sentence(
    changed: dict[str, object], data_file: Path, tmp_path: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*arguments: Any, **more: Any) -> Any:
        yield next(cnn.training.train(*arguments, **more))
        raise KeyboardInterrupt

    with monkeypatch.context() as context:
        context.setattr(training, "train", interrupted)
        train(data_file, tmp_path / "mine.npz")
    path = tmp_path / "checkpoint_mine.npz"
    with NpzReader(path) as reader:
        vectors = {name: reader.read(name) for name in ("parameters", "mean", "variance", "average")}
        state = reader.read_object("state", 10**6)
    write_npz(path, vectors, state={**state, "settings": {**state["settings"], **changed}})
    assert train(data_file, tmp_path / "mine.npz", "--resume") == 2
    assert "the settings of this checkpoint make no sense. Delete the file." in capsys.readouterr().err


def test_a_training_does_not_go_on_with_other_data(
    data_file: Path, tmp_path: Path, capsys: Captured, small_data: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*arguments: Any, **more: Any) -> Any:
        yield next(cnn.training.train(*arguments, **more))
        raise KeyboardInterrupt

    output = tmp_path / "mine.npz"
    with monkeypatch.context() as context:
        context.setattr(training, "train", interrupted)
        train(data_file, output)
    small_data.y_train[0] += 1
    before = (tmp_path / "checkpoint_mine.npz").read_bytes()
    assert commands.run(["train", "--model", MODEL, "--resume", "--output", str(output)]) == 2
    assert "this training was begun with other data" in capsys.readouterr().err
    assert (tmp_path / "checkpoint_mine.npz").read_bytes() == before
