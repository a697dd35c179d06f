"""docs/command-line.md names every flag and every JSON key, and its examples are commands."""

import argparse
import json
import re
import shlex
from collections.abc import Iterator
from dataclasses import replace
from itertools import chain
from pathlib import Path
from threading import Event as Flag

import pytest

from cnn import Model, Recipe
from cnn.architecture import DIGITS, parse
from cnn.exchange.keras_file import write_keras
from cnn.recipe import SETTINGS
from feature_visualize.ascent import SETTINGS as CLIMB
from feature_visualize.objectives import WHOLE_LAYER
from menu import command_line, json_lines
from menu.actions import ACTIONS
from preprocessing.files import PictureFile
from preprocessing.prediction import Prediction
from preprocessing.reading import Page
from routines.answers import Constant
from routines.compare import CompareRequest, compare, pick
from routines.comparison.events import Compared
from routines.evaluate import EvaluateRequest, evaluate
from routines.events import Event, Predicted
from routines.export import ExportRequest, export
from routines.import_model import ImportRequest, import_model
from routines.learn import LearnRequest, learn
from routines.models import SHIPPED, find_model
from routines.page import PageRequest, make_page
from routines.places import PLACES, ROOT, Places
from routines.train import TrainRequest, train
from routines.visualize import VisualizeRequest, visualize_channel, visualize_image
from tests.menu.conftest import MODEL, Captured
from tests.menu.test_class_names import CLOTHES, prediction
from tests.routines.test_learn import pictures
from tests.squares import dataset

PAGE = (ROOT / "docs" / "command-line.md").read_text(encoding="utf-8")
COMMON = PAGE.split("\n## train\n")[0]
COMMANDS = ("train", "compare", "evaluate", "predict", "visualize", "export", "learn", "import", "page")


def section(name: str) -> str:
    """What the page says of a command."""
    return COMMON + PAGE.split(f"\n## {name}\n")[1].split("\n## ")[0]


def flags(name: str) -> list[str]:
    parser = command_line._parser([name])
    (commands,) = (each for each in parser._actions if isinstance(each, argparse._SubParsersAction))
    return [flag for action in commands.choices[name]._actions for flag in action.option_strings]


def test_every_command_has_a_section() -> None:
    parser = command_line._parser([])
    (commands,) = (each for each in parser._actions if isinstance(each, argparse._SubParsersAction))
    assert tuple(commands.choices) == COMMANDS
    assert re.findall(r"^## ([a-z]+)$", PAGE, re.MULTILINE) == list(COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_flag_of_a_command_is_named_and_no_other(name: str) -> None:
    named = set(re.findall(r"`(--?[a-z-]+)", section(name)))
    assert set(flags(name)) <= named
    every = {"--version", *chain.from_iterable(map(flags, COMMANDS))}
    assert named <= every


def test_settings_have_their_default_and_range() -> None:
    for setting in SETTINGS:
        (row,) = re.findall(rf"^\| `{setting.flag}[ `].*", section("train"), re.MULTILINE)
        if setting.kind is bool:
            continue
        assert f"| {setting.default:g} | {setting.range} |" in row


@pytest.mark.parametrize("name", COMMANDS)
def test_examples_are_commands_quoted_for_a_shell(name: str) -> None:
    examples = re.findall(rf"^python main\.py ({name} .*)", PAGE, re.MULTILINE)
    (action,) = (action for action in ACTIONS if action.name == name and action.command)
    assert len(examples) >= 2 and set(action.module.EXAMPLES) <= set(examples)
    for example in examples:
        command_line._parser([name]).parse_args(shlex.split(example))
        unquoted = re.sub(r'"[^"]*"', "", example)
        assert not set("()[]$*&;|") & set(unquoted)


def comparison(places: Places, folder: Path) -> Iterator[Event]:
    request = CompareRequest((MODEL,), folder, recipe=Recipe(epochs=1, validation=0.1))
    for event in compare(request, places, Flag()):
        yield event
        if isinstance(event, Compared):
            yield from pick(event.standings, (1,), request, places, None)


@pytest.fixture
def events(places: Places, tmp_path: Path) -> dict[str, Iterator[Event]]:
    """What each command tells scripts of."""
    recipe, data, stop = Recipe(epochs=1, validation=0.1), dataset(), Flag()
    model = Model.create(MODEL, class_names=CLOTHES)
    request = VisualizeRequest(model, 1, tmp_path / "pictures", settings=replace(CLIMB, steps=4))
    last, images = replace(request, layer=3), data.x_test
    write_keras(tmp_path / "m.keras", model)
    digits = find_model(PLACES, parse(SHIPPED[0]))
    return {
        "train": train(TrainRequest(parse(MODEL), tmp_path / "a.npz", recipe, workers=1), places, Constant(), stop),
        "compare": comparison(places, tmp_path / "compared"),
        "evaluate": evaluate(EvaluateRequest(model, figures=False), places, stop),
        "predict": iter(
            [
                Predicted(prediction(CLOTHES, 1)),
                Predicted(replace(prediction(DIGITS, 1), rotated=90)),
                Predicted(Prediction(PictureFile(Path("a.png"), error="no picture"), ())),
                Predicted(Prediction(PictureFile(Path("a.png"), Page(())), (), rotated=90)),
            ]
        ),
        "visualize": chain(
            visualize_channel(request, WHOLE_LAYER, images, stop),
            visualize_channel(last, WHOLE_LAYER, images, stop),
            visualize_channel(request, 0, images, stop),
            visualize_image(request, images[0], images, stop),
        ),
        "export": export(ExportRequest(model, (tmp_path / "x.keras",)), places, stop),
        "learn": learn(LearnRequest(digits, tuple(pictures(tmp_path)), tmp_path / "l.npz", workers=1), places, stop),
        "import": import_model(ImportRequest(tmp_path / "m.keras"), places, Constant(), stop),
        "page": make_page(PageRequest(model, tmp_path / "page.html", settings=request.settings), places, stop),
    }


@pytest.mark.parametrize("name", COMMANDS)
def test_every_json_key_is_named(name: str, events: dict[str, Iterator[Event]], capsys: Captured) -> None:
    for event in events[name]:
        json_lines.print_event(event)
    found = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    keys = set(chain.from_iterable(found))
    keys |= {key for each in found for inner in (*each.get("digits", ()), *each.get("per_digit", ())) for key in inner}
    assert len(keys) > 6
    assert keys <= set(re.findall(r"`([a-z_0-9]+)`", section(name)))
    tables = section(name).split("`--json` prints")[1]
    first_cells = chain.from_iterable(
        re.findall(r"`([a-z_0-9]+)`", row) for row in re.findall(r"^\| (.*?) \|", tables, re.M)
    )
    assert set(first_cells) <= keys
