"""Pictures to learn from: found with their labels, and the digits on them."""

import csv
import io
import re
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import numpy as np
from numpy.typing import NDArray

from cnn.model import Model
from preprocessing.digits import find_digits
from preprocessing.formats import FORMATS
from preprocessing.judge import Judge
from preprocessing.page_reading import read_page
from preprocessing.picture import MAX_PIXELS, PictureError, Pixels, image_pixels, read_picture
from system.errors import UserError, quote

MAX_PICTURES = 1000  # at 10 to 50 ms each
MAX_BYTES = 500_000_000  # of all pictures of a .zip, unpacked
LABELS = "labels.csv"
_LABEL = re.compile(r"([0-9]{1,20})_")  # how the name of a file begins that says its number
_DIGITS = re.compile("[0-9]{1,20}")


class LabelError(UserError):
    """Pictures or labels that nothing can be learned from."""


@dataclass(frozen=True)
class Labelled:
    """A picture, the name to call it by, and its digits in reading order; empty where nothing says them.

    source: its file, or the bytes of one that lies in a .zip.
    """

    name: str
    source: Path | bytes
    label: str = ""


@dataclass(frozen=True)
class Digits:
    """The digits of a picture: images (n, 28, 28) uint8 in MNIST's form, and what the model read, (n,)."""

    images: NDArray[np.uint8]
    read: NDArray[np.int64]

    @property
    def number(self) -> str:
        """What was read."""
        return "".join(map(str, self.read))


def find_labelled(paths: Sequence[Path]) -> list[Labelled]:
    """Return pictures with their labels: of files, of folders and their folders named 0 to 9, and of .zip files.

    A label is in the folder's labels.csv (path, label), else it is the name of the folder, 0 to 9, else the digits with
    which the file's name begins, before `_`.

    Raises:
        LabelError: where there are none, or too many, or a table or .zip cannot be read.
    """
    found: list[Labelled] = []
    for path in paths:
        if path.is_dir():
            found += _of_folder(path)
        elif path.name == LABELS:
            found += _of_table(path)
        elif path.suffix.lower() == ".zip":
            found += _of_zip(path)
        else:
            found.append(Labelled(str(path), path, _label_of(path.absolute().parts)))
        if len(found) > MAX_PICTURES:
            raise LabelError(
                f"{path}: at most {MAX_PICTURES:,} pictures are learned from, but here are more. Give fewer."
            )
    if not found:
        raise LabelError(f"{', '.join(map(str, paths))}: there are no pictures to learn from. Put some there.")
    return found


def read_digits(model: Model, picture: Labelled) -> Digits:
    """Find the digits of a picture, and read them.

    Where its label is one digit, and something else is read, or nothing at all, what is found as it lies is that digit:
    a model that does not know a hand may take a digit for two, for another that lies on its side, or for none.

    Raises:
        PictureError: where it cannot be read.
    """
    source = picture.source
    pixels = read_picture(source).pixels if isinstance(source, Path) else _decode(picture.name, source)
    page = [one.digit.image for one in read_page(pixels, Judge(model)).digits]
    digits = _read(model, page)
    if (len(picture.label) == 1 and digits.number != picture.label) or not page:
        found = find_digits(pixels).digits
        if len(found) == 1:
            return _read(model, [found[0].image])
    return digits


def _read(model: Model, images: Sequence[NDArray[np.uint8]]) -> Digits:
    stacked = np.array(images, np.uint8).reshape(-1, 28, 28)
    return Digits(stacked, model.logits(stacked).argmax(axis=1) if len(stacked) else np.zeros(0, np.int64))


def problem_of(picture: Labelled, digits: Digits) -> str:
    """Return why a picture cannot have its label; empty where it can."""
    if not picture.label:
        return f"{picture.name}: nothing says its digits. Name it such as 7_1.png, or write {LABELS}. It is left out."
    if not _DIGITS.fullmatch(picture.label):
        return f"{picture.name}: a label is digits, such as 7, but {quote(picture.label)} is not. It is left out."
    if not len(digits.images):
        return f"{picture.name}: a picture to learn from shows digits, but no ink was found. It is left out."
    if len(digits.images) != len(picture.label):
        return (
            f"{picture.name}: a label has a digit for each on the picture, but {quote(picture.label)} has "
            f"{len(picture.label)}, and {len(digits.images)} were found. It is left out."
        )
    return ""


