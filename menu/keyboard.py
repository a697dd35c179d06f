"""The keyboard during long work: keys are neither shown nor taken for answers afterwards; Ctrl-C is heard."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress

_worked = False  # since the last question


def forget_keys() -> None:
    """Forget what was typed during work that is over; what was typed ahead of a question stays."""
    global _worked
    if _worked:
        _forget()
    _worked = False


@contextmanager
def keys_unheard() -> Iterator[None]:
    """Show no keys meanwhile, and let `forget_keys` forget them."""
    global _worked
    _worked = True
    _show_keys(False)
    try:
        yield
    finally:
        _show_keys(True)


@contextmanager
def keys_heard() -> Iterator[None]:
    """Show keys again meanwhile, for a question in the middle of work."""
    global _worked
    _show_keys(True)
    try:
        yield
    finally:
        _worked = True
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
