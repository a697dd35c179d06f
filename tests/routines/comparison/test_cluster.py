"""Trainings and pictures on a cluster of real processes on this machine."""

import socket
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import psutil
import pytest

from cnn import Model
from preprocessing.mnist import load_mnist
from routines import cluster as routines_cluster
from routines.compare import compare
from routines.comparison.events import Compared, Planned, TrialDone
from routines.comparison.ledger import NAME
from routines.comparison.training import TRAININGS, Job, run_trial, weights_of
from routines.events import Event, Interrupted, Noted, Predicted
from routines.places import Places
from routines.predict import PredictRequest, predict
from system.errors import UserError
from tests.routines.cluster import cluster
from tests.routines.test_compare import RECIPE, ledger, request, run
from tests.shipped import LARGEST
from tests.squares import dataset

pytest.importorskip("distributed", reason="Dask is not installed: requirements-cluster.txt")
# Dask's own, of sockets that it leaves to the collector.
pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")

Cluster = tuple[str, list["subprocess.Popen[bytes]"]]


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with cluster(tmp_path_factory.mktemp("cluster"), 2) as found:
        yield found


def test_a_cluster_writes_the_same_ledger_as_this_machine(started: Cluster, places: Places, tmp_path: Path) -> None:
    events = run(request(tmp_path / "there", cluster=started[0]), places)
    (planned,) = (event for event in events if isinstance(event, Planned))
    assert planned.at_once == 2 and planned.seconds is None
    compared = events[-1]
    assert isinstance(compared, Compared) and len(compared.standings) == 2
    assert weights_of(tmp_path / "there" / TRAININGS, compared.standings[0].outcomes[0].trial).exists()
    run(request(tmp_path / "here"), places)
    assert ledger(tmp_path / "there") == ledger(tmp_path / "here")


def test_a_worker_that_is_killed_costs_no_training(places: Places, tmp_path: Path) -> None:
    recipe = replace(RECIPE, epochs=20)
    with cluster(tmp_path, 2) as (file, workers):
        killed: list[bool] = []

        def kill(event: Event, stop: threading.Event) -> None:
            if isinstance(event, TrialDone) and not killed:
                killed.append(True)
                workers[0].kill()

        run(request(tmp_path / "there", cluster=file, recipe=recipe), places, kill)
    assert killed
    run(request(tmp_path / "here", recipe=recipe), places)
    assert ledger(tmp_path / "there") == ledger(tmp_path / "here")


def test_without_its_scheduler_it_ends_with_a_sentence_and_a_ledger(places: Places, tmp_path: Path) -> None:
    with cluster(tmp_path, 1) as (file, _):

        def kill(event: Event, stop: threading.Event) -> None:
            if isinstance(event, TrialDone):
                for child in psutil.Process().children():
                    if {"scheduler", file} <= set(child.cmdline()):
                        child.kill()

        with pytest.raises(UserError, match="its scheduler to the end, but it is gone"):
            run(request(tmp_path / "c", cluster=file, recipe=replace(RECIPE, epochs=20)), places, kill)
    assert 1 <= len(ledger(tmp_path / "c")) < 4


def test_stopped_workers_are_free_for_the_next_and_go_on_from_a_checkpoint(
    started: Cluster, places: Places, tmp_path: Path
) -> None:
    long = request(tmp_path, cluster=started[0], models=("FC10",), recipe=replace(RECIPE, epochs=1000))

    def stop(event: Event, flag: threading.Event) -> None:
        if list((tmp_path / TRAININGS).glob("checkpoint_*.npz")):
            flag.set()

    with pytest.raises(Interrupted):
        run(long, places, stop)
    checkpoints = list((tmp_path / TRAININGS).glob("checkpoint_*.npz"))
    assert checkpoints and not ledger_lines(tmp_path)
    assert isinstance(run(request(tmp_path / "next", cluster=started[0]), places)[-1], Compared)


def ledger_lines(folder: Path) -> list[str]:
    path = folder / NAME
    return path.read_text().splitlines() if path.exists() else []


def test_weights_come_back_from_where_the_folder_is_not_shared(tmp_path: Path) -> None:
    from routines.comparison.trials import Trial

    trial = Trial("FC10", RECIPE, 0)
    job = Job(trial, tmp_path / "elsewhere", "a mark")
    outcome = run_trial(job, dataset(), lambda share, note: None, threading.Event())
    assert outcome and outcome.weights and not job.folder.exists()
    (tmp_path / "w.npz").write_bytes(outcome.weights)
    assert Model.load(tmp_path / "w.npz").string == "FC10"


def test_pictures_are_read_on_a_cluster_as_here_and_in_order(started: Cluster, places: Places, tmp_path: Path) -> None:
    places.pictures.mkdir()
    for number, image in enumerate(load_mnist().x_test[:20]):
        large = cv2.resize(255 - image, None, fx=4, fy=4, interpolation=cv2.INTER_CUBIC)
        (places.pictures / f"{number:02}.png").write_bytes(cv2.imencode(".png", large)[1].tobytes())
    (places.pictures / "05.png").write_bytes(b"no picture")
    model = Model.load(LARGEST)
    read = []
    for address in ("", started[0]):
        asked = PredictRequest(model, (places.pictures,), tmp_path / "seen", cluster=address)
        events = [event for event in predict(asked, places, threading.Event()) if isinstance(event, Predicted)]
        read.append(
            [(event.prediction.file.path, event.prediction.file.error, event.prediction.number) for event in events]
        )
    assert read[0] == read[1] and len(read[0]) == 20 and read[0][5][1]


def test_a_cluster_that_is_not_there_is_said_in_a_sentence(
    places: Places, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(routines_cluster, "SECONDS", 1)
    (tmp_path / "file.json").write_text('{"address": 5}')
    wrong = ("nowhere", "http://127.0.0.1:80", "tcp://", "tcp://127.0.0.1:x", str(tmp_path / "file.json"))
    with socket.create_server(("127.0.0.1", 0)) as silent, socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        ports = [each.getsockname()[1] for each in (silent, free)]
        for given, sentence in (
            *((f"tcp://127.0.0.1:{port}", "no scheduler answered within 1 seconds") for port in ports),
            *((each, "A cluster is an address such as tcp://host:8786") for each in wrong),
        ):
            with pytest.raises(UserError, match=sentence):
                list(compare(request(tmp_path / "c", cluster=given), places, threading.Event()))


def test_versions_that_differ_are_said(monkeypatch: pytest.MonkeyPatch) -> None:
    class Client:
        def run(self, function: object, on_error: str) -> dict[str, dict[str, str]]:
            return {"tcp://a": routines_cluster.versions(), "tcp://b": {**routines_cluster.versions(), "NumPy": "0.1"}}

    (note,) = routines_cluster.differences(Client())
    assert note == Noted(
        f"tcp://b has NumPy 0.1 and not {np.__version__}: its results may differ in the last digits.", True
    )
