"""Worker processes: what they compute, and how they end."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest

from cnn.loss import cross_entropy
from cnn.model import Model
from cnn.network import Network
from cnn.optimizer import Adam
from cnn.workers import WorkerError, Workers
from system.arrays import Array
from system.processes import SPAWN
from tests.squares import squares

ROOT = Path(__file__).parents[2]


def network(images: int = 3) -> Network:
    return Model.create("C(2,5)-P4-FC10", 1, dtype=np.float64).network(images)


class Descent(Adam):
    """Against the gradient, by the learning rate."""

    def step(self, gradient: Array, learning_rate: float, part: slice = slice(None)) -> None:
        self.parameters[part] -= learning_rate * gradient


@pytest.mark.parametrize("count", [1, 2, 3])
def test_a_step_goes_by_the_mean_gradient_of_the_chosen_images(count: int) -> None:
    images, labels = squares(11)
    chosen = np.array([10, 3, 3, 0, 7, 5, 1])
    alone = network(1)
    gradients, losses, correct = [], [], []
    for index in chosen:
        logits = alone.forward(images[[index]])
        correct.append(logits.argmax() == labels[index])
        loss, logits_gradient = cross_entropy(logits, labels[[index]])
        alone.backward(logits_gradient)
        gradients.append(alone.gradient.copy())
        losses.append(loss[0])
    made = network()
    parameters, optimizer = made.model.parameters.copy(), Descent(made.model.parameters)
    with Workers(made, images, labels, count, optimizer=optimizer) as team:
        for _ in range(2):  # the second time, nothing of the first is left
            found_losses, found_correct = team.gradient(chosen)
            team.step(0.5)
            taken = (parameters - made.model.parameters) / 0.5
            np.testing.assert_allclose(taken, np.mean(gradients, axis=0), rtol=1e-6, atol=1e-9)
            team.step(-0.5)
            np.testing.assert_allclose(made.model.parameters, parameters, rtol=1e-12)
            np.testing.assert_allclose(found_losses, losses)
            assert found_correct.tolist() == correct


@pytest.mark.parametrize("count", [1, 2])
def test_logits_follow_the_parameters(count: int) -> None:
    images, labels = squares(5)
    made = network()
    with Workers(made, images, labels, count) as team:
        for _ in range(2):
            chosen = np.array([4, 1, 2])
            np.testing.assert_allclose(team.logits(chosen), made.forward(images[chosen]).T, rtol=1e-9)
            made.model.parameters[...] *= 2


def test_one_worker_starts_no_process() -> None:
    before = psutil.Process().children()
    with Workers(network(), *squares(5), 1):
        assert psutil.Process().children() == before


def own_workers() -> list[psutil.Process]:
    """The processes that this one started for work; the other one that Python starts keeps an eye on semaphores."""
    return [child for child in psutil.Process().children() if "spawn_main" in " ".join(child.cmdline())]


def test_no_worker_is_left_behind() -> None:
    with pytest.raises(ZeroDivisionError), Workers(network(), *squares(5), 3) as team:
        team.gradient(np.arange(5))
        assert len(own_workers()) == 2
        _ = 1 / 0
    assert not own_workers()


def test_no_worker_is_left_behind_where_another_could_not_be_started(monkeypatch: pytest.MonkeyPatch) -> None:
    start = SPAWN.Process.start
    started: list[Any] = []

    def refuse_the_second(process: Any) -> None:
        if started:
            raise OSError(11, "Resource temporarily unavailable")
        started.append(process)
        start(process)

    monkeypatch.setattr(SPAWN.Process, "start", refuse_the_second)
    with pytest.raises(OSError, match="temporarily unavailable"), Workers(network(), *squares(5), 3):
        pass
    assert len(started) == 1 and not started[0].is_alive()


def test_a_worker_that_is_killed_is_an_error_at_once() -> None:
    with Workers(network(), *squares(5), 2) as team:
        team.gradient(np.arange(5))
        own_workers()[0].kill()
        start = time.monotonic()
        with pytest.raises(WorkerError, match="ended from outside"):
            team.gradient(np.arange(5))
        assert time.monotonic() - start < 5


def test_a_worker_that_fails_says_why() -> None:
    images, labels = squares(5)
    with Workers(network(), images, labels, 2) as team:
        team.gradient(np.arange(5))
        # The last index is in the share of the other process.
        with pytest.raises(WorkerError, match=r"failed \(IndexError.*Try --workers 1"):
            team.gradient(np.array([0, 1, 2, 3, 5_000]))


@pytest.mark.skipif(os.name == "nt", reason="SIGKILL is POSIX's")
def test_workers_end_when_the_first_process_is_killed(tmp_path: Path) -> None:
    arguments = ["train", "--model", "C(4,5)-P4-FC10", "--workers", "3", "--epochs", "1000", "--json"]
    command = [sys.executable, str(ROOT / "main.py"), *arguments, "--output", str(tmp_path / "w.npz")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        assert process.stdout
        process.stdout.readline()
        others = psutil.Process(process.pid).children(recursive=True)
        assert len([other for other in others if "spawn_main" in " ".join(other.cmdline())]) == 2
        process.send_signal(signal.SIGKILL)
    _, alive = psutil.wait_procs(others, timeout=10)
    assert not alive


@pytest.mark.skipif(os.name == "nt", reason="Windows sends Ctrl-C to a whole console")
def test_ctrl_c_for_all_of_them_is_a_clean_end(tmp_path: Path) -> None:
    """A terminal sends Ctrl-C to every process of the program, here before the workers have started too."""
    arguments = ["train", "--model", "C(4,5)-P4-FC10", "--workers", "3", "--epochs", "1000", "--json"]
    command = [sys.executable, str(ROOT / "main.py"), *arguments, "--output", str(tmp_path / "w.npz")]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(command, **pipes, start_new_session=True) as process:  # type: ignore[call-overload]
        while not (others := psutil.Process(process.pid).children(recursive=True)) and process.poll() is None:
            time.sleep(0.01)
        time.sleep(0.3)
        os.killpg(process.pid, signal.SIGINT)
        messages = process.communicate(timeout=30)[1].decode()
    assert process.returncode == 130, messages
    assert "Interrupted" in messages and "Traceback" not in messages
    assert not psutil.wait_procs(others, timeout=10)[1]


@pytest.mark.parametrize("count", [1, 2])
def test_reading_takes_no_groups_and_what_is_kept(count: int) -> None:
    images, labels = squares(50)
    model = Model.create("C(2,5)-BN-P4-FC10", 1)
    model.state[...] = np.random.default_rng(0).random(model.state.size) + 0.5
    with Workers(model.network(3), images, labels, count) as team:
        np.testing.assert_allclose(team.logits(np.arange(50)), model.logits(images), rtol=1e-4, atol=1e-5)
        model.state[...] *= 2
        np.testing.assert_allclose(team.logits(np.arange(50)), model.logits(images), rtol=1e-4, atol=1e-5)
