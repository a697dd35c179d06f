"""A real training run, killed at random moments: no weight file is ever torn, nothing is left behind.

KILLS=200 python -m pytest tests/menu/test_survival.py makes the whole number; without it there are a few.
"""

import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import psutil
import pytest

from cnn import Model
from cnn.architecture import parse
from cnn.checkpoint import load_checkpoint
from routines.places import ROOT
from tests.menu.conftest import MODEL
from tests.squares import dataset

KILLS = int(os.environ.get("KILLS", "6"))


def start(folder: Path, *more: str, stderr: int = subprocess.DEVNULL) -> "subprocess.Popen[bytes]":
    arguments = ["train", "--model", MODEL, "--data", str(folder / "data.npz"), "--epochs", "20", "--workers", "2"]
    command = [sys.executable, str(ROOT / "main.py"), *arguments, "--output", str(folder / "mine.npz"), "--json", *more]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=stderr)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Data, and weights that a training is about to replace."""
    data = dataset()
    np.savez(tmp_path / "data.npz", x_train=data.x_train, y_train=data.y_train, x_test=data.x_test, y_test=data.y_test)
    assert start(tmp_path).wait() == 0
    return tmp_path


@pytest.mark.skipif(os.name == "nt", reason="SIGKILL is POSIX's")
def test_a_killed_training_loses_no_weights_and_leaves_nothing_running(folder: Path) -> None:
    begun = time.perf_counter()
    assert start(folder).wait() == 0
    whole = time.perf_counter() - begun
    expected = Model.load(folder / "mine.npz").parameters.tobytes()
    checkpoints = 0
    for kill in range(KILLS):
        moment = random.Random(kill).uniform(0, whole)  # noqa: S311
        with start(folder, *(["--resume"] if (folder / "checkpoint_mine.npz").exists() else [])) as process:
            time.sleep(moment)
            others = psutil.Process(process.pid).children(recursive=True) if process.poll() is None else []
            process.send_signal(signal.SIGKILL)
        assert not psutil.wait_procs(others, timeout=10)[1]
        # The old weights or the new ones, which are the same: the seed is, and a resumed training has the same bits.
        assert Model.load(folder / "mine.npz").parameters.tobytes() == expected
        if (folder / "checkpoint_mine.npz").exists():
            checkpoints += 1
            load_checkpoint(folder / "checkpoint_mine.npz", parse(MODEL))
    assert checkpoints or KILLS < 20
    assert start(folder, *(["--resume"] if (folder / "checkpoint_mine.npz").exists() else [])).wait() == 0
    assert {path.name for path in folder.iterdir()} == {"data.npz", "mine.npz"}


def test_a_killed_worker_ends_training_with_a_sentence_and_keeps_the_checkpoint(folder: Path) -> None:
    before = (folder / "mine.npz").read_bytes()
    with start(folder, "--epochs", "1000") as process:
        while not (folder / "checkpoint_mine.npz").exists():
            time.sleep(0.01)
        (worker,) = (
            other
            for other in psutil.Process(process.pid).children(recursive=True)
            if "spawn_main" in " ".join(other.cmdline())
        )
        worker.kill()
    assert process.returncode == 2
    assert (folder / "mine.npz").read_bytes() == before
    assert load_checkpoint(folder / "checkpoint_mine.npz", parse(MODEL)).results
    assert (
        Model.load(folder / "unfinished_mine.npz").metadata["stopped"].startswith("All worker processes have to stay")
    )


@pytest.fixture
def full_disk(folder: Path) -> Iterator[Path]:
    """A disk of 64 kB with weights that a training is about to replace, and room for nothing else."""
    disk = folder / "disk"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(disk)], check=False)  # noqa: S607
    if mounted.returncode:
        pytest.skip("no disk can be mounted here")
    try:
        shutil.copy(folder / "mine.npz", disk)
        (disk / "filling").write_bytes(bytes(shutil.disk_usage(disk).free))
        yield disk
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=True)  # noqa: S607


@pytest.mark.skipif(sys.platform != "linux" or os.geteuid() != 0, reason="only root can mount a disk, on Linux")
def test_a_full_disk_costs_neither_the_old_weights_nor_the_new(folder: Path, full_disk: Path) -> None:
    before = (full_disk / "mine.npz").read_bytes()
    done = start(folder, "--seed", "3", "--output", str(full_disk / "mine.npz"), stderr=subprocess.PIPE)
    _, said = done.communicate()
    assert done.returncode == 1
    assert f"{full_disk / 'mine.npz'}: the weights could not be written (No space left on device)" in said.decode()
    assert {path.name for path in full_disk.iterdir()} == {"mine.npz", "filling"}
    assert (full_disk / "mine.npz").read_bytes() == before
    assert fallback_in(said).metadata["seed"] == 3


def test_a_folder_that_vanishes_does_not_take_the_training_with_it(folder: Path) -> None:
    gone = folder / "gone"
    gone.mkdir()
    with start(folder, "--output", str(gone / "mine.npz"), stderr=subprocess.PIPE) as process:
        while not (gone / "checkpoint_mine.npz").exists():
            time.sleep(0.01)
        gone.rename(folder / "elsewhere")
        _, said = process.communicate()
    assert process.returncode == 1
    assert f"{gone / 'mine.npz'}: the weights could not be written (No such file or directory)" in said.decode()
    assert fallback_in(said).metadata["epochs"] == 20


def fallback_in(said: bytes) -> Model:
    """The weights of the place that a training named last, which is then cleared."""
    path = Path(re.findall(r"^Weights: (.*)$", said.decode(), re.MULTILINE)[-1])
    model = Model.load(path)
    shutil.rmtree(path.parent)
    return model


def test_two_trainings_of_one_model_at_once_end_with_whole_files(folder: Path) -> None:
    both = [start(folder, "--seed", seed) for seed in ("1", "2")]
    assert [process.wait() for process in both] == [0, 0]
    assert Model.load(folder / "mine.npz").metadata["seed"] in (1, 2)
    assert not (folder / "checkpoint_mine.npz").exists()
