"""BLAS at one thread: the products of these networks are too small to share among threads."""

from contextlib import AbstractContextManager
from functools import cache
from threading import Lock
from typing import Any

from threadpoolctl import OpenBLASController, ThreadpoolController


def single_threaded_blas() -> AbstractContextManager[Any]:
    """Return a context in which BLAS runs one thread; when the last thread has left it, its former number is back."""
    return _SINGLE_THREADED


class _SingleThreaded:
    """Counts who is within: the number is the process's, so the first to enter sets it, the last to leave resets it."""

    def __init__(self) -> None:
        self._lock, self._within = Lock(), 0
        self._limits: Any = None

    def __enter__(self) -> None:
        with self._lock:
            if not self._within:
                _let_any_thread_set()
                self._limits = _controller().limit(limits=1, user_api="blas")
            self._within += 1

    def __exit__(self, *error: object) -> None:
        with self._lock:
            self._within -= 1
            if not self._within:
                _let_any_thread_set()
                self._limits.restore_original_limits()
                _let_any_thread_set()


_SINGLE_THREADED = _SingleThreaded()


def _let_any_thread_set() -> None:
    """Let whichever thread is next set OpenBLAS's number: threadpoolctl 3.8 heeds the first one, and no other."""
    if hasattr(OpenBLASController, "clear_controlling_thread"):
        OpenBLASController.clear_controlling_thread(force=True)


@cache
def _controller() -> ThreadpoolController:
    return ThreadpoolController()  # looks through all loaded libraries, which takes milliseconds
