"""Trainings in the menu: interrupted, gone on with, saved elsewhere."""

import errno
import os
from collections.abc import Callable
from functools import partial
from pathlib import Path
from shutil import rmtree

import pytest

from cnn import Model
from tests.menu.conftest import DIVERGING, HEADING, MODEL, Session, after_epoch
from tests.menu.test_loop import put_model


def test_interrupted_training_is_saved_as_it_is_when_wanted(session: Session, folder: Path) -> None:
    _, transcript = session(f"1\n{MODEL}\n\n3\n\n\n0\n", after_epoch(1))
    assert "Interrupted in epoch 2 of 3.\n" in transcript
    name = f"unfinished_weight_details{MODEL}.npz"
    assert f"Save the network as it is, as {name}? (y/n) [y]: y\nTest accuracy" in transcript
    assert f"Loss graph: FOLDER/figures/unfinished_weight_details{MODEL}_loss.png" in transcript
    assert f"1  {MODEL}, stopped after 1 of 3 epochs " in transcript
    metadata = Model.load(folder / name).metadata
    assert (metadata["epochs"], metadata["stopped"]) == (1, "Interrupted in epoch 2 of 3.")


def test_interrupted_training_never_replaces_a_finished_model(session: Session, folder: Path) -> None:
    before = put_model(folder).read_bytes()
    session(f"2\n{MODEL}\ny\n\n3\n\n\n0\n", after_epoch(1))
    assert (folder / f"weight_details{MODEL}.npz").read_bytes() == before
    assert (folder / f"unfinished_weight_details{MODEL}.npz").exists()


def test_a_network_that_learned_nothing_is_not_offered(session: Session, folder: Path) -> None:
    _, transcript = session(f"1\n{DIVERGING}\n1\n3\n\n0\n")
    assert "the learning rate of 1 is too high. Try 0.1.\nNo weights were saved.\n" in transcript
    assert not list(folder.iterdir())


def test_what_was_typed_is_what_is_trained_with(session: Session, folder: Path) -> None:
    session(f"1\n{MODEL}\n0,02\n2\n\n")
    metadata = Model.load(folder / f"weight_details{MODEL}.npz").metadata
    assert (metadata["learning_rate"], metadata["epochs"], metadata["batch_size"]) == (0.02, 2, 128)


def test_more_settings_are_asked_for_where_they_are_wanted(session: Session, folder: Path) -> None:
    _, transcript = session(f"1\n{MODEL}\n\n1\ny\n64\n7\nn\n0,9\n0,1\n0\n")
    assert (
        """\
Epochs [5]: 1
More settings? (y/n) [n]: y
Batch size (images a step) [128]: 64
Seed (of all that is random) [0]: 7
Distort the images? (y/n) [y]: n
Share to validate on [0]: 0,9
A validation share is from 0 to 0.5: 0.9 was given. Try 0.
Share to validate on [0]: 0,1
"""
        in transcript
    )
    recipe = Model.load(folder / f"weight_details{MODEL}.npz").metadata["recipe"]
    expected = {"batch_size": 64, "seed": 7, "augment": False, "validation": 0.1}
    assert {name: recipe[name] for name in expected} == expected


@pytest.fixture
def vanishing(session: Session, folder: Path) -> Callable[[str], tuple[int, str]]:
    """A session in which the weight folder goes when training of an epoch ends."""
    return partial(session, when=after_epoch(1), action=lambda: rmtree(folder))


def test_weights_that_cannot_be_saved_in_one_place_go_to_another(vanishing: Session, folder: Path) -> None:
    other = folder.parent / "other.npz"
    _, transcript = vanishing(f"1\n{MODEL}\n\n1\n\n{folder}\n{other}\n2\n")
    assert "the weights could not be written" in transcript
    assert "FOLDER: weights go into an .npz file in a folder that is there." in transcript
    assert Model.load(other).metadata["epochs"] == 1


def test_weights_that_cannot_be_saved_find_a_place_when_nobody_answers(
    vanishing: Session, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(folder.parent))
    _, transcript = vanishing(f"1\n{MODEL}\n\n1\n\n{folder}\n")
    assert "the weights could not be written" in transcript
    (found,) = folder.parent.glob("weights_*/*.npz")
    assert f"Weights: {found}" in transcript and "Another .npz file:\n" in transcript
    assert Model.load(found).metadata["epochs"] == 1


