"""Data that look inverted or transposed are named as such."""

import threading
from pathlib import Path

import numpy as np
import pytest

from cnn import Model, Recipe, train
from cnn.architecture import parse
from preprocessing.datasets import Dataset
from routines.answers import Constant
from routines.data import doubts, load_data, reader_of
from routines.evaluate import EvaluateRequest, evaluate
from routines.events import Evaluated, Noted
from routines.places import PLACES, Places
from routines.train import TrainRequest
from routines.train import train as train_routine
from system.arrays import Array
from tests.routines.conftest import MODEL
from tests.shipped import shipped_models
from tests.squares import dataset


@pytest.fixture(scope="module")
def reader() -> Model:
    """A model that reads squares."""
    model = Model.create(MODEL)
    train(model, dataset(), Recipe(learning_rate=0.01, epochs=5, batch_size=20, augment=False))
    return model


def notes(data: Dataset, model: Model | None) -> list[str]:
    return [note.text for note in doubts(data.x_test, data.y_test, model) if note.urgent]


def changed(how: str) -> Dataset:
    data = dataset()

    def change(images: Array) -> Array:
        return 255 - images if how == "inverted" else images.swapaxes(1, 2)

    return Dataset(change(data.x_train), data.y_train, change(data.x_test), data.y_test)


def test_data_in_the_form_of_the_model_are_left_alone(reader: Model) -> None:
    assert notes(dataset(), reader) == notes(dataset(), None) == []


def test_inverted_data_are_named_with_and_without_a_model(reader: Model) -> None:
    (said,) = notes(changed("inverted"), None)
    assert said.startswith("The images look inverted, black on white: they are bright on the whole.")
    (said,) = notes(changed("inverted"), reader)
    assert said.startswith("The images look inverted, black on white")


def test_transposed_data_are_named(reader: Model) -> None:
    assert notes(changed("transposed"), None) == []
    (said,) = notes(changed("transposed"), reader)
    assert said.startswith(f"The images look transposed, rows for columns: {MODEL} reads them so")


def test_a_model_that_reads_neither_says_nothing() -> None:
    assert notes(changed("transposed"), Model.create(MODEL)) == []


def test_only_the_best_model_of_the_same_classes_is_asked(reader: Model, places: Places) -> None:
    assert reader_of(places, dataset()) is None
    Model.create("FC10").save(places.weights / "a.npz", {"accuracy": 0.5})
    reader.save(places.weights / "b.npz", {"accuracy": 0.9})
    Model.create(MODEL, class_names=[f"kind {digit}" for digit in range(10)]).save(
        places.weights / "c.npz", {"accuracy": 1.0}
    )
    found = reader_of(places, dataset())
    assert found and found.string == MODEL and found.path == places.weights / "b.npz"


def save(path: Path, data: Dataset) -> Path:
    np.savez(path, x_train=data.x_train, y_train=data.y_train, x_test=data.x_test, y_test=data.y_test)
    return path


def test_it_is_said_before_evaluation_and_before_training(reader: Model, places: Places, tmp_path: Path) -> None:
    reader.save(places.weights / "reader.npz", {"accuracy": 0.9})
    data = save(tmp_path / "transposed.npz", changed("transposed"))
    events = list(evaluate(EvaluateRequest(reader, data, figures=False), places, threading.Event()))
    kinds = [type(event) for event in events if isinstance(event, Noted | Evaluated)]
    assert kinds == [Noted, Evaluated]
    request = TrainRequest(parse("FC10"), tmp_path / "a.npz", Recipe(epochs=1), workers=1, data=data)
    texts = [
        event.text
        for event in train_routine(request, places, Constant(), threading.Event())
        if isinstance(event, Noted)
    ]
    assert "look transposed" in texts[0]


def test_mnist_itself_is_not_doubted_by_a_shipped_model_but_its_transpose_is() -> None:
    data, reader = load_data(PLACES, None), shipped_models()[0]
    assert list(doubts(data.x_test, data.y_test, reader)) == []
    (said,) = doubts(data.x_test.swapaxes(1, 2), data.y_test, reader)
    assert "look transposed" in said.text
