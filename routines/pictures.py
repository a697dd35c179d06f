"""Pictures to read, and what is written of them: what the network saw, and contact sheets."""

import os
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import astuple
from pathlib import Path

import numpy as np

from preprocessing.files import to_colours
from preprocessing.picture import PictureError, read_picture
from preprocessing.prediction import Prediction
from routines.own_pictures import is_own, write_own
from system.errors import UserError
from system.text import literal, percent

STEM_BYTES = 240  # of a name: with a number and a suffix it has at most 255, as file systems want
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


def check_output(folder: Path, pictures: Sequence[Path]) -> None:
    """Check that what is written of pictures can go into a folder, if it is there.

    Raises:
        FolderError: where it is no folder, or one of the pictures lies in it: what is written would be read next time.
    """
    if folder.exists() and not folder.is_dir():
        raise FolderError(
            f"{folder}: what is written of pictures goes into a folder, but this is a file. Give another."
        )
    whole = folder.resolve()
    if any(whole in (path.parent.resolve(), path.resolve().parent) for path in pictures):
        raise FolderError(
            f"{folder}: what is written of pictures goes where none of them are, but this holds some to read. Give "
            "another folder."
        )


class OutputFolder:
    """A folder that receives what the network saw of each picture, under the same stem.

    What this program wrote there before is removed; any other file stays, and what would have its name gets a number.

    others: how many files stay.

    Raises:
        FolderError: where that cannot be done.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._numbers: Counter[str] = Counter()
        try:
            path.mkdir(parents=True, exist_ok=True)
            folders = [each for each in (path, path / BOXES) if each.is_dir() and not each.is_symlink()]
            files = [each for folder in folders for each in folder.iterdir() if not each.is_dir()]
            own = [each for each in files if is_own(each)]
            for each in own:
                each.unlink()
            self.others = len(files) - len(own)
        except OSError as error:
            raise FolderError(f"{path}: nothing can be written there ({error.strerror}).") from error

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
        while len(os.fsencode(stem)) > STEM_BYTES:
            stem = stem[:-1]
        while True:
            self._numbers[stem + suffix] += 1
            number = self._numbers[stem + suffix]
            path = self.path / (f"{stem} ({number}){suffix}" if number > 1 else f"{stem}{suffix}")
            try:
                if path.parent != self.path:
                    path.parent.mkdir(exist_ok=True)
                write_own(path, content)
            except FileExistsError:
                continue
            except OSError as error:
                raise FolderError(f"{path}: cannot be written ({error.strerror}).") from error
            return path


class ContactSheets:
    """Pages of pictures, each written when it is full, so that few pictures are held at a time."""

    def __init__(self, folder: OutputFolder, title: str) -> None:
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
                    doubtful=each.doubtful,
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
