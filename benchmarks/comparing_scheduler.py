"""What one scheduler sustains: trainings that sleep, five for each of more and more workers.

python -m benchmarks.comparing_scheduler [--workers 10 100 1000] [--seconds 10] [--processes 4]

Scheduler, workers and the comparison itself are processes on 127.0.0.1. Workers are as the command `dask worker` makes
them, with one thread each, but many in a process. Trainings say how far they are every two seconds, as real ones do;
what is measured is all that is not training: the scheduler, the comparison's own schedule, its ledger and its table.
"""

import argparse
import asyncio
import json
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import Future
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

import psutil
from rich.console import Console

from benchmarks.comparing import MODELS, RATES
from cnn.recipe import Recipe
from preprocessing.datasets import Dataset
from preprocessing.mnist import load_mnist
from routines.comparison.cluster import TOLD_EVERY, Cluster
from routines.comparison.events import TrialDone
from routines.comparison.ledger import Ledger
from routines.comparison.schedule import Board, run_trials
from routines.comparison.training import Job
from routines.comparison.trials import Outcome, trials_of
from routines.places import ROOT
from tests.routines.cluster import cluster

SLEEPS = 5  # of each worker


def _sleep(job: Job, name: str, seconds: float) -> Outcome:
    from distributed import get_worker

    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        get_worker().log_event(name, (job.trial.key, 1 - left / seconds, ""))
        time.sleep(min(left, TOLD_EVERY))
    return Outcome(job.trial, (1.0,), (0.5,), 6000, seconds)


class Sleeping(Cluster):
    """A cluster whose trainings sleep for some seconds."""

    def __init__(self, address: str, data: Dataset, seconds: float) -> None:
        super().__init__(address, data)
        self.seconds = seconds

    def __enter__(self) -> "Sleeping":
        return self

    def _send(self, data: Dataset) -> Any:
        """Send nothing: a thousand workers in four processes do not take it as a thousand machines do."""

    def submit(self, job: Job) -> "Future[Outcome | None]":
        """Have a training slept through."""
        future: Future[Outcome | None] = self._executor.submit(_sleep, job, self._name, self.seconds)
        return future


async def _work(address: str, count: int) -> None:
    """Be so many workers, of one thread each, for an hour at most.

    They do not watch themselves: a hundred times a second each would be all that two cores have time for.
    """
    import dask
    from distributed import Worker

    dask.config.set({"distributed.worker.profile.enabled": False, "distributed.admin.system-monitor.interval": "10s"})
    found = [Worker(address, nthreads=1, dashboard=False, memory_limit=0) for _ in range(count)]
    for first in range(0, count, 25):
        await asyncio.gather(*found[first : first + 25])
    await asyncio.sleep(3600)


def _memory(file: str) -> float:
    """Return the MB of the scheduler that has this file."""
    for process in psutil.process_iter(["cmdline"]):
        words = process.info["cmdline"] or ()
        if file in words and "scheduler" in words:
            return float(process.memory_info().rss) / 1e6
    return 0.0


def measure(count: int, seconds: float, processes: int) -> str:
    """Return a line of the table, of so many workers."""
    mnist = load_mnist()
    data = replace(mnist, x_train=mnist.x_train[:10], y_train=mnist.y_train[:10])  # nothing is learned from them
    with tempfile.TemporaryDirectory() as folder, cluster(Path(folder), 0) as (file, _):
        address = json.loads(Path(file).read_text(encoding="utf-8"))["address"]
        shares = [count // processes + (place < count % processes) for place in range(processes)]
        words = [sys.executable, "-m", "benchmarks.comparing_scheduler", "--be", address, "--workers"]
        started = [subprocess.Popen([*words, str(share)], cwd=ROOT, stderr=subprocess.DEVNULL) for share in shares]
        try:
            _await(file, count)
            trials = trials_of(MODELS, map(float, RATES), -(-SLEEPS * count // 24), Recipe(validation=0.1), 0)
            with Sleeping(file, data, seconds) as team:
                start = time.perf_counter()
                board = Board(Ledger(Path(folder)), Path(folder), 0)
                events = run_trials(trials[: SLEEPS * count], board, team, threading.Event(), None)
                done = sum(isinstance(event, TrialDone) for event in events)
                took, memory = time.perf_counter() - start, _memory(file)
        finally:
            for process in started:
                process.kill()
                process.wait()
    least = SLEEPS * seconds
    return (
        f"| {count:,} | {done:,} | {least:.0f} | {took:.1f} | {least / took:.0%} | {done / took:.1f} | {memory:.0f} |"
    )


def _await(file: str, count: int) -> None:
    distributed: Any = import_module("distributed")
    with distributed.Client(scheduler_file=file, timeout=60) as client:
        client.wait_for_workers(count, timeout=240)


def main() -> None:
    """Print the table; or be workers."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--workers", type=int, nargs="+", default=[10, 100, 1000])
    parser.add_argument("--seconds", type=float, default=10, help="of a training")
    parser.add_argument("--processes", type=int, default=4, help="that the workers share")
    parser.add_argument("--be", metavar="ADDRESS", help="be workers of this scheduler")
    chosen = parser.parse_args()
    if chosen.be:
        asyncio.run(_work(chosen.be, chosen.workers[0]))
        return
    console = Console()
    console.print(
        "| workers | trainings | shortest possible, s | took, s | busy | trainings a second | scheduler's MB |"
    )
    console.print("|---|---|---|---|---|---|---|")
    for count in chosen.workers:
        console.print(measure(count, chosen.seconds, chosen.processes), soft_wrap=True, highlight=False)


if __name__ == "__main__":
    main()
