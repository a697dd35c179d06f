"""Teaching a model in its menu, and by a command."""

import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest

from routines.models import SHIPPED
from routines.places import PLACES
from tests.menu.conftest import Captured, Command, Session
from tests.routines.test_learn import picture


@pytest.fixture
def weights(folder: Path) -> Path:
    """The weights of the first model that ships, alone in the folder."""
    name = f"weight_details{SHIPPED[0]}.npz"
    return Path(shutil.copy(PLACES.weights / name, folder / name))


def test_pictures_are_labelled_one_by_one_skipped_and_gone_back_to(
    session: Session, folder: Path, weights: Path, tmp_path: Path
) -> None:
    drawn = tmp_path / "drawn"
    for name, digit in (("a.png", 7), ("b.png", 1), ("c.png", 7)):
        picture(drawn / name, digit)
    cv2.imwrite(str(drawn / "d.png"), np.full((90, 90), 255, np.uint8))
    typed = f"1\n7\n{drawn}\n\nb\n\nx\n1\ns\n\n0\n0\n"
    status, transcript = session(typed)
    assert status == 0
    assert transcript.count(f"1/4  {drawn / 'a.png'}") == 2 and transcript.count("Digits, s or b [7]: 7") == 2
    assert "A label is the digits of a picture, such as 7 or 1234: 'x' was given" in transcript
    assert "No ink was found: it is left out." in transcript
    assert "Of 2 digits on 2 pictures, each read by a model that has not seen it: 2 right before, 2 after" in transcript
    assert (
        "All was read right before: there was nothing to learn. Give pictures that it misreads. The old" in transcript
    )
    assert list(folder.glob("*.npz")) == [weights]


def test_a_name_that_is_taken_is_a_sentence(
    command: Command, folder: Path, weights: Path, capsys: Captured, tmp_path: Path
) -> None:
    picture(tmp_path / "7_1.png", 7)
    shutil.copy(weights, folder / f"weight_details{SHIPPED[0]} mine.npz")
    status = command("learn", "--model", "1", str(tmp_path / "7_1.png"), "--name", "mine")
    assert status == 2 and "a name is given once" in capsys.readouterr().err
