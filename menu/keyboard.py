"""The keyboard during long work: keys are neither shown nor taken for answers afterwards; Ctrl-C is heard."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from time import monotonic

LONG = 1.0  # seconds of work, during which nobody types ahead of a question
_began: float | None = None  # when the work since the last question did


def forget_keys() -> None:
    """Forget what was typed during long work before a question; what was typed ahead of the question stays."""
    global _began
    if _began is not None and monotonic() - _began > LONG:
        _forget()
    _began = None


@contextmanager
def keys_unheard() -> Iterator[None]:
    """Show no keys meanwhile, and let `forget_keys` forget them."""
    _begin()
    try:
        yield
    finally:
        _show_keys(True)


@contextmanager
def keys_heard() -> Iterator[None]:
    """Show keys again meanwhile, for a question in the middle of work."""
    _show_keys(True)
    try:
        yield
    finally:
        _begin()


def _begin() -> None:
    global _began
    if _began is None:
        _began = monotonic()
    _show_keys(False)


if sys.platform == "win32":
    import msvcrt

    def _forget() -> None:
        while sys.stdin.isatty() and msvcrt.kbhit():
            msvcrt.getwch()

    def _show_keys(shown: bool) -> None:
        pass  # there, keys are shown when they are read

else:
    import os
    import termios

    def _forget() -> None:
        if _is_ours():
            termios.tcflush(sys.stdin.fileno(), termios.TCIFLUSH)

    def _show_keys(shown: bool) -> None:
        if _is_ours():
            settings = termios.tcgetattr(sys.stdin.fileno())
            settings[3] = settings[3] | termios.ECHO if shown else settings[3] & ~termios.ECHO
            termios.tcsetattr(sys.stdin.fileno(), termios.TCSANOW, settings)

    def _is_ours() -> bool:
        """Return whether keys go to this program: one in the background would be stopped for such a change."""
        with suppress(OSError):
            return sys.stdin.isatty() and os.tcgetpgrp(sys.stdin.fileno()) == os.getpgrp()
        return False
