"""A cluster on this machine: a scheduler and workers, each a process of its own, on loopback."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from routines.cluster import connect
from routines.places import ROOT


@contextmanager
def cluster(folder: Path, workers: int) -> Iterator[tuple[str, list["subprocess.Popen[bytes]"]]]:
    """Start them, and wait for all; yields the scheduler's file, and the workers."""
    file = folder / "scheduler.json"
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "ignore"}
    more = ["--no-dashboard", "--scheduler-file", str(file)]

    def start(*words: str) -> "subprocess.Popen[bytes]":
        command = [sys.executable, "-m", "dask", *words, *more]
        return subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.DEVNULL)

    processes = [start("scheduler", "--host", "127.0.0.1", "--port", "0")]
    try:
        deadline = time.monotonic() + 60
        while not file.exists():
            assert time.monotonic() < deadline, "no scheduler started"
            time.sleep(0.1)
        local = ("--local-directory", str(folder), "--nthreads", "1", "--no-nanny")
        processes += [start("worker", *local) for _ in range(workers)]
        if workers:
            client = connect(str(file))
            client.wait_for_workers(workers, timeout=60)
            client.close()
        yield str(file), processes[1:]
    finally:
        for process in processes:
            process.kill()
            process.wait()