def test_where_nothing_can_be_written_at_all_the_menu_says_so_and_ends(
    session: Session, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(file: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("tempfile.tempdir", str(folder.parent))
    monkeypatch.setattr(os, "fsync", refuse)
    status, transcript = session(f"1\n{MODEL}\n\n1\n\n")
    assert status == 0
    assert transcript.count("the weights could not be written") == 2


def test_interrupted_training_is_dropped_when_wanted(session: Session, folder: Path) -> None:
    before = put_model(folder).read_bytes()
    _, transcript = session(f"2\n{MODEL}\ny\n\n3\n\nn\n0\n", after_epoch(1))
    assert "No weights were saved.\n" in transcript
    names = {f"{kind}weight_details{MODEL}.npz" for kind in ("", "checkpoint_")}
    assert {file.name for file in folder.iterdir()} == names
    assert (folder / f"weight_details{MODEL}.npz").read_bytes() == before


@pytest.mark.parametrize("answer", ["\n0\n", ""])
def test_a_training_interrupted_in_its_first_epoch_is_kept_only_where_somebody_says_so(
    answer: str, session: Session, folder: Path
) -> None:
    before = put_model(folder).read_bytes()
    _, transcript = session(f"2\n{MODEL}\ny\n\n3\n\n{answer}", HEADING)
    assert "Interrupted in epoch 1 of 3.\nSave the network as it is" in transcript and "(y/n) [n]:" in transcript
    assert "No weights were saved.\n" in transcript
    (left,) = folder.iterdir()
    assert left.read_bytes() == before
    _, transcript = session(f"2\n{MODEL}\ny\n\n3\n\ny\n0\n", HEADING)
    assert f"  {MODEL}, stopped after 0 of 3 epochs " in transcript


def test_a_training_that_goes_on_to_its_end_leaves_nothing_unfinished_in_the_menu(
    session: Session, folder: Path
) -> None:
    session(f"1\n{MODEL}\n\n3\n\n\n0\n", after_epoch(1))
    assert len(list(folder.iterdir())) == 3
    _, transcript = session(f"2\n{MODEL}\n\n0\n")
    assert "stopped after" in transcript.split("Its training was interrupted")[0]
    assert "stopped after" not in transcript.split("Its training was interrupted")[1]
    assert {path.name for path in folder.iterdir()} == {f"weight_details{MODEL}.npz", "figures"}
    assert [path.name for path in (folder / "figures").iterdir()] == [f"weight_details{MODEL}_loss.png"]


def test_interrupted_training_is_kept_apart_when_nobody_answers(session: Session, folder: Path) -> None:
    before = put_model(folder).read_bytes()
    status, transcript = session(f"2\n{MODEL}\ny\n\n3\n\n", after_epoch(1))
    assert status == 0
    assert f"Weights: FOLDER/unfinished_weight_details{MODEL}.npz" in transcript
    assert "(y/n) [y]:\nTest accuracy" in transcript
    assert (folder / f"weight_details{MODEL}.npz").read_bytes() == before
    assert Model.load(folder / f"unfinished_weight_details{MODEL}.npz").metadata["epochs"] == 1


def test_interrupted_training_goes_on_when_wanted(session: Session, folder: Path) -> None:
    session(f"1\n{MODEL}\n0.02\n3\n\n0\n")
    whole = (folder / f"weight_details{MODEL}.npz").rename(folder.parent / "whole.npz")
    _, transcript = session(f"1\n{MODEL}\n0.02\n3\n\nn\n0\n", after_epoch(2))
    assert (
        "Its state after epoch 2 is kept, to go on from. In the menu, train it again; on the command line, add "
        "--resume.\n" in transcript
    )
    assert "No trained models yet." in transcript.split("Interrupted")[1]
    _, transcript = session(f"1\n{MODEL}\n\n0\n")
    assert "Its training was interrupted after epoch 2 of 3. Go on from there? (y/n) [y]: y\n" in transcript
    assert transcript.count("T s") == 4 and "Learning rate" not in transcript
    (resumed,) = folder.glob("*.npz")
    assert Model.load(resumed).parameters.tobytes() == Model.load(whole).parameters.tobytes()
    assert Model.load(resumed).metadata["epochs"] == 3 and Model.load(resumed).metadata["learning_rate"] == 0.02


def test_a_checkpoint_that_cannot_be_used_is_said_and_training_begins_anew(session: Session, folder: Path) -> None:
    (folder / f"checkpoint_weight_details{MODEL}.npz").write_bytes(b"broken")
    _, transcript = session(f"1\n{MODEL}\n\n1\n\n0\n")
    assert "checkpoint_" in transcript and "training begins anew." in transcript
    earlier = folder / f"checkpoint_earlier_weight_details{MODEL}.npz"
    assert f"is now FOLDER/{earlier.name}. To go on with it, name it back." in transcript
    assert earlier.read_bytes() == b"broken"
    assert {path.name for path in folder.glob("*.npz")} == {earlier.name, f"weight_details{MODEL}.npz"}


def test_q_at_the_question_whether_to_keep_a_network_loses_nothing(session: Session, folder: Path) -> None:
    session(f"1\n{MODEL}\n\n3\n\nq\n0\n", after_epoch(1))
    assert Model.load(folder / f"unfinished_weight_details{MODEL}.npz").metadata["epochs"] == 1


def test_a_question_mark_says_what_a_setting_is_for(session: Session, folder: Path) -> None:
    _, transcript = session(f"1\n{MODEL}\n?\nq\n0\n")
    assert "Learning rate [0.001]: ?\nfor batches of 32 images, above 0, at most 1\nType an answer" in transcript