def check_label(text: str) -> str:
    """Return a label: digits alone.

    Raises:
        LabelError: for another text.
    """
    text = text.strip()
    if _DIGITS.fullmatch(text):
        return text
    raise LabelError(f"A label is the digits of a picture, such as 7 or 1234: {quote(text)} was given. Type digits.")


def _label_of(parts: Sequence[str]) -> str:
    """Return the label that the parts of a path give, or none."""
    if len(parts) > 1 and re.fullmatch("[0-9]", parts[-2]):
        return parts[-2]
    match = _LABEL.match(parts[-1])
    return match[1] if match else ""


def _of_folder(folder: Path) -> Iterator[Labelled]:
    if (folder / LABELS).is_file():
        yield from _of_table(folder / LABELS)
        return
    try:
        folders = [folder, *(folder / str(digit) for digit in range(10) if (folder / str(digit)).is_dir())]
        files = [path for each in folders for path in sorted(each.iterdir())]
    except OSError as error:
        raise LabelError(f"{folder}: the folder cannot be listed ({error.strerror}). Check it.") from error
    for path in files:
        if not path.name.startswith(".") and not path.is_dir():
            yield Labelled(str(path), path, _label_of(path.absolute().parts))


def _of_table(path: Path) -> Iterator[Labelled]:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise LabelError(f"{path}: the table cannot be read ({error.strerror}). Check it.") from error
    for name, label in _rows(str(path), content):
        yield Labelled(str(path.parent / name), path.parent / name, label)


def _rows(name: str, content: bytes) -> Iterator[tuple[str, str]]:
    """Yield path and label of each row of a table."""
    try:
        table = csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""))
        if not {"path", "label"} <= set(table.fieldnames or ()):
            raise LabelError(f"{name}: the first line names the columns path and label, but here not. Add it.")
        for row in table:
            yield row["path"] or "", (row["label"] or "").strip()
    except (UnicodeDecodeError, csv.Error) as error:
        raise LabelError(f"{name}: a table of labels is CSV in UTF-8, but this is not. Save it as that.") from error


def _of_zip(path: Path) -> list[Labelled]:
    """Return the pictures of a .zip, in memory: a name in it is never a path of this machine."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = [each for each in archive.infolist() if not each.is_dir() and _is_shown(each.filename)]
            size = sum(each.file_size for each in members)
            if len(members) > MAX_PICTURES + 1 or size > MAX_BYTES:
                raise LabelError(
                    f"{path}: a .zip of pictures has at most {MAX_PICTURES:,}, of {MAX_BYTES:,} bytes in all, but this "
                    f"has {len(members):,}, of {size:,}. Give fewer."
                )
            contents = {PurePosixPath(each.filename): archive.read(each) for each in members}
    except OSError as error:
        raise LabelError(f"{path}: the file cannot be read ({error.strerror or error}). Check it.") from error
    except (zipfile.BadZipFile, zlib.error, RuntimeError, EOFError) as error:  # RuntimeError where it has a password
        raise LabelError(f"{path}: the .zip is damaged, or is none that can be read. Save it again.") from error
    labels: dict[PurePosixPath, str] = {}
    for table in [each for each in contents if each.name == LABELS]:
        labels |= {table.parent / name: label for name, label in _rows(f"{path}/{table}", contents.pop(table))}
    return [
        Labelled(f"{path}/{name}", content, labels.get(name) or _label_of(name.parts))
        for name, content in sorted(contents.items())
    ]


def _is_shown(name: str) -> bool:
    return not any(part.startswith((".", "__MACOSX")) and part != ".." for part in PurePosixPath(name).parts)


def _decode(name: str, content: bytes) -> Pixels:
    """Return the pixels of a picture that lies in memory."""
    from PIL import Image

    try:
        with Image.open(io.BytesIO(content), formats=FORMATS) as image:
            if image.width * image.height <= MAX_PIXELS:
                return image_pixels(image)
    except Exception as error:  # of a damaged file, decoders raise nearly anything
        raise PictureError(f"{name}: this is no picture that can be read. It is left out.") from error
    raise PictureError(f"{name}: a picture has at most {MAX_PIXELS:,} pixels. Make it smaller.")
