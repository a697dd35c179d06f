"""Whole sessions in the menu, typed in, and their transcripts."""

import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cnn import Model
from menu.actions import ACTIONS
from routines.places import Places
from tests.menu.conftest import MODEL, Session, press_ctrl_c
from tests.squares import dataset


def put_model(folder: Path, **metadata: Any) -> Path:
    """A model in the weight folder that was never trained."""
    path = folder / f"weight_details{MODEL}.npz"
    Model.create(MODEL).save(path, metadata)
    return path


def test_an_empty_folder_wrong_keys_and_the_way_out(session: Session) -> None:
    assert session("7\n\nx y\n0\n") == (
        0,
        """\
A convolutional network in NumPy that reads handwritten digits
Type a number and press Enter; ? explains, q goes back.

No trained models yet.
1  Train a new model
2  Compare networks
0  Quit
Choose: 7
A choice is a number from 0 to 2: '7' was given. Type one of them, or ? for what they do.
Choose:
A choice is a number from 0 to 2: '' was given. Type one of them, or ? for what they do.
Choose: x y
A choice is a number from 0 to 2: 'x y' was given. Type one of them, or ? for what they do.
Choose: 0
""",
    )


def test_a_network_is_trained_with_wrong_answers_on_the_way(session: Session, folder: Path) -> None:
    status, transcript = session("1\nC(4,5)-P4\nc(4,5)-p4-fc10\nfast\n0.01\n0\n2\n\n0\n")
    assert status == 0
    head, rest = transcript.split(" images/s\n", 1)
    assert head == (
        """\
A convolutional network in NumPy that reads handwritten digits
Type a number and press Enter; ? explains, q goes back.

No trained models yet.
1  Train a new model
2  Compare networks
0  Quit
Choose: 1
Model string, such as [C(8,5)-P2-C(16,3)-P2-FC128-FC10]: C(4,5)-P4
Token 2, 'P4', of 'C(4,5)-P4': FC10 must be the last token, one unit for each digit. Add -FC10.
Model string, such as [C(8,5)-P2-C(16,3)-P2-FC128-FC10]: c(4,5)-p4-fc10
Learning rate [0.001]: fast
A learning rate is a number: 'fast' was given. Try 0.001.
Learning rate [0.001]: 0.01
Epochs [5]: 0
The number of epochs is from 1 to 1,000: 0 was given. Choose another.
Epochs [5]: 2
More settings? (y/n) [n]: n

#  Layer    Output  Parameters
──────────────────────────────
1  C(4,5)  4x24x24         104
2  P4        4x6x6
3  FC10         10       1,450
                         1,554

                      accuracy,
         mean  median distorted
epoch    loss    loss    images     time"""
    )
    lines = rest.splitlines()
    assert [line.split()[0] for line in lines[:2]] == ["1/2", "2/2"]
    assert lines[2].startswith("Test accuracy ") and ", precision " in lines[2] and ", final loss " in lines[2]
    assert lines[2].endswith(", time taken T s")
    assert lines[3:5] == [
        f"Weights: FOLDER/weight_details{MODEL}.npz",
        f"Loss graph: FOLDER/figures/weight_details{MODEL}_loss.png",
    ]
    assert (folder / "figures" / f"weight_details{MODEL}_loss.png").read_bytes().startswith(b"\x89PNG")
    metadata = Model.load(folder / f"weight_details{MODEL}.npz").metadata
    assert lines[5:] == [
        "",
        "#  Model           Accuracy  Parameters  Trained",
        "───────────────────────────────────────────────────",
        f"1  {MODEL}    {metadata['accuracy']:.2%}       1,554  {metadata['date'][:10]}",
        "2  Train a new model",
        "3  Compare networks",
        "0  Quit",
        "Choose: 0",
    ]


def test_a_model_is_evaluated(session: Session, folder: Path) -> None:
    data = dataset()
    put_model(folder, accuracy=0.5, date="2026-01-02T03:04:05+00:00")
    status, transcript = session("1\n99\n4\n0\n0\n")
    assert status == 0
    assert f"1  {MODEL}    50.00%       1,554  2026-01-02" in transcript
    last = max(int(action.key) for action in ACTIONS if action.key)
    assert (
        f"A choice is a number from 0 to {last}: '99' was given. Type one of them, or ? for what they do." in transcript
    )
    probabilities = Model.load(next(folder.glob("*.npz"))).probabilities(data.x_test)
    correct = int((probabilities.argmax(axis=1) == data.y_test).sum())
    assert f"Accuracy                  {correct:.2f}%  ({correct} of 100)" in transcript
    for name in ("Precision, macro", "Recall, macro", "F1, macro", "One-versus-rest accuracy", "Read as (columns)"):
        assert name in transcript
    for name in ("confusion_matrix", "misread"):
        assert f"FOLDER/figures/weight_details{MODEL}_{name}.png" in transcript
        assert (folder / "figures" / f"weight_details{MODEL}_{name}.png").read_bytes().startswith(b"\x89PNG")
    assert transcript.endswith("Choose: 0\n")


def test_a_model_is_replaced_only_when_asked(session: Session, folder: Path) -> None:
    before = put_model(folder).read_bytes()
    _, transcript = session(f"2\n{MODEL}\n\n0\n")
    assert (
        f"weight_details{MODEL}.npz exists. Replace it when trained? (y/n) [n]: n\nNothing was changed." in transcript
    )
    assert next(folder.glob("*.npz")).read_bytes() == before
    session(f"2\n{MODEL}\nperhaps\ny\n\n1\n\n0\n")
    assert Model.load(next(folder.glob("*.npz"))).metadata["epochs"] == 1


