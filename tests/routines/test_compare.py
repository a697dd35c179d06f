"""A comparison: each training as the command trains, written down once, and gone on with."""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import psutil
import pytest

from cnn import Model, Recipe
from cnn.architecture import parse
from routines.answers import Constant
from routines.compare import CompareRequest, compare, pick
from routines.comparison.events import Compared, Picked, Planned, TrialDone
from routines.comparison.ledger import NAME
from routines.comparison.search import Limits
from routines.comparison.training import TRAININGS, weights_of
from routines.events import Alongside, Event, Interrupted, Noted, Progressed
from routines.places import ROOT, Places
from routines.train import TrainRequest, train
from system.errors import UserError
from tests.routines.conftest import MODEL

SMALL = "FC10"
RECIPE = Recipe(learning_rate=0.01, epochs=2, batch_size=20, validation=0.2)


def request(folder: Path, **more: object) -> CompareRequest:
    given = {"models": (MODEL, SMALL), "rates": (0.01,), "seeds": 2, "recipe": RECIPE, **more}
    return CompareRequest(output=folder, **given)  # type: ignore[arg-type]


def run(
    asked: CompareRequest, places: Places, when: Callable[[Event, threading.Event], object] = lambda event, stop: None
) -> list[Event]:
    stop, events = threading.Event(), []
    for event in compare(asked, places, stop):
        events.append(event)
        when(event, stop)
    return events


def of_kind(events: list[Event], kind: type[Event]) -> list[Event]:
    return [event for event in events if isinstance(event, kind)]


def ledger(folder: Path) -> list[dict[str, object]]:
    """The lines of a ledger without times, in an order of their own."""
    lines = [json.loads(line) for line in (folder / NAME).read_text().splitlines()]
    return sorted(({**line, "seconds": 0} for line in lines), key=lambda line: json.dumps(line))


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Places, list[Event]]:
    """A comparison that ran to its end, its places, and what it yielded; the data have no test images."""
    from tests.squares import dataset

    folder = tmp_path_factory.mktemp("whole")
    data = dataset()
    np.savez(folder / "squares.npz", x_train=data.x_train, y_train=data.y_train)
    places = Places.of(folder, folder / "squares.npz")
    return folder, places, run(request(folder / "c"), places)


def test_it_says_what_it_will_do_and_ends_with_the_best_first(whole: tuple[Path, Places, list[Event]]) -> None:
    folder, _, events = whole
    (planned,) = of_kind(events, Planned)
    assert isinstance(planned, Planned)
    assert (planned.trainings, planned.finished) == (4, 0) and planned.seconds and planned.at_once >= 1
    assert len(of_kind(events, TrialDone)) == 4
    compared = events[-1]
    assert isinstance(compared, Compared) and (compared.left, compared.folder) == (0, folder / "c")
    assert len(compared.standings) == 2
    assert (compared.standings[0].accuracy or 0) >= (compared.standings[1].accuracy or 0)
    assert all(len(each.outcomes) == 2 and each.error is not None for each in compared.standings)
    last = [event for event in events if isinstance(event, Progressed)][-1]
    assert (last.done, last.total) == (4, 4)
    assert any(len(event.running) for event in events if isinstance(event, Alongside))


def test_a_training_has_the_same_bits_as_the_command_has_with_one_process(
    whole: tuple[Path, Places, list[Event]], places: Places, tmp_path: Path
) -> None:
    folder, _, events = whole
    done = next(event for event in events if isinstance(event, TrialDone) and event.outcome.trial.model == MODEL)
    trial = done.outcome.trial
    alone = TrainRequest(parse(MODEL), tmp_path / "a.npz", trial.recipe, workers=1)
    for _ in train(alone, places, Constant(), threading.Event()):
        pass
    kept = Model.load(weights_of(folder / "c" / TRAININGS, trial))
    assert kept.parameters.tobytes() == Model.load(tmp_path / "a.npz").parameters.tobytes()
    assert kept.metadata["accuracy"] == pytest.approx(done.outcome.accuracy) and kept.metadata["test_images"] == 0


def test_what_the_ledger_has_is_not_repeated_and_a_torn_last_line_is(
    whole: tuple[Path, Places, list[Event]],
) -> None:
    folder, places, _ = whole
    path, before = folder / "c" / NAME, ledger(folder / "c")
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:3]) + lines[3][:40])
    events = run(request(folder / "c"), places)
    assert [event.before for event in events if isinstance(event, TrialDone)].count(False) == 1
    assert ledger(folder / "c") == before
    events = run(request(folder / "c"), places)
    assert all(event.before for event in events if isinstance(event, TrialDone))
    assert ledger(folder / "c") == before


def test_a_line_that_is_no_outcome_is_refused_by_its_number(places: Places, tmp_path: Path) -> None:
    folder = tmp_path / "c"
    folder.mkdir()
    for line in ("no JSON", "{}", "[1]", '{"model": 1, "recipe": 2}'):
        (folder / NAME).write_text(f"{line}\n")
        with pytest.raises(UserError, match=r"line 1 is not\. Remove"):
            run(request(folder), places)


