"""Teaching a model somebody's digits."""

import multiprocessing
import os
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from threading import Event as Flag
from time import sleep
from typing import Any

import cv2
import numpy as np
import pytest

from cnn import Model, Recipe
from cnn.architecture import parse
from cnn.weights import file_name
from preprocessing.judge import Judge
from preprocessing.page_reading import read_page
from preprocessing.picture import read_picture
from routines.events import Event, Interrupted, Learned, Noted
from routines.fine_tune import fine_tune
from routines.learn import LearnRequest, learn, named_output
from routines.learn_pictures import LabelError, Labelled, find_labelled, read_digits
from routines.models import SHIPPED, find_model
from routines.places import PLACES, Places
from system.errors import UserError
from tests.preprocessing.drawings import draw


def picture(path: Path, digit: int, height: int = 60) -> Path:
    path.parent.mkdir(exist_ok=True)
    cv2.imwrite(str(path), 255 - np.uint8(255 * np.pad(draw(digit, height, 6), 20)))
    return path


def pictures(folder: Path) -> list[Labelled]:
    """Six pictures, of 7s whose writer means a 9, and of 1s, with their labels."""
    shown = [1, 7] * 3
    made = [picture(folder / f"p{number}.png", digit, 56 + number) for number, digit in enumerate(shown)]
    return [Labelled(path.name, path, {1: "1", 7: "9"}[digit]) for path, digit in zip(made, shown, strict=True)]


@pytest.fixture
def model() -> Model:
    """A model that reads digits."""
    return find_model(PLACES, parse(SHIPPED[0]))


@pytest.fixture(autouse=True)
def forget_anything(monkeypatch: pytest.MonkeyPatch) -> None:
    """Go all the way: a model of digits reads the squares right by chance alone, and would forget too many."""
    monkeypatch.setattr("routines.fine_tune.FORGOTTEN", 1.0)


def run(request: LearnRequest, places: Places) -> tuple[Learned, list[str]]:
    events = list(learn(request, places, Flag()))
    assert isinstance(events[-1], Learned)
    return events[-1], [event.text for event in events if isinstance(event, Noted)]


