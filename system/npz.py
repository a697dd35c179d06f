""".npz files: written whole or not at all, and read though nobody vouches for them.

Nothing is unpickled, nothing large is taken on trust.
"""

import json
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from system.errors import UserError
from system.files import replace_file


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
        except Exception as error:  # of a damaged archive, zipfile and NumPy can raise nearly anything
            raise NpzError(f"{path}: an .npz file is a zip archive of arrays, but this is not ({error}).") from error

    def __enter__(self) -> "NpzReader":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._archive.close()

    @property
    def names(self) -> list[str]:
        """The names of all arrays, in the order of the file."""
        return [name.removesuffix(".npy") for name in self._archive.NameToInfo if name.endswith(".npy")]

    def __contains__(self, name: str) -> bool:
        return f"{name}.npy" in self._archive.NameToInfo

    def header(self, name: str) -> tuple[tuple[int, ...], np.dtype[Any]]:
        """Return the shape and dtype of an array, from its first bytes."""
        with self._open(name) as stream:
            npy.read_magic(stream)
            shape, _, dtype = npy.read_array_header_1_0(stream)
        return shape, dtype

    def read(self, name: str) -> NDArray[Any]:
        """Return an array. Its size is what the header says: look at that first."""
        with self._open(name) as stream:
            return np.asarray(npy.read_array(stream, allow_pickle=False))

    def read_object(self, name: str, longest: int) -> dict[str, Any]:
        """Return the JSON object that `write_npz` stored as a text, of at most `longest` characters."""
        shape, dtype = self.header(name)
        if shape != () or dtype.kind != "U" or dtype.itemsize > 4 * longest:
            raise NpzError(
                f"{self.path}: the {name} is one JSON text of at most {longest:,} characters, but this is an array "
                f"{shape} of {dtype}."
            )
        try:
            # NumPy would make a string of numbers that are no letters, at which Python fails.
            text = self.read(name).astype(dtype.newbyteorder("<")).tobytes().decode("utf-32-le")
            found = json.loads(text.rstrip("\0"))
        except (ValueError, RecursionError) as error:
            raise NpzError(f"{self.path}: the {name} is a JSON text, but this cannot be read as one.") from error
        if not isinstance(found, dict):
            raise NpzError(f"{self.path}: the {name} is a JSON object, but this is {type(found).__name__}.")
        return found

    @contextmanager
    def _open(self, name: str) -> Iterator[Any]:
        if name not in self:
            raise NpzError(f"{self.path}: the array {name!r} is missing. Give a file that has it.")
        try:
            stream: Any
            with self._archive.open(f"{name}.npy") as stream:
                _require_short_header(stream.peek(npy.MAGIC_LEN)[: npy.MAGIC_LEN])
                yield stream
        except Exception as error:
            reason = (str(error) or type(error).__name__).splitlines()[0]
            raise NpzError(f"{self.path}: the array {name!r} cannot be read ({reason}).") from error


def _require_short_header(beginning: bytes) -> None:
    """Check that an array is stored in version 1.0 of the format, whose header has at most 64 kB.

    Later versions are for arrays of records, which no file here holds.

    Raises:
        ValueError: otherwise.
    """
    version = npy.read_magic(BytesIO(beginning))
    if version != (1, 0):
        raise ValueError(f"version {version[0]}.{version[1]} of the format is for records")


def write_npz(path: Path, arrays: Mapping[str, NDArray[Any]], **texts: Mapping[str, Any]) -> None:
    """Write arrays, and JSON objects as texts.

    Whatever happens, the old file or the new one is there whole.

    Raises:
        OSError: where the file cannot be written; the old one is then as it was.
    """
    stored: dict[str, Any] = {name: np.array(json.dumps(text, allow_nan=False)) for name, text in texts.items()}
    stored.update(arrays)
    replace_file(path, lambda file: np.savez(file, **stored))