def test_a_stopped_one_keeps_its_ledger_and_goes_on(whole: tuple[Path, Places, list[Event]], tmp_path: Path) -> None:
    folder, places, _ = whole
    with pytest.raises(Interrupted):
        run(request(tmp_path), places, lambda event, stop: stop.set() if isinstance(event, TrialDone) else None)
    finished = len(ledger(tmp_path))
    assert 1 <= finished < 4
    (planned,) = of_kind(run(request(tmp_path), places), Planned)
    assert isinstance(planned, Planned) and planned.finished == finished
    assert ledger(tmp_path) == ledger(folder / "c")


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL")
def test_a_training_whose_process_is_killed_begins_again_with_the_same_result(
    whole: tuple[Path, Places, list[Event]], tmp_path: Path
) -> None:
    _, places, _ = whole
    killed: list[int] = []

    def kill(event: Event, stop: threading.Event) -> None:
        if isinstance(event, TrialDone) and not killed:
            children = psutil.Process().children(recursive=True)
            found = [child for child in children if "spawn_main" in " ".join(child.cmdline())]
            killed.extend(child.pid for child in found)
            for child in found:
                child.kill()

    recipe = replace(RECIPE, epochs=30)
    events = run(request(tmp_path / "a", recipe=recipe), places, kill)
    assert killed and any("process was lost" in event.text for event in events if isinstance(event, Noted))
    run(request(tmp_path / "b", recipe=recipe), places)
    assert ledger(tmp_path / "a") == ledger(tmp_path / "b")


PROGRAM = """
import sys, threading
from pathlib import Path
from tests.routines.test_compare import request, run
from routines.comparison.events import TrialDone
from routines.places import Places
def say(event):
    if isinstance(event, TrialDone):
        print("done", flush=True)
if __name__ == "__main__":
    places = Places.of(Path(sys.argv[1]), Path(sys.argv[1]) / "squares.npz")
    run(request(Path(sys.argv[2])), places, lambda event, stop: say(event))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL")
def test_killed_it_leaves_no_process_and_goes_on(whole: tuple[Path, Places, list[Event]], tmp_path: Path) -> None:
    folder, places, _ = whole
    script = tmp_path / "program.py"
    script.write_text(PROGRAM)
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, str(script), str(folder), str(tmp_path / "c")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment, cwd=ROOT) as started:
        assert started.stdout and started.stdout.readline() == b"done\n"
        children = psutil.Process(started.pid).children(recursive=True)
        started.send_signal(signal.SIGKILL)
    _, alive = psutil.wait_procs(children, 20)
    assert children and not alive
    events = run(request(tmp_path / "c"), places)
    assert any(event.before for event in events if isinstance(event, TrialDone))
    assert ledger(tmp_path / "c") == ledger(folder / "c")


def test_a_rate_that_is_too_high_is_an_outcome_and_stands_last(places: Places, tmp_path: Path) -> None:
    deep = "FC256-" * 30 + "FC10"
    asked = request(tmp_path, models=(SMALL, deep), rates=(1.0,), seeds=1)
    compared = run(asked, places)[-1]
    assert isinstance(compared, Compared)
    assert compared.standings[-1].model == deep and compared.standings[-1].accuracy is None
    assert "learning rate of 1 is too high" in compared.standings[-1].outcomes[0].problem
    events = run(asked, places)
    assert all(event.before for event in events if isinstance(event, TrialDone))


def test_only_those_picked_read_test_images(places: Places, tmp_path: Path) -> None:
    asked = request(tmp_path / "c", seeds=1)
    compared = run(asked, places)[-1]
    assert isinstance(compared, Compared)
    output = tmp_path / "best.npz"
    events = list(pick(compared.standings, (2, 1), asked, places, output))
    picked = [event for event in events if isinstance(event, Picked)]
    assert [each.number for each in picked] == [2, 1] and picked[0].evaluation.images == 100
    assert [each.output for each in picked] == [output, None]
    metadata = Model.load(output).metadata
    assert metadata["accuracy"] == picked[0].evaluation.accuracy and metadata["test_images"] == 100
    assert "accuracy_of" not in metadata
    with pytest.raises(UserError, match="from 1 to 2: 3 was given"):
        list(pick(compared.standings, (3,), asked, places, None))


def test_a_search_halves_and_stops_when_the_time_is_over(places: Places, tmp_path: Path) -> None:
    recipe = replace(RECIPE, epochs=4)
    asked = request(tmp_path, models=(), limits=Limits(parameters=3000), recipe=recipe)
    events = run(asked, places)
    done = [event.outcome.trial for event in events if isinstance(event, TrialDone)]
    assert {trial.recipe.epochs for trial in done} == {1, 4} or {trial.recipe.epochs for trial in done} == {1, 2, 4}
    compared = events[-1]
    assert isinstance(compared, Compared) and compared.standings[0].recipe.epochs == 4
    assert all(each.parameters < 3000 for each in compared.standings)
    assert len(compared.standings[0].outcomes) == 2
    again = run(asked, places)
    assert all(event.before for event in again if isinstance(event, TrialDone))
    short = run(replace(asked, output=tmp_path / "short", budget=1e-9), places)
    assert not of_kind(short, TrialDone) and not of_kind(short, Compared)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"models": ()}, "at least one network"),
        ({"seeds": 0}, "seeds is from 1 to 100: 0"),
        ({"recipe": Recipe()}, "a share of 0 was given"),
        ({"models": ("C(4,5)-P4-FC7",)}, "FC10 must be the last token"),
        ({"models": (MODEL,) * 1001, "seeds": 100}, "at most 100,000 trainings"),
    ],
)
def test_what_makes_no_sense_is_refused_before_anything_starts(
    places: Places, tmp_path: Path, change: dict[str, object], sentence: str
) -> None:
    with pytest.raises(UserError, match=sentence.replace("(", r"\(")):
        run(request(tmp_path / "c", **change), places)
    assert not (tmp_path / "c").exists()
