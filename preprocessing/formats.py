"""Formats of picture files: those that are always read, and others that people give, told by their first bytes."""

import re
from collections.abc import Callable
from dataclasses import dataclass

FORMATS = ("PNG", "JPEG", "BMP", "WEBP", "TIFF", "GIF")  # as Pillow names them
HEAD = 4096  # bytes of a file that tell its format
_HEIC_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"msf1"}
_AVIF_BRANDS = {b"avif", b"avis"}


@dataclass(frozen=True)
class OtherFormat:
    """A format that is read where something more is installed, or not at all.

    name: as a sentence has it, with its article. suffixes: of names that say so. to_do: what helps who wants it read.
    pillow: what Pillow calls it. is_read: makes Pillow read it, and returns whether it does; None where nothing can.
    """

    name: str
    suffixes: tuple[str, ...]
    to_do: str
    pillow: str = ""
    is_read: Callable[[], bool] | None = None


def other_format(head: bytes) -> OtherFormat | None:
    """Return the format of a file that begins with these HEAD bytes; None for one of FORMATS, or of none known here."""
    if brands := _brands(head):
        return AVIF if brands & _AVIF_BRANDS else HEIC if brands & _HEIC_BRANDS else None
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if text.startswith(b"%pdf-"):
        return PDF
    if text.startswith(b"<") and re.search(rb"<(\w+:)?svg\b", text) and b"<html" not in text:
        return SVG
    return None


def _brands(head: bytes) -> set[bytes]:
    """Return what a file of boxes, ISO/IEC 14496-12, says that it is: its major brand, and those that it goes with."""
    if head[4:8] != b"ftyp":
        return set()
    end = min(int.from_bytes(head[:4], "big"), len(head))
    return {head[8:12], *(head[place : place + 4] for place in range(16, end - 3, 4))}


def _reads_heic() -> bool:
    try:
        from pillow_heif import register_heif_opener
    except ImportError:
        return False
    register_heif_opener()
    return True


def _reads_avif() -> bool:
    from PIL import features

    return bool(features.check("avif"))  # since Pillow 11.3, if it was built so


HEIC = OtherFormat(
    "HEIC",
    (".heic", ".heif", ".hif"),
    "Save it as JPEG or PNG, or have HEIC read: pip install pillow-heif.",
    "HEIF",
    _reads_heic,
)
# pillow-heif reads none since Pillow does.
AVIF = OtherFormat(
    "AVIF",
    (".avif",),
    "Save it as JPEG or PNG, or have AVIF read: pip install --upgrade pillow.",
    "AVIF",
    _reads_avif,
)
PDF = OtherFormat("a PDF document", (".pdf",), "Save its page as JPEG or PNG.")
SVG = OtherFormat("an SVG drawing", (".svg",), "Save it as PNG.")
