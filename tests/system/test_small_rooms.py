"""Errors, processes, steps, text and threads: what fits into a line or two each."""

import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event, main_thread

import numpy  # noqa: F401 - whose BLAS is looked at
import pytest
from hypothesis import given
from hypothesis import strategies as st
from threadpoolctl import threadpool_limits

from system.errors import UserError, quote
from system.processes import available_cores, without_ctrl_c
from system.steps import Steps, finish
from system.text import literal, percent
from system.threads import single_threaded_blas
from tests.blas import blas_threads


def test_a_users_error_is_no_mistake_of_the_program() -> None:
    assert not issubclass(UserError, ValueError)


@given(st.text())
def test_quoted_text_is_one_short_line(text: str) -> None:
    assert quote(text).isprintable() and len(quote(text)) <= 10 * 60 + 5


@given(st.text())
def test_literal_text_is_one_line_and_printable_text_stays(text: str) -> None:
    assert literal(text).isprintable()
    if text.isprintable():
        assert literal(text) == text


def test_control_characters_are_seen() -> None:
    assert literal("a\x1b[31m\n") == r"a\x1b[31m\n"


@pytest.mark.parametrize(
    ("share", "text"), [(1, "100.00%"), (0.99999, "99.99%"), (0.9999, "99.99%"), (0.5, "50.00%"), (0, "0.00%")]
)
def test_only_all_is_a_hundred_percent(share: float, text: str) -> None:
    assert percent(share) == text


def test_steps_are_finished_to_their_result() -> None:
    done: list[float] = []

    def work() -> Steps[str]:
        for each in (1.0, 2.0):
            done.append(each)
            yield each
        return "result"

    assert finish(work()) == "result"
    assert done == [1, 2]


def test_the_cores_that_may_be_used_are_counted() -> None:
    assert 1 <= available_cores() <= (os.cpu_count() or 1)


def test_blas_has_one_thread_within_and_its_own_number_back() -> None:
    before = blas_threads()
    with single_threaded_blas():
        assert set(blas_threads()) <= {1}
    assert blas_threads() == before


def test_blas_has_its_own_number_back_when_the_last_thread_leaves() -> None:
    entered, both, left = Event(), Event(), Event()

    def first() -> None:
        with single_threaded_blas():
            entered.set()
            both.wait(60)
        left.set()

    before = blas_threads()
    with ThreadPoolExecutor(1) as threads:
        threads.submit(first)
        entered.wait(60)
        with single_threaded_blas():
            both.set()
            left.wait(60)
            assert set(blas_threads()) <= {1}
        assert blas_threads() == before
        with threadpool_limits(3, "blas"):  # whoever else sets the number still can
            assert set(blas_threads()) <= {3}
    assert blas_threads() == before


@pytest.mark.skipif(not hasattr(signal, "pthread_sigmask"), reason="Windows has no signal masks")
def test_ctrl_c_waits_and_comes_afterwards() -> None:
    with pytest.raises(KeyboardInterrupt):
        _interrupted_within()


def _interrupted_within() -> None:
    reached = []
    try:
        with without_ctrl_c():
            signal.pthread_kill(main_thread().ident or 0, signal.SIGINT)
            reached.append(True)
    finally:
        assert reached == [True]


def test_the_rooms_below_need_nobody() -> None:
    """A fresh process imports every module of system/ by itself, and has nothing of the rooms above."""
    root = Path(__file__).parents[2]
    modules = ", ".join(f"system.{path.stem}" for path in sorted((root / "system").glob("[a-z]*.py")))
    code = f"import sys, {modules}; print({{name.split('.')[0] for name in sys.modules}} & {{'cnn', 'menu', 'rich'}})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, cwd=root, check=True, timeout=60)
    assert done.stdout.split() == [b"set()"]
