"""Trainings on one machine: so many at a time, each in a process of its own."""

import os
import threading
from concurrent.futures import BrokenExecutor, Future, ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import parent_process
from queue import Empty
from time import monotonic
from typing import Any

from preprocessing.datasets import Dataset
from routines.comparison.training import Job, run_trial
from routines.comparison.trials import Outcome
from routines.events import Noted, Stop
from system.processes import SPAWN, available_cores, without_ctrl_c

TOLD_EVERY = 0.2  # seconds


class Processes:
    """As many processes as there are cores, to which the data are sent once; a context manager.

    Two trainings of one process each, at once, take less time than one after the other with two processes
    (`benchmarks/comparing.py`): no step waits for another process.

    data: what all learn from. size: how many trainings run at once.
    """

    def __init__(self, data: Dataset, size: int | None = None) -> None:
        self._size = size or available_cores()
        self.notes: tuple[Noted, ...] = ()
        self.lost: tuple[type[BaseException], ...] = (BrokenExecutor,)  # what a future raises whose process is gone
        self._stop = _Flag(SPAWN.RawValue("b", 0))
        self._data = data
        self._executor = self._start()

    def __enter__(self) -> "Processes":
        return self

    def __exit__(self, *error: object) -> None:
        self.stop()
        self._executor.shutdown(wait=True, cancel_futures=True)

    @property
    def size(self) -> int:
        """How many trainings run at once."""
        return self._size

    def submit(self, job: Job) -> "Future[Outcome | None]":
        """Have a training done."""
        with without_ctrl_c():
            try:
                return self._executor.submit(_run, job)
            except BrokenExecutor:
                self._executor.shutdown(wait=False, cancel_futures=True)
                self._executor = self._start()
                return self._executor.submit(_run, job)

    def told(self) -> dict[str, tuple[float, str]]:
        """Return what the trainings said since the last time, the last of each by its key."""
        found: dict[str, tuple[float, str]] = {}
        while True:
            try:
                key, share, note = self._told.get_nowait()
            except (Empty, OSError):
                return found
            found[key] = share, note

    def stop(self) -> None:
        """Have all trainings end after their step."""
        self._stop.value.value = 1

    def _start(self) -> ProcessPoolExecutor:
        self._told: Any = SPAWN.Queue()  # a new one, as a process that was killed may have held the lock of the last
        return ProcessPoolExecutor(self._size, SPAWN, _begin, (self._data, self._told, self._stop))


@dataclass(frozen=True)
class _Flag:
    """A number that processes share, without a lock, which one that is killed would keep."""

    value: Any

    def is_set(self) -> bool:
        return bool(self.value.value)


_state: dict[str, Any] = {}  # of this process: the data, a queue to tell by, and the flag


def _begin(data: Dataset, told: Any, stop: Stop) -> None:
    _state.update(data=data, told=told, stop=stop)
    told.cancel_join_thread()  # what it still has to tell does not keep a process
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """End this process where the one that started it was killed: nobody would hear what it trains."""
    parent = parent_process()
    if parent:
        parent.join()
        os._exit(1)


def _run(job: Job) -> Outcome | None:
    last = 0.0

    def tell(share: float, note: str) -> None:
        nonlocal last
        if monotonic() - last > TOLD_EVERY:
            last = monotonic()
            _state["told"].put((job.trial.key, share, note))

    return run_trial(job, _state["data"], tell, _state["stop"])