def test_names_and_metadata_of_models_are_shown_and_not_obeyed(session: Session, folder: Path) -> None:
    put_model(folder, date="[/]", data="[/bold]\x1b[2J").rename(folder / "a[red]b[.npz")
    status, transcript = session("1\n0\n0\n")
    assert status == 0
    assert transcript.count(f"{MODEL} ('a[red]b[.npz') on '[/bold]\\x1b[2J'") == 3
    assert "  [/]\n" in transcript and "\x1b" not in transcript


def test_foreign_files_are_named_with_the_reason_and_do_no_harm(session: Session, folder: Path) -> None:
    put_model(folder)
    (folder / "notes.txt").write_text("hello")
    (folder / "weight_detailsC(8,5)-P2.npz").write_bytes((folder / f"weight_details{MODEL}.npz").read_bytes())
    (folder / "[red]\x1b[31m.npz").write_bytes(b"")
    np.savez(folder / "weight_detailsFC10.npz", weight_1=np.zeros((10, 5)), bias_1=np.zeros(10))
    (folder / ".hidden").touch()
    (folder / "sub").mkdir()
    status, transcript = session("0\n")
    assert status == 0
    assert (
        transcript
        == """\
A convolutional network in NumPy that reads handwritten digits
Type a number and press Enter; ? explains, q goes back.

#  Model           Accuracy  Parameters  Trained
───────────────────────────────────────────────────
1  C(4,5)-P4-FC10                 1,554
Not a model: '[red]\\x1b[31m.npz': an .npz file is a zip archive of arrays, but this is not (File is not a zip file).
Not a model: 'notes.txt': an .npz file is a zip archive of arrays, but this is not (File is not a zip file).
Not a model: 'weight_detailsC(8,5)-P2.npz': Token 2, 'P2', of 'C(8,5)-P2': FC10 must be the last token, one unit for \
each digit. Add -FC10.
Not a model: 'weight_detailsFC10.npz': for FC10 the array 'weight_1' has the shape (10, 784), but it has (10, 5).
2  Train a new model
3  Compare networks
0  Quit
Choose: 0
"""
    )


@pytest.mark.parametrize(
    "typed", ["", "1\n", "1\n4\n1\n", "2\n", f"2\n{MODEL}\n", f"2\n{MODEL}\ny\n0.1\n", f"2\n{MODEL}\ny\n\n\ny\n"]
)
def test_the_end_of_input_anywhere_is_a_clean_exit(session: Session, folder: Path, typed: str) -> None:
    put_model(folder)
    status, transcript = session(typed)
    assert status == 0
    assert transcript.endswith("\nEnd of input: goodbye.\n")


def test_what_a_routine_refuses_ends_in_the_menu(session: Session, folder: Path, places: Places) -> None:
    put_model(folder)
    assert places.data
    places.data.unlink()
    status, transcript = session("1\n4\n0\n2\nfc10\n\n\n\n0\n")
    assert status == 0
    assert transcript.count("squares.npz: there is no such file. Check the name.\n") == 2


def test_ctrl_c_in_an_action_goes_back_to_the_menu(
    session: Session, folder: Path, places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    def open_with_ctrl_c(path: Path, *more: Any, **named: Any) -> zipfile.ZipFile:
        if path == places.data:
            press_ctrl_c()
        return opened(path, *more, **named)

    put_model(folder)
    opened = zipfile.ZipFile
    monkeypatch.setattr(zipfile, "ZipFile", open_with_ctrl_c)
    status, transcript = session("1\n4\n0\n0\n")
    assert status == 0
    assert "Interrupted: back to the menu." in transcript
    assert not (folder / "figures").exists()


class Interrupting:
    """A keyboard on which somebody presses Ctrl-C."""

    def readline(self) -> str:
        raise KeyboardInterrupt


def test_ctrl_c_in_the_menu_leaves(session: Session) -> None:
    status, transcript = session(Interrupting())
    assert status == 130
    assert transcript.endswith("Interrupted: goodbye.\n")


@pytest.mark.parametrize("typed", ["q\n", "Q\n", "1\nq\nq\n", "1\n2\nq\n0\nq\n", "2\nq\nq\n", f"2\n{MODEL}\nq\n0\n"])
def test_q_goes_back_from_everywhere(session: Session, folder: Path, typed: str) -> None:
    before = put_model(folder).read_bytes()
    status, transcript = session(typed)
    assert status == 0 and "goodbye" not in transcript
    assert next(folder.glob("*.npz")).read_bytes() == before


def test_a_question_mark_explains(session: Session, folder: Path) -> None:
    put_model(folder)
    _, transcript = session("?\n1\n?\n0\n2\n?\nq\n0\n")
    assert "Choose: ?\n1  C(4,5)-P4-FC10: read pictures with it, " in transcript
    assert "4  Evaluate on the MNIST test data: evaluate a network on the test images.\n" in transcript
    assert transcript.count("0  Back: to the main menu.\n") == 1
    assert transcript.count("Type an answer and press Enter; Enter alone takes what is in brackets, q goes back.") == 3
