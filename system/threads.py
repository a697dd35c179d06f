"""BLAS at one thread: the products of these networks are too small to share among threads."""

from contextlib import AbstractContextManager
from functools import cache
from typing import Any

from threadpoolctl import ThreadpoolController


def single_threaded_blas() -> AbstractContextManager[Any]:
    """A context in which BLAS runs one thread; it has its former number back afterwards."""
    limits: AbstractContextManager[Any] = _controller().limit(limits=1, user_api="blas")
    return limits


@cache
def _controller() -> ThreadpoolController:
    return ThreadpoolController()  # looks through all loaded libraries, which takes milliseconds
