"""Teaching a model in its menu, and by a command."""

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from cnn.architecture import DIGITS
from cnn.evaluation import Evaluation
from cnn.model import Model
from routines.events import Learned
from routines.models import SHIPPED
from routines.places import PLACES
from tests.menu.conftest import Captured, Command, Session
from tests.routines.test_improvement import TEN
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
    assert "All was read right and without a doubt: there was nothing to learn." in transcript
    assert list(folder.glob("*.npz")) == [weights]


def test_a_name_that_is_taken_is_a_sentence(
    command: Command, folder: Path, weights: Path, capsys: Captured, tmp_path: Path
) -> None:
    picture(tmp_path / "7_1.png", 7)
    shutil.copy(weights, folder / f"weight_details{SHIPPED[0]} mine.npz")
    status = command("learn", "--model", "1", str(tmp_path / "7_1.png"), "--name", "mine")
    assert status == 2 and "a name is given once" in capsys.readouterr().err


EVALUATION = Evaluation(np.zeros(10, np.int64), np.ones(10), np.eye(10, dtype=np.int64), DIGITS, 1.0)
IMPROVEMENT = replace(
    TEN, pictures=8, digits=10, right_before=6, right_after=9, gained=3, doubtful_after=2, read=7, surer=6
)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"step": 1.0, "output": Path("new.npz")}, "Weights: new.npz"),
        ({"step": 0.4, "output": Path("new.npz")}, "So that nothing else is forgotten, it went 40% of the way"),
        ({"step": 0.4}, "It did not help by more than luck"),
        ({"step": 1.0, "improvement": replace(IMPROVEMENT, doubtful_before=0)}, "there was nothing to learn"),
        ({"step": 0.0}, "Even a part of what was learned would make it forget too much else."),
    ],
)
def test_what_came_of_it_is_said(
    command: Command,
    weights: Path,
    capsys: Captured,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    changes: dict[str, Any],
    said: str,
) -> None:
    model = Model.load(weights)
    event = replace(Learned(model, IMPROVEMENT, EVALUATION, EVALUATION, 1.0, 0.0), **changes)
    monkeypatch.setattr("menu.actions.learn.learn", lambda *_: iter([event]))
    path = str(picture(tmp_path / "7_1.png", 7))
    assert command("learn", "--model", "1", path) == 0
    shown = capsys.readouterr()
    text = " ".join((shown.out + shown.err).split())
    assert said in text
    assert ("The old model is kept, and nothing was saved." in text) == (event.output is None)
    read = (
        f"only before: 0; doubtful before: {event.improvement.doubtful_before}, after: 2; of 7 read right after, more"
    )
    assert (read in text) == (event.step > 0)
    assert ("of the way" in text) == (event.step == 0.4)
    assert command("learn", "--model", "1", path, "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["digit_count"], found["gained"], found["surer"]) == (10, 3, 6)
    assert (found["step"], found["helped"]) == (event.step, event.output is not None)
