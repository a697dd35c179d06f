"""Trainings on a cluster: one in each thread of Dask's workers, to each of which the data are sent once."""

import threading
from concurrent.futures import Future
from contextlib import suppress
from secrets import token_hex
from time import monotonic
from typing import Any

from preprocessing.datasets import Dataset
from routines.cluster import ClusterError, connect, differences, reached
from routines.comparison.training import Job, run_trial
from routines.comparison.trials import Outcome
from routines.events import Noted

TOLD_EVERY = 2.0  # seconds: of 1,000 workers the scheduler hears 500 times a second
COUNTED_EVERY = 5.0  # seconds: workers come and go


class Cluster:
    """Dask's executor, with one training for each thread of its workers; a context manager.

    A training whose worker is gone is given to another by Dask; where the folder is shared, it finds its checkpoint.

    notes: what to say of workers whose versions differ.

    Raises:
        ClusterError: where there is no cluster at the address, or a worker without this program.
    """

    def __init__(self, address: str, data: Dataset) -> None:
        from distributed.scheduler import KilledWorker

        self.lost: tuple[type[BaseException], ...] = (KilledWorker,)
        self._name, self._lock = f"comparison-{token_hex(8)}", threading.Lock()
        self._told: dict[str, tuple[float, str]] = {}
        self._client = connect(address)
        try:
            self.notes: tuple[Noted, ...] = tuple(differences(self._client))
            self._executor = self._client.get_executor(pure=False)
            self._client.subscribe_topic(self._name, self._hear)
            self._data, self._sent = data, self._send(data)
        except BaseException:
            self._client.close()
            raise
        self._size, self._counted = 0, -COUNTED_EVERY

    def __enter__(self) -> "Cluster":
        return self

    def __exit__(self, *error: object) -> None:
        with suppress(ClusterError, OSError, RuntimeError):  # the last is Dask's, where it has given the scheduler up
            self.stop()
            self._executor.shutdown(wait=False)
        self._client.close()

    @property
    def size(self) -> int:
        """How many threads all workers have together."""
        if monotonic() - self._counted > COUNTED_EVERY:
            self._counted = monotonic()
            with reached():
                self._size = sum(self._client.nthreads().values())
        return self._size

    def submit(self, job: Job) -> "Future[Outcome | None]":
        """Have a training done."""
        with reached():
            if self._sent.status != "finished":  # all workers that had the data are gone
                self._sent = self._send(self._data)
            future: Future[Outcome | None] = self._executor.submit(_run, job, self._sent, self._name)
        return future

    def told(self) -> dict[str, tuple[float, str]]:
        """Return what the trainings said since the last time, the last of each by its key."""
        with self._lock:
            found, self._told = self._told, {}
        return found

    def stop(self) -> None:
        """Have all trainings end after their step."""
        with reached():
            self._client.run(_stop, self._name)

    def _send(self, data: Dataset) -> Any:
        return self._client.scatter(data, broadcast=True, hash=False)

    def _hear(self, event: tuple[float, tuple[str, float, str]]) -> None:
        key, share, note = event[1]
        with self._lock:
            self._told[key] = share, note


_flags: dict[str, threading.Event] = {}  # of this process, by the name of a comparison


def _flag(name: str) -> threading.Event:
    return _flags.setdefault(name, threading.Event())


def _stop(name: str) -> None:
    _flag(name).set()


def _run(job: Job, data: Dataset, name: str) -> Outcome | None:
    from distributed import get_worker

    worker, last = get_worker(), 0.0

    def tell(share: float, note: str) -> None:
        nonlocal last
        if monotonic() - last > TOLD_EVERY:
            last = monotonic()
            worker.log_event(name, (job.trial.key, share, note))

    return run_trial(job, data, tell, _flag(name))
