"""PNG files that say of themselves that this program made them, so that no other file is ever taken for one of them."""

import os
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from struct import pack
from unicodedata import normalize
from zlib import crc32

_KEYWORD = b"Source\0numpy-digits "  # of a PNG's text chunk
_END = 12  # bytes of the chunk that every PNG ends with
_CHUNK = 12 + len(_KEYWORD) + 64  # bytes, with its length, name and checksum


def write_own(path: Path, png: bytes) -> None:
    """Write a PNG file that is not there yet, with a mark: a hash of its name and of all its bytes.

    Raises:
        FileExistsError: where anything has that name; OSError: where it cannot be written.
    """
    with path.open("xb") as file:
        file.write(_marked(png, path.name))


def is_own(path: Path) -> bool:
    """Tell whether a file was written by `write_own`, and has neither been changed nor given another name since."""
    with suppress(OSError), path.open("rb") as file:
        if path.is_symlink() or file.seek(0, os.SEEK_END) < _CHUNK + _END:
            return False
        file.seek(-_CHUNK - _END, os.SEEK_END)
        if _KEYWORD not in file.read(_CHUNK):
            return False
        file.seek(0)
        whole = file.read()
        return whole == _marked(whole[: -_CHUNK - _END] + whole[-_END:], path.name)
    return False


def _marked(png: bytes, name: str) -> bytes:
    """Return a PNG file with the mark before its end; macOS may hand a name back with its accents apart."""
    spelled = os.fsencode(normalize("NFC", name))
    text = b"tEXt" + _KEYWORD + sha256(spelled + b"\0" + png).hexdigest().encode()
    return png[:-_END] + pack(">I", len(text) - 4) + text + pack(">I", crc32(text)) + png[-_END:]
