"""What was saved of an interrupted training, when it went on to its end."""

from dataclasses import replace
from pathlib import Path

import pytest

from cnn import Model
from routines.events import Noted
from routines.places import Places
from tests.routines.conftest import MODEL
from tests.routines.test_train import RECIPE, in_epoch_2, request, run


@pytest.fixture
def interrupted(places: Places, tmp_path: Path) -> Path:
    """The file of a training that was interrupted in epoch 2 of 3."""
    run(request(tmp_path / "a.npz"), places, stop_when=in_epoch_2)
    return tmp_path / "unfinished_a.npz"


def test_it_is_removed_and_said(places: Places, interrupted: Path) -> None:
    run(request(interrupted.with_name("a.npz"), resume=True), places, stop_when=in_epoch_2)
    another = interrupted.with_name("unfinished_2_a.npz")
    assert interrupted.exists() and another.exists()
    events = run(request(interrupted.with_name("a.npz"), resume=True), places)
    assert not interrupted.exists() and not another.exists()
    assert [event.text for event in events if isinstance(event, Noted)] == [
        f"{path}: removed, as this training went on to its end." for path in (another, interrupted)
    ]


def test_a_training_that_begins_anew_leaves_it(places: Places, interrupted: Path) -> None:
    run(request(interrupted.with_name("a.npz")), places)
    assert interrupted.exists()


@pytest.mark.parametrize(
    "changed",
    [
        {"seed": 5},
        {"data": "other.npz"},
        {"training_images": 7},
        {"epochs": 4},
        {"epochs": "1"},
        {"stopped": "The loss has to stay a finite number"},
        {"recipe": replace(RECIPE, epochs=9).to_json()},
    ],
)
def test_the_file_of_another_training_stays(places: Places, interrupted: Path, changed: dict[str, object]) -> None:
    model = Model.load(interrupted)
    model.save(interrupted, {**model.metadata, **changed})
    Model.create("FC10").save(interrupted.with_name("unfinished_2_a.npz"), model.metadata)
    interrupted.with_name("unfinished_3_a.npz").write_bytes(b"")
    (other := interrupted.with_name("unfinished_b_a.npz")).write_bytes(interrupted.read_bytes())
    run(request(interrupted.with_name("a.npz"), resume=True), places)
    for path in (interrupted, other, *(interrupted.with_name(f"unfinished_{number}_a.npz") for number in "23")):
        assert path.exists()
    assert Model.load(interrupted.with_name("a.npz")).string == MODEL
