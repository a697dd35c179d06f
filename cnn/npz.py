"""Arrays out of .npz files that nobody vouches for: nothing is unpickled, nothing large is taken on trust."""

import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from cnn.errors import UserError

# What zipfile and numpy raise for archives and arrays that are damaged, encrypted, or of a kind they do not know.
_DAMAGE = (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, SyntaxError, RuntimeError, MemoryError)


class NpzError(UserError):
    """A file that cannot be used; the message names it, what was expected, and what was found."""


class NpzReader:
    """The arrays of one file, each of which can be looked at before it is read; a context manager.

    Raises:
        NpzError: from every method, for a file that is missing, unreadable, or no .npz.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        # A pipe would wait for its writer, and /dev/zero never end.
        if path.exists() and not path.is_file():
            raise NpzError(f"{path}: an .npz file is a file, but this is a folder or a device. Check the name.")
        try:
            self._archive = zipfile.ZipFile(path)
        except FileNotFoundError as error:
            raise NpzError(f"{path}: there is no such file. Check the name.") from error
        except OSError as error:
            raise NpzError(f"{path}: the file cannot be opened ({error.strerror or error}).") from error
        except _DAMAGE as error:
            raise NpzError(f"{path}: an .npz file is a zip archive of arrays, but this is not ({error}).") from error

    def __enter__(self) -> "NpzReader":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._archive.close()

    def __contains__(self, name: str) -> bool:
        return f"{name}.npy" in self._archive.NameToInfo

    def header(self, name: str) -> tuple[tuple[int, ...], np.dtype[Any]]:
        """Shape and dtype of an array, from its first bytes."""
        with self._open(name) as stream:
            version = npy.read_magic(stream)
            read = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
            shape, _, dtype = read(stream)
        return shape, dtype

    def read(self, name: str) -> NDArray[Any]:
        """The whole array. Its size is what the header says: look at that first."""
        with self._open(name) as stream:
            return np.asarray(npy.read_array(stream, allow_pickle=False))

    @contextmanager
    def _open(self, name: str) -> Iterator[Any]:
        if name not in self:
            raise NpzError(f"{self.path}: the array {name!r} is missing. Give a file that has it.")
        try:
            with self._archive.open(f"{name}.npy") as stream:
                yield stream
        except _DAMAGE as error:
            reason = (str(error) or type(error).__name__).splitlines()[0]
            raise NpzError(f"{self.path}: the array {name!r} cannot be read ({reason}).") from error
