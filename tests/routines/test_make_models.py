"""How the shipped models are made."""

import threading
from pathlib import Path

import numpy as np
import pytest

from cnn import Model, Recipe, train
from cnn.calibration import fit_temperature
from routines.events import EpochDone, Interrupted, Noted, Trained
from routines.make_models import (
    PAIRS,
    WHOLE,
    Kind,
    MakeRequest,
    PiecesRequest,
    make_model,
    make_network_of_pieces,
    read_held_out,
    split,
)
from routines.places import Places
from system.errors import UserError
from tests.routines.conftest import MODEL
from tests.squares import dataset


def test_a_model_is_trained_on_all_images_and_keeps_what_was_held_out_of_another(
    places: Places, tmp_path: Path
) -> None:
    folder = tmp_path / "made"
    folder.mkdir()
    request = MakeRequest(MODEL, folder, Recipe(epochs=2, seed=3), held_out=20)
    events = list(make_model(request, places, threading.Event()))
    model = Model.load(folder / f"weight_details{MODEL}.npz")
    assert model.metadata["training_images"] == len(dataset().x_train)
    assert (model.metadata["epochs"], model.metadata["seed"]) == (2, 3)
    assert model.temperature == model.metadata["temperature"] != 1
    (said,) = (event.text for event in events if isinstance(event, Noted))
    assert said.startswith(f"Of 20 held-out images {model.metadata['held_out_accuracy']:.2%} are read right")
    assert sum(isinstance(event, Trained) for event in events) == 1
    assert sum(isinstance(event, EpochDone) for event in events) == 4
    assert model.path and [path.name for path in folder.iterdir()] == [model.path.name]


def test_what_is_held_out_is_the_same_each_time_and_not_trained_on() -> None:
    data = dataset()
    first, second = split(data, 20), split(data, 20)
    assert first.x_test.tobytes() == second.x_test.tobytes()
    assert (len(first.x_train), len(first.x_test)) == (len(data.x_train) - 20, 20)
    together = np.concatenate([first.x_train, first.x_test])
    assert sorted(map(bytes, together)) == sorted(map(bytes, data.x_train))


def test_held_out_images_are_read_in_passes_like_in_one() -> None:
    part, model = split(dataset(), 20), Model.create(MODEL)
    train(model, part, Recipe(learning_rate=0.01, epochs=3, batch_size=20, augment=False))
    found = read_held_out(model, part)
    logits = model.network(20).forward(part.x_test).T
    assert found.accuracy == (logits.argmax(axis=1) == part.y_test).mean() > 0.5
    assert found.temperature == pytest.approx(fit_temperature(logits, part.y_test), rel=1e-3)


def test_the_flag_stops_without_a_model(places: Places, tmp_path: Path) -> None:
    stop, folder = threading.Event(), tmp_path / "made"
    folder.mkdir()
    request = MakeRequest(MODEL, folder, Recipe(epochs=2), held_out=20)
    with pytest.raises(Interrupted):
        for event in make_model(request, places, stop):
            if isinstance(event, EpochDone):
                stop.set()
    assert not list(folder.iterdir())


def test_a_training_that_diverges_is_a_sentence_and_leaves_nothing(places: Places, tmp_path: Path) -> None:
    folder = tmp_path / "made"
    folder.mkdir()
    recipe = Recipe(learning_rate=1.0, weight_decay=10.0, batch_size=20)
    with pytest.raises(UserError, match="too high"):
        list(make_model(MakeRequest(MODEL, folder, recipe, held_out=20), places, threading.Event()))
    assert not list(folder.iterdir())


@pytest.mark.parametrize(("kind", "classes"), [(WHOLE, 11), (PAIRS, 101)])
def test_a_network_of_pieces_is_made_from_a_seed_and_says_of_what(
    kind: Kind, classes: int, places: Places, tmp_path: Path
) -> None:
    made = []
    for name in ("one.npz", "two.npz"):
        request = PiecesRequest(kind, tmp_path / name, Recipe(epochs=1, augment=False), 60, 40, held_out=20, seed=4)
        events = list(make_network_of_pieces(request, places, threading.Event()))
        made.append(Model.load(request.output))
        assert sum(isinstance(event, EpochDone) for event in events) == 1
        _, checked = (event.text for event in events if isinstance(event, Noted))
        assert checked.startswith(f"Of 40 images made of held-out digits {made[-1].metadata['held_out_accuracy']:.2%}")
    np.testing.assert_array_equal(made[0].parameters, made[1].parameters)
    assert {key: made[0].metadata[key] for key in ("images", "epochs", "seed")} == {
        "images": 60,
        "epochs": 1,
        "seed": 4,
    }
    assert made[0].classes == classes


def test_the_flag_stops_a_network_of_pieces_without_a_file(places: Places, tmp_path: Path) -> None:
    stop, request = threading.Event(), PiecesRequest(WHOLE, tmp_path / "none.npz", images=40, held_out=20)
    with pytest.raises(Interrupted):
        for event in make_network_of_pieces(request, places, stop):
            if isinstance(event, EpochDone):
                stop.set()
    assert not request.output.exists()
