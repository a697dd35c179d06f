"""Making the page to draw on: its file, what goes into it, and what is refused."""

import json
import re
from dataclasses import replace
from pathlib import Path
from threading import Event as Flag
from typing import Any

import numpy as np
import pytest

from cnn import Model
from feature_visualize.ascent import SETTINGS
from routines.events import Event, Interrupted, Noted, Progressed, Written
from routines.models import read_catalog
from routines.page import PageError, PageRequest, make_page, page_path
from routines.page_pictures import picture_sources
from routines.places import PLACES, ROOT, Places
from tests.routines.conftest import MODEL

ROUGH = replace(SETTINGS, steps=2)
LARGEST = 4_000_000  # bytes


def page(places: Places, model: Model, output: Path, stop: Flag | None = None) -> list[Event]:
    return list(make_page(PageRequest(model, output, settings=ROUGH), places, stop or Flag()))


def data_of(path: Path) -> Any:
    text = path.read_text(encoding="utf-8")
    (found,) = re.findall(r'<script type="application/json" id="data">(.*?)</script>', text, re.DOTALL)
    return json.loads(found)


def test_a_page_is_one_file_that_holds_everything(places: Places, tmp_path: Path) -> None:
    output, model = tmp_path / "new" / "page.html", Model.create(MODEL)
    *_, last = page(places, model, output)
    assert isinstance(last, Written) and last.file == output
    assert last.details["bytes"] == output.stat().st_size
    assert last.details["channels"] == 4 + 10
    text = output.read_text(encoding="utf-8")
    markup = text.split("<script")[0]
    assert not re.search(r"<!-- [a-z_.]+ -->", text) and not re.search(r"\{[a-z]+\}", markup)
    assert not re.search(r"""(src|href|url)\s*[=(]\s*["']?(?!#|data:|["'])[a-z/.]""", markup)
    assert "https://" not in text and "http://" not in text
    assert [path.name for path in output.parent.iterdir()] == ["page.html"]


def test_the_largest_model_s_page_is_below_four_megabytes(tmp_path: Path) -> None:
    largest = read_catalog(PLACES).models[-1]
    # Pictures of few steps are noise, which hardly compresses: with all of them a page is smaller.
    *_, last = page(PLACES, largest, tmp_path / "page.html")
    assert isinstance(last, Written)
    assert last.details["bytes"] < LARGEST


def test_what_a_page_tells_of_channels_is_what_the_model_does(places: Places, tmp_path: Path) -> None:
    model, images = Model.create(MODEL), np.load(places.data or "")["x_test"]
    page(places, model, tmp_path / "page.html")
    found = data_of(tmp_path / "page.html")
    assert found["sources"] == [1, 1, 3]
    assert set(found["channels"]) == {"1", "3"}
    means = model.activations(images, 1).mean(axis=(2, 3))
    np.testing.assert_allclose(found["channels"]["1"]["excited"], -np.sort(-means, axis=0)[:9].T, rtol=1e-3)
    np.testing.assert_allclose(
        found["channels"]["3"]["excited"], -np.sort(-model.logits(images), axis=0)[:9].T, rtol=1e-3
    )
    assert [tuple(each[1:]) for each in found["weights"]["index"]] == [
        ("weight", 4 * 25),
        ("bias", 4),
        ("weight", 1440),
        ("bias", 10),
    ]


def test_dead_channels_have_no_pictures(places: Places, tmp_path: Path) -> None:
    model = Model.create(MODEL)
    model.arrays()[1]["bias"][1] = -1000
    page(places, model, tmp_path / "page.html")
    channels = data_of(tmp_path / "page.html")["channels"]["1"]
    assert channels["most"] == [0, -1, 1, 2] and channels["least"] == [3, -1, 4, 5]
    model.arrays()[1]["bias"][:] = -1000
    page(places, model, tmp_path / "page.html")
    assert data_of(tmp_path / "page.html")["channels"]["1"]["most"] == [-1] * 4


def test_names_of_classes_are_text_and_no_markup(places: Places, tmp_path: Path) -> None:
    names = ("</script><b>", "<!--", "&amp;", '"', "'", "{title}", "<!-- style.css -->", "é", "8", "9")
    page(places, Model.create(MODEL, class_names=names), tmp_path / "page.html")
    assert tuple(data_of(tmp_path / "page.html")["model"]["classes"]) == names
    assert "Draw something" in (tmp_path / "page.html").read_text(encoding="utf-8")


def test_other_classes_than_the_data_s_are_said(places: Places, tmp_path: Path) -> None:
    events = page(places, Model.create(MODEL, class_names=tuple("abcdefghij")), tmp_path / "page.html")
    assert any(isinstance(event, Noted) and "'a' is called '0' in the data" in event.text for event in events)


def test_progress_is_told_and_the_flag_leaves_nothing(places: Places, tmp_path: Path) -> None:
    stop, stages = Flag(), set()
    with pytest.raises(Interrupted):
        for event in make_page(PageRequest(Model.create(MODEL), tmp_path / "page.html", settings=ROUGH), places, stop):
            if isinstance(event, Progressed):
                stages.add(event.stage)
                assert 0 <= event.done <= event.total
                if event.stage == "Feature visualization" and event.done:
                    stop.set()
    assert stages == {"Reading test images", "Feature visualization"}
    assert not list(tmp_path.glob("*.html"))


@pytest.mark.parametrize("name, reason", [("page.txt", "ends in .html"), ("folder.html", "it is a folder")])
def test_places_that_cannot_be_are_refused_at_once(places: Places, tmp_path: Path, name: str, reason: str) -> None:
    (tmp_path / "folder.html").mkdir()
    with pytest.raises(PageError, match=reason):
        next(make_page(PageRequest(Model.create(MODEL), tmp_path / name), places, Flag()))


def test_a_page_that_cannot_be_written_is_refused(places: Places, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(PageError, match=r"page\.html: the page could not be written \(.+\)\. Choose another place\."):
        page(places, Model.create(MODEL), tmp_path / "file" / "page.html")


def test_a_page_s_own_place_is_named_for_the_model(places: Places) -> None:
    assert page_path(places, Model.create(MODEL)) == places.weights / "figures" / f"page_{MODEL}.html"


def test_pooling_shows_what_the_layer_before_looks_for() -> None:
    assert picture_sources(Model.create("P2-C(2,3)-P2-FC10")) == (0, 2, 2, 4)


def test_what_is_normalised_shows_what_gets_through_the_relu() -> None:
    assert picture_sources(Model.create("C(2,3)-BN-A2-FC8-BN-D(0.5)-FC10")) == (2, 2, 2, 5, 5, 5, 7)


def test_the_network_of_the_page_is_short_enough_to_be_read() -> None:
    path = ROOT / "routines" / "page_template" / "network.js"
    assert len(path.read_text(encoding="utf-8").splitlines()) < 400
