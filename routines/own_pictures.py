"""Pictures that say of themselves that this program made them, so that no other file is ever taken for one of them."""

import os
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from struct import pack
from unicodedata import normalize
from zlib import crc32

_KEYWORD = b"Source\0numpy-digits "  # of a PNG's text chunk, and of a JPEG's comment
_TEXT = len(_KEYWORD) + 64  # bytes, with the hash
_END, _CHUNK = 12, 12 + _TEXT  # bytes of the chunk that every PNG ends with, and of the one before it
_START, _COMMENT = 2, 4 + _TEXT  # bytes that every JPEG begins with, and of the comment behind them
_JPEG = b"\xff\xd8"


def write_own(path: Path, content: bytes) -> None:
    """Write a PNG or JPEG file that is not there yet, with a mark: a hash of its name and of all its bytes.

    Raises:
        FileExistsError: where anything has that name; OSError: where it cannot be written.
    """
    with path.open("xb") as file:
        file.write(_marked(content, path.name))


def is_own(path: Path) -> bool:
    """Tell whether a file was written by `write_own`, and has neither been changed nor given another name since."""
    with suppress(OSError), path.open("rb") as file:
        if path.is_symlink() or file.seek(0, os.SEEK_END) < _CHUNK + _END:
            return False
        file.seek(0)
        is_jpeg = file.read(_START) == _JPEG
        if not is_jpeg:
            file.seek(-_CHUNK - _END, os.SEEK_END)
        if _KEYWORD not in file.read(_COMMENT if is_jpeg else _CHUNK):
            return False
        file.seek(0)
        whole = file.read()
        first = _START if is_jpeg else len(whole) - _CHUNK - _END
        unmarked = whole[:first] + whole[first + (_COMMENT if is_jpeg else _CHUNK) :]
        return whole == _marked(unmarked, path.name)
    return False


def _marked(content: bytes, name: str) -> bytes:
    """Return a file's content with the mark in it; macOS may hand a name back with its accents apart."""
    spelled = os.fsencode(normalize("NFC", name))
    text = _KEYWORD + sha256(spelled + b"\0" + content).hexdigest().encode()
    if content.startswith(_JPEG):
        return content[:_START] + b"\xff\xfe" + pack(">H", 2 + len(text)) + text + content[_START:]
    chunk = b"tEXt" + text
    return content[:-_END] + pack(">I", len(text)) + chunk + pack(">I", crc32(chunk)) + content[-_END:]
