"""How other processes are started."""

import multiprocessing
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import resource_tracker

# Processes are spawned on every system, so that they start alike everywhere.
SPAWN = multiprocessing.get_context("spawn")


@contextmanager
def without_ctrl_c() -> Iterator[None]:
    """Let Ctrl-C wait; processes started meanwhile do not get it until they unblock it, which none does.

    A terminal sends it to all of them, and one that is still importing would answer with a traceback.
    """
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    resource_tracker.ensure_running()  # the first process that is spawned starts it, which unblocks Ctrl-C
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def available_cores() -> int:
    """Return the number of cores that this process may run on."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
