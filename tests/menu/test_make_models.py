"""How the shipped models are made."""

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rich.console import Console

from cnn.architecture import parse
from cnn.calibration import fit_temperature
from cnn.network import Network
from cnn.training import TrainingError, train
from cnn.weights import load
from menu import make_models, training
from preprocessing.mnist import Dataset
from tests.squares import dataset

MODEL = "C(4,5)-P4-FC10"


@pytest.fixture
def data(monkeypatch: pytest.MonkeyPatch) -> Dataset:
    """Squares in the place of MNIST, few of them held out, and few epochs."""
    made = dataset()
    monkeypatch.setattr(make_models, "load_mnist", lambda: made)
    monkeypatch.setattr(make_models, "HELD_OUT", 20)
    monkeypatch.setattr(make_models, "EPOCHS", 2)
    return made


@pytest.mark.usefixtures("data")
def test_a_model_is_trained_on_all_images_and_keeps_what_was_held_out_of_another(tmp_path: Path) -> None:
    screen = io.StringIO()
    make_models.make(Console(file=screen, width=100), MODEL, 3, tmp_path)
    weights = load(tmp_path / f"weight_details{MODEL}.npz")
    assert weights.metadata["training_images"] == len(dataset().x_train)
    assert (weights.metadata["epochs"], weights.metadata["seed"]) == (2, 3)
    assert weights.temperature == weights.metadata["temperature"] != 1
    said = f"Of 20 held-out images {weights.metadata['held_out_accuracy']:.2%} are read right"
    assert said in screen.getvalue()
    assert [path.name for path in tmp_path.iterdir()] == [weights.path.name]


def test_what_is_held_out_is_the_same_each_time_and_not_trained_on(data: Dataset) -> None:
    first, second = make_models.split(data), make_models.split(data)
    assert first.x_test.tobytes() == second.x_test.tobytes()
    assert (len(first.x_train), len(first.x_test)) == (len(data.x_train) - 20, 20)
    together = np.concatenate([first.x_train, first.x_test])
    assert sorted(map(bytes, together)) == sorted(map(bytes, data.x_train))


def test_held_out_images_are_read_in_passes_like_in_one(data: Dataset) -> None:
    part, generator = make_models.split(data), np.random.default_rng(0)
    network = Network(parse(MODEL), 8)
    network.initialize(generator)
    for _ in train(network, part.x_train, part.y_train, generator, learning_rate=0.01, epochs=3, batch_size=20):
        pass
    found = make_models.read_held_out(network, part)
    logits = Network(network.specs, 20, parameters=network.parameters).forward(part.x_test).T
    assert found.accuracy == (logits.argmax(axis=1) == part.y_test).mean() > 0.5
    assert found.temperature == pytest.approx(fit_temperature(logits, part.y_test), rel=1e-3)


@pytest.mark.usefixtures("data")
def test_ctrl_c_stops_without_a_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*arguments: object, **more: object) -> object:
        raise KeyboardInterrupt
        yield

    monkeypatch.setattr(training, "train", interrupted)
    monkeypatch.setattr("sys.argv", ["make_models", MODEL, "--output", str(tmp_path)])
    assert make_models.main() == 130
    assert not list(tmp_path.iterdir())


@pytest.mark.usefixtures("data")
def test_a_training_that_diverges_is_a_sentence_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def diverge(*arguments: Any, **more: Any) -> Any:
        yield next(train(*arguments, **more))
        raise TrainingError("too high")

    monkeypatch.setattr(training, "train", diverge)
    monkeypatch.setattr("sys.argv", ["make_models", MODEL, "--output", str(tmp_path)])
    assert make_models.main() == 2
    assert "too high" in capsys.readouterr().out
    assert not list(tmp_path.iterdir())


def test_a_mistake_is_status_2(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["make_models", "FC3", "--output", str(tmp_path)])
    assert make_models.main() == 2
    assert "FC10 must be the last token" in capsys.readouterr().out