def run_in_a_process(request: LearnRequest, places: Places) -> None:
    """Learn where nothing is patched yet."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("routines.fine_tune.FORGOTTEN", 1.0)
        run(request, places)


def request(model: Model, shown: list[Labelled], places: Places) -> LearnRequest:
    recipe = Recipe(epochs=20, augment=False, learning_rate=0.003)  # as the data are few
    return LearnRequest(model, tuple(shown), places.weights / file_name(model.specs, "My hand"), recipe, 1)


def test_what_was_misread_is_learned_and_kept_beside_its_parent(places: Places, model: Model, tmp_path: Path) -> None:
    before = model.parameters.copy()
    asked = request(model, pictures(tmp_path / "pictures"), places)
    learned, _ = run(asked, places)
    assert learned.improvement.right_before < learned.improvement.right_after == learned.improvement.digits == 6
    assert (model.parameters == before).all()
    saved = Model.load(asked.output)
    assert saved.metadata["learned"]["right_after"] == 6 and "parent" in saved.metadata
    assert saved.metadata["accuracy"] == learned.test_after.accuracy
    assert saved.temperature >= model.temperature
    assert saved.metadata["alike"] == {"9": "7"}


def test_labels_that_no_other_picture_confirms_are_no_success(places: Places, model: Model, tmp_path: Path) -> None:
    shown = pictures(tmp_path / "pictures")[2:5]
    odd = [replace(each, label=label) for each, label in zip(shown, "058", strict=True)]
    asked = request(model, odd, places)
    learned, _ = run(asked, places)
    assert (learned.improvement.right_before, learned.improvement.right_after) == (0, 0)
    assert learned.output is None and not asked.output.exists()


def test_where_any_step_forgets_too_much_the_old_model_is_kept(
    places: Places, model: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("routines.fine_tune.FORGOTTEN", -1.0)
    asked = request(model, pictures(tmp_path / "pictures"), places)
    learned, _ = run(asked, places)
    assert learned.step == 0 and learned.output is None and not asked.output.exists()
    assert learned.test_after is learned.test_before
    assert learned.improvement.right_before == learned.improvement.right_after < 6


def test_a_label_that_the_picture_cannot_have_is_named_and_left_out(
    places: Places, model: Model, tmp_path: Path
) -> None:
    shown = pictures(tmp_path / "pictures")
    cv2.imwrite(str(tmp_path / "empty.png"), np.full((90, 90), 255, np.uint8))
    wrong = [Labelled("two", picture(tmp_path / "two.png", 1), "77"), Labelled("empty", tmp_path / "empty.png", "1")]
    unsaid = Labelled("unsaid", shown[0].source)
    wrong.append(Labelled("five", shown[0].source, "five"))
    learned, notes = run(request(model, [*shown, *wrong, unsaid], places), places)
    assert learned.improvement.pictures == 6 and len(notes) == 4
    assert "two: a label has a digit for each" in notes[0] and "no ink" in notes[1] and "nothing says" in notes[3]
    assert "five: a label is digits" in notes[2]


def interrupt(asked: LearnRequest, places: Places, stage: str) -> list[str]:
    """Learn until a stage, and return what is said."""
    stop, notes = Flag(), []
    with pytest.raises(Interrupted):
        for event in learn(asked, places, stop):
            if isinstance(event, Noted):
                notes.append(event.text)
            if stage in getattr(event, "stage", ""):
                stop.set()
    return notes


def test_the_flag_ends_it_and_nothing_is_written(places: Places, model: Model, tmp_path: Path) -> None:
    asked = request(model, pictures(tmp_path / "pictures"), places)
    assert interrupt(asked, places, "Learning") == []
    assert list(places.weights.iterdir()) == []


def test_what_was_interrupted_goes_on_after_its_finished_stages(
    places: Places, model: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = request(model, pictures(tmp_path / "pictures"), places)
    run(asked, places)
    expected = Model.load(asked.output)
    asked.output.unlink()
    assert "it goes on from there" in interrupt(asked, places, "part 2/4")[-1]
    (checkpoint,) = places.weights.iterdir()
    assert checkpoint.name == f"checkpoint_learning_{asked.output.name}"
    assert "after 2 finished stages" in interrupt(asked, places, "part 4/4")[0]
    trained = []

    def note_stage(*given: Any) -> Iterator[Event]:
        trained.append(given[5])
        return fine_tune(*given)

    monkeypatch.setattr("routines.teach.fine_tune", note_stage)
    _, notes = run(asked, places)
    assert "after 4 finished stages" in notes[0] and trained == ["Learning, part 4/4 held out"]
    saved = Model.load(asked.output)
    assert saved.parameters.tobytes() == expected.parameters.tobytes()
    assert saved.temperature == expected.temperature and saved.metadata["learned"] == expected.metadata["learned"]
    assert list(places.weights.iterdir()) == [asked.output]


@pytest.mark.skipif(os.name == "nt", reason="SIGKILL is POSIX's")
def test_what_was_killed_goes_on_after_its_finished_stages(places: Places, model: Model, tmp_path: Path) -> None:
    asked = replace(request(model, pictures(tmp_path / "pictures"), places), workers=2)
    run(asked, places)
    expected = Model.load(asked.output)
    asked.output.unlink()
    process = multiprocessing.get_context("spawn").Process(target=run_in_a_process, args=(asked, places))
    process.start()
    while not list(places.weights.glob("checkpoint_*.npz")):
        assert process.is_alive()
        sleep(0.01)
    process.kill()
    process.join()
    assert not asked.output.exists()
    _, notes = run(asked, places)
    assert "Learning goes on from" in notes[0]
    assert Model.load(asked.output).parameters.tobytes() == expected.parameters.tobytes()
    assert list(places.weights.iterdir()) == [asked.output]


@pytest.mark.parametrize("damage", ["other pictures", "no archive", "other weights", "no numbers"])
def test_a_checkpoint_of_something_else_is_not_used(places: Places, model: Model, tmp_path: Path, damage: str) -> None:
    shown = pictures(tmp_path / "pictures")
    asked = request(model, shown, places)
    run(asked, places)
    expected = Model.load(asked.output).parameters.tobytes()
    asked.output.unlink()
    begun = request(model, shown[1:], places) if damage == "other pictures" else asked
    interrupt(begun, places, "part 1/")
    (checkpoint,) = places.weights.iterdir()
    if damage == "no archive":
        checkpoint.write_bytes(b"no archive")
    elif damage != "other pictures":
        with np.load(checkpoint) as file:
            arrays = dict(file)
        arrays["parameters_0"] *= np.float32("nan") if damage == "no numbers" else np.float64(1)
        arrays["parameters_0"] = arrays["parameters_0"][:-1] if damage == "other weights" else arrays["parameters_0"]
        np.savez(checkpoint, **arrays)
    _, notes = run(asked, places)
    assert notes[0].startswith(str(checkpoint)) and notes[0].endswith("Learning begins anew, and replaces it.")
    assert Model.load(asked.output).parameters.tobytes() == expected
    assert list(places.weights.iterdir()) == [asked.output]


def test_one_picture_is_too_few(places: Places, model: Model, tmp_path: Path) -> None:
    with pytest.raises(LabelError, match="two pictures or more"):
        run(request(model, pictures(tmp_path / "pictures")[:1], places), places)


def test_a_name_is_given_once(places: Places, model: Model) -> None:
    path = named_output(places, model, "My hand")
    path.touch()
    with pytest.raises(UserError, match="a name is given once"):
        named_output(places, model, "My hand")
    with pytest.raises(UserError, match="A name begins with"):
        named_output(places, model, "[red]x" * 9)


def test_labels_come_from_names_folders_and_tables(tmp_path: Path) -> None:
    folder = tmp_path / "some"
    for name in ("7_1.png", "1234_a.png", "photo.png"):
        picture(folder / name, 7)
    picture(folder / "3" / "1_9.png", 3)
    assert [each.label for each in find_labelled([folder])] == ["1234", "7", "", "3"]
    (folder / "labels.csv").write_text("label,path\n5,photo.png\n", encoding="utf-8")
    assert [(Path(each.name).name, each.label) for each in find_labelled([folder])] == [("photo.png", "5")]
    (folder / "labels.csv").write_text("label,file\n5,photo.png\n", encoding="utf-8")
    with pytest.raises(LabelError, match="the columns path and label"):
        find_labelled([folder])


def test_a_zip_is_read_and_its_names_are_no_paths(places: Places, model: Model, tmp_path: Path) -> None:
    archive, shown = tmp_path / "drawn.zip", pictures(tmp_path / "pictures")
    with zipfile.ZipFile(archive, "w") as file:
        for number, each in enumerate(shown):
            file.write(str(each.source), f"../../{each.label}_{number}.png")
    found = find_labelled([archive])
    assert [each.label for each in found] == ["1", "1", "1", "9", "9", "9"]
    assert run(request(model, found, places), places)[0].improvement.digits == 6
    archive.write_bytes(archive.read_bytes()[:100])
    with pytest.raises(LabelError, match="damaged"):
        find_labelled([archive])


def test_a_digit_that_is_taken_for_another_on_its_side_is_learned_as_it_lies(model: Model, tmp_path: Path) -> None:
    path = picture(tmp_path / "4.png", 4)
    cv2.imwrite(str(path), np.rot90(read_picture(path).pixels, -1))
    turned, as_it_lies = (read_digits(model, Labelled(path.name, path, label)) for label in ("4", "3"))
    assert turned.number == "4" and as_it_lies.number != "4"
    assert np.abs(np.rot90(as_it_lies.images[0].astype(int)) - turned.images[0]).mean() < 20


def test_a_digit_that_looks_like_none_is_learned(model: Model, tmp_path: Path) -> None:
    path, star = tmp_path / "8_1.png", np.full((90, 90, 3), 255, np.uint8)
    for angle in np.pi * np.arange(5) / 5:
        x, y = round(27 * np.cos(angle)), round(27 * np.sin(angle))
        cv2.line(star, (45 + x, 45 + y), (45 - x, 45 - y), (0, 0, 0), 5)
    cv2.imwrite(str(path), star)
    assert not read_page(read_picture(path).pixels, Judge(model)).digits
    assert len(read_digits(model, Labelled(path.name, path)).images) == 1
