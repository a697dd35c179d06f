"""Files that are written whole or not at all."""

import glob
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from secrets import token_hex
from typing import IO

import psutil


def replace_file(path: Path, write: Callable[[IO[bytes]], object]) -> None:
    """Write a file beside `path`, which then takes its place: whatever happens, the old or the new one is there whole.

    Raises:
        OSError: where it cannot be written; what was there is then as it was.
    """
    # The number says whose it is, the rest keeps apart what has the same number on another machine.
    temporary = path.with_name(f".{path.name}.{os.getpid()}.{token_hex(4)}.tmp")
    try:
        with temporary.open("wb") as file:
            write(file)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
        with suppress(OSError, OverflowError):
            _remove_left_over(path)
    finally:
        temporary.unlink(missing_ok=True)


def _remove_left_over(path: Path) -> None:
    """Remove what processes left that were killed while they wrote this file."""
    for temporary in path.parent.glob(f".{glob.escape(path.name)}.*.tmp"):
        number = temporary.name.split(".")[-3]
        if number.isdecimal() and not psutil.pid_exists(int(number)):
            temporary.unlink(missing_ok=True)
