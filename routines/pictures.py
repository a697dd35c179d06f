"""The folder of a user's pictures, and what is written of them: only into its folder `resized`."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import astuple
from pathlib import Path

import numpy as np

from preprocessing.files import to_colours
from preprocessing.picture import PictureError, read_picture
from preprocessing.prediction import Prediction
from routines.places import Places
from system.errors import UserError
from system.text import literal, percent

BOXES = "boxes"  # the folder, in `resized`, of pictures of what was found where


class FolderError(UserError):
    """A folder or picture that cannot be used."""


def find_pictures(paths: Sequence[Path]) -> list[Path]:
    """Return the files given, and those in folders given, in name order, without hidden ones and folders in folders.

    Raises:
        FolderError: where a folder cannot be listed, or nothing is found.
    """
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            try:
                names = sorted(path.iterdir(), key=lambda each: each.name)
            except OSError as error:
                raise FolderError(f"{path}: the folder cannot be listed ({error.strerror}). Check it.") from error
            found += [each for each in names if not each.name.startswith(".") and not each.is_dir()]
        else:
            found.append(path)  # if it is not there, whoever reads it says so
    if not found:
        places = ", ".join(map(str, paths))
        raise FolderError(f"{places}: there are no pictures to read. Put some there, such as a photo of a digit.")
    return [path.absolute() for path in found]


class ResizedFolder:
    """`custom_test_images/resized`, emptied: receives what the network saw of each picture, under the same stem.

    pictures: what is about to be read, which must not be among what is emptied.

    Raises:
        FolderError: where it cannot be emptied and written.
    """

    def __init__(self, places: Places, pictures: Sequence[Path]) -> None:
        self.path = places.resized
        self._names: set[str] = set()
        if self.path.is_symlink():
            raise FolderError(f"{self.path}: a folder is needed, but this is a link. Remove it.")
        if any(self.path in path.parents or self.path.resolve() in path.resolve().parents for path in pictures):
            raise FolderError(f"{self.path}: this folder is emptied for each run, but it holds pictures to read.")
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            boxes = self.path / BOXES
            for folder in (self.path, *([boxes] if boxes.is_dir() and not boxes.is_symlink() else [])):
                for old in folder.iterdir():
                    if not old.is_dir() or old.is_symlink():
                        old.unlink()
        except OSError as error:
            raise FolderError(f"{self.path}: nothing can be written there ({error.strerror}).") from error

    def save(self, prediction: Prediction) -> None:
        """Write what the network saw of a picture, its digits side by side; nothing where there are none.

        Raises:
            FolderError: where it cannot be written.
        """
        import cv2

        if prediction.digits:
            _, encoded = cv2.imencode(".png", seen(prediction))
            self.write(prediction.file.path.stem, encoded.tobytes())
        if len(prediction.digits) > 1 or prediction.left_out:
            with suppress(PictureError):  # the file is gone, or another by now
                self.write(f"{BOXES}/{prediction.file.path.stem}", _boxes(prediction), ".jpg")

    def write(self, stem: str, content: bytes, suffix: str = ".png") -> Path:
        """Write a picture file under a stem, or, where that is taken, one with a number; returns its path.

        Raises:
            FolderError: where it cannot be written.
        """
        name, number = f"{stem}{suffix}", 2
        while name.casefold() in self._names:  # some systems take capitals for small letters
            name, number = f"{stem} ({number}){suffix}", number + 1
        self._names.add(name.casefold())
        try:
            if suffix != ".png":
                (self.path / BOXES).mkdir(exist_ok=True)
            (self.path / name).write_bytes(content)  # cv2.imwrite takes no other letters than ASCII on Windows
        except OSError as error:
            raise FolderError(f"{self.path / name}: cannot be written ({error.strerror}).") from error
        return self.path / name


class ContactSheets:
    """Pages of pictures, each written when it is full, so that few pictures are held at a time."""

    def __init__(self, folder: ResizedFolder, title: str) -> None:
        self._folder, self._title = folder, title
        self._waiting: list[Prediction] = []
        self.paths: list[Path] = []

    def add(self, prediction: Prediction) -> None:
        """Take a prediction in.

        Raises:
            FolderError: where a page cannot be written.
        """
        from figures.contact_sheet import COLUMNS, ROWS

        self._waiting.append(prediction)
        if len(self._waiting) == COLUMNS * ROWS:
            self.finish()

    def finish(self) -> None:
        """Write what waits, if anything does.

        Raises:
            FolderError: where it cannot be written.
        """
        from figures.contact_sheet import Cell, draw_page

        if self._waiting:
            cells = [
                Cell(
                    name=literal(each.file.path.name),
                    caption=_caption(each),
                    doubtful=bool(each.file.error or not each.digits or each.warnings),
                    thumbnail=each.file.thumbnail,
                    image=seen(each) if each.digits else None,
                )
                for each in self._waiting
            ]
            self.paths.append(self._folder.write("contact_sheet", draw_page(cells, self._title)))
            self._waiting = []


def seen(prediction: Prediction) -> np.ndarray:
    """Return what the network saw of a picture, (28, 28 times the digits), its digits side by side."""
    return np.hstack([read.found.image for read in prediction.digits])


def _boxes(prediction: Prediction) -> bytes:
    """Return the picture of a file with what was found where, as a JPEG file."""
    from figures.boxes import Mark, draw_boxes

    picture = read_picture(prediction.file.path)
    marks = [Mark(astuple(read.found.box.scaled(1 / picture.scale)), read.name) for read in prediction.digits]
    marks += [Mark(astuple(box.scaled(1 / picture.scale)), "") for box in prediction.left_out]
    return draw_boxes(to_colours(picture.pixels), marks)


def _caption(prediction: Prediction) -> str:
    if prediction.file.error:
        return "not read"
    if not prediction.digits:
        return "nothing found"
    lines = " | ".join(" ".join(line) for line in prediction.lines) or prediction.number
    return f"{lines}  {percent(prediction.confidence)}"
