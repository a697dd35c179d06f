"""A model's file from its menu: renamed, noted, deleted."""

from pathlib import Path

import numpy as np
import pytest

from cnn import Model
from cnn.architecture import parse
from routines.models import SHIPPED, find_model, read_catalog
from routines.places import Places
from tests.menu.conftest import MODEL, Session
from tests.menu.test_loop import put_model

RENAME, NOTE, DELETE = "8", "9", "10"


def test_a_model_is_renamed_shown_under_its_name_and_renamed_back(session: Session, folder: Path) -> None:
    before = put_model(folder)
    weights = before.read_bytes()
    status, transcript = session(f"1\n{RENAME}\nMy hand 2\n0\n")
    renamed = folder / f"weight_details{MODEL} My hand 2.npz"
    assert status == 0 and renamed.read_bytes() == weights and not before.exists()
    assert f"Renamed: FOLDER/{renamed.name}\n" in transcript
    assert f"1  My hand 2: {MODEL} " in transcript
    _, transcript = session(f"1\n{RENAME}\n\n0\n0\n")
    assert f"\nMy hand 2: {MODEL}\n 5" not in transcript and "[My hand 2]: My hand 2\n" in transcript
    assert renamed.read_bytes() == weights


@pytest.mark.parametrize("name", ["a/b", "..", "-x", "x.", "x" * 41, "a\tb", 'say "hi"', "a\\b", "*"])
def test_what_no_file_can_be_called_is_refused(session: Session, folder: Path, name: str) -> None:
    before = put_model(folder)
    _, transcript = session(f"1\n{RENAME}\n{name}\nq\n0\n0\n")
    assert "A name begins with a letter or digit" in transcript
    assert list(folder.iterdir()) == [before]


def test_a_name_is_given_once(session: Session, folder: Path) -> None:
    put_model(folder, date="2026-01-02").rename(folder / f"weight_details{MODEL} taken.npz")
    put_model(folder, date="2026-03-02")
    _, transcript = session(f"2\n{RENAME}\ntaken\n0\n0\n")
    assert "a name is given once, but this file is there. Choose another name.\n" in transcript
    assert len(list(folder.glob("*.npz"))) == 2


def test_a_note_is_kept_in_the_file_shown_and_removed(session: Session, folder: Path) -> None:
    path = put_model(folder, accuracy=0.5)
    parameters = Model.load(path).parameters
    _, transcript = session(f"1\n{NOTE}\n[red]slanted digits\n0\n0\n")
    loaded = Model.load(path)
    assert loaded.metadata["note"] == "[red]slanted digits" and loaded.metadata["accuracy"] == 0.5
    np.testing.assert_array_equal(loaded.parameters, parameters)
    assert f"\n{MODEL}\n[red]slanted digits\n 1  " in transcript
    assert "     [red]slanted digits\n" in transcript
    session(f"1\n{NOTE}\n{'x' * 201}\n-\n0\n0\n")
    assert "note" not in Model.load(path).metadata


def test_a_model_is_deleted_only_when_asked_and_its_menu_is_left(session: Session, folder: Path) -> None:
    path = put_model(folder)
    _, transcript = session(f"1\n{DELETE}\n\n{DELETE}\nn\n0\n0\n")
    assert path.exists() and transcript.count("Nothing was changed.") == 2 and "comes with" not in transcript
    _, transcript = session(f"1\n{DELETE}\ny\n0\n")
    assert not path.exists() and "Deleted.\n\nNo trained models yet.\n" in transcript


def test_of_one_that_ships_the_question_says_how_it_comes_back(session: Session, folder: Path) -> None:
    Model.create(SHIPPED[0]).save(folder / f"weight_details{SHIPPED[0]}.npz")
    _, transcript = session(f"1\n{DELETE}\n\n0\n0\n")
    assert "It comes with the program: make models trains it again. (y/n) [n]: n\n" in transcript


def test_a_new_model_changes_no_number(places: Places, folder: Path) -> None:
    for date, name in (("2026-01-02", "old"), ("2026-03-02", "new")):
        put_model(folder, date=date).rename(folder / f"weight_details{MODEL} {name}.npz")
    for string in SHIPPED:
        Model.create(string).save(folder / f"weight_details{string}.npz")
    before = [str(model.path) for model in read_catalog(places).models]
    assert [path.endswith(("old.npz", "new.npz")) for path in before] == [False] * 3 + [True] * 2
    Model.create("FC10").save(folder / "weight_detailsFC10.npz", {"date": "2026-05-01"})
    assert [str(model.path) for model in read_catalog(places).models][:5] == before


def test_a_model_string_finds_the_file_without_a_name(places: Places, folder: Path) -> None:
    put_model(folder).rename(folder / f"weight_details{MODEL} named.npz")
    put_model(folder)
    assert str(find_model(places, parse(MODEL)).path) == str(folder / f"weight_details{MODEL}.npz")
