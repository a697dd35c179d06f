"""The page to draw on, in the menu and on the command line."""

import json
import webbrowser
from dataclasses import replace
from pathlib import Path

import pytest

from cnn import Model
from feature_visualize.ascent import SETTINGS
from menu.actions import page
from routines.page import PageRequest
from tests.menu.conftest import MODEL, Captured, Command, Session
from tests.menu.test_loop import put_model

Opened = list[str]


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> Opened:
    """What a browser was asked to open; pictures are rough."""
    addresses: Opened = []
    monkeypatch.setenv("DISPLAY", ":0")

    def open_it(address: str) -> bool:
        addresses.append(address)
        return True

    def rough(model: Model, output: Path, data: Path | None = None) -> PageRequest:
        return PageRequest(model, output, data, replace(SETTINGS, steps=2))

    monkeypatch.setattr(webbrowser, "open", open_it)
    monkeypatch.setattr(page, "PageRequest", rough)
    return addresses


def test_the_menu_makes_a_page_and_opens_it(session: Session, folder: Path, opened: Opened) -> None:
    put_model(folder)
    status, transcript = session("1\n6\n0\n3\n")
    path = folder / "figures" / f"page_{MODEL}.html"
    assert status == 0
    assert "6  Draw digits in the browser\n" in transcript
    assert f"The page to draw on: FOLDER/figures/{path.name} (" in transcript
    assert "There is no browser here" not in transcript
    assert opened == [path.as_uri()]


@pytest.mark.parametrize("break_it", ["no display", "refused", "failed"])
def test_without_a_browser_the_path_is_printed(
    session: Session, folder: Path, opened: Opened, monkeypatch: pytest.MonkeyPatch, break_it: str
) -> None:
    put_model(folder)

    def fail(address: str) -> bool:
        if break_it == "failed":
            raise webbrowser.Error("could not locate runnable browser")
        return False

    if break_it == "no display":
        monkeypatch.setattr("sys.platform", "linux")
        monkeypatch.delenv("DISPLAY")
        monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    else:
        monkeypatch.setattr(webbrowser, "open", fail)
    _, transcript = session("1\n6\n0\n3\n")
    assert f"The page to draw on: FOLDER/figures/page_{MODEL}.html (" in transcript
    assert "There is no browser here: open this file in one, on any computer or phone.\n" in transcript
    assert not opened


def test_the_command_writes_a_page_where_it_is_told_and_opens_nothing(
    command: Command, folder: Path, tmp_path: Path, opened: Opened, capsys: Captured
) -> None:
    put_model(folder)
    output = tmp_path / "draw.html"
    assert command("page", "--model", "1", "--output", str(output), "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert found["file"] == str(output) and found["bytes"] == output.stat().st_size
    assert not opened


def test_a_wrong_name_is_a_mistake_in_a_sentence(command: Command, folder: Path, capsys: Captured) -> None:
    put_model(folder)
    assert command("page", "--model", "1", "--output", "page.pdf") == 2
    assert "a page is an .html file. Give a name that ends in .html." in capsys.readouterr().err
