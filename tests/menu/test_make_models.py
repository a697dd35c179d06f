"""The command that makes the shipped models."""

from dataclasses import replace
from pathlib import Path

from menu import make_models
from routines.places import Places
from tests.menu.conftest import MODEL, Captured, Session, after_epoch, save_data
from tests.squares import dataset


def test_ctrl_c_stops_without_a_model(places: Places, tmp_path: Path, when_shown: Session, capsys: Captured) -> None:
    data = save_data(tmp_path / "many.npz", dataset(training=10_100))  # 10,000 of which are held out
    when_shown(after_epoch(1))
    assert make_models.main([MODEL, "--output", str(tmp_path / "made")], replace(places, data=data)) == 130
    assert "Interrupted." in capsys.readouterr().out
    assert not list((tmp_path / "made").iterdir())


def test_a_mistake_is_status_2(places: Places, tmp_path: Path, capsys: Captured) -> None:
    assert make_models.main(["FC3", "--output", str(tmp_path)], places) == 2
    assert "FC10 must be the last token" in capsys.readouterr().out
