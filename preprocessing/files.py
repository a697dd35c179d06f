"""Picture files, on all cores: each read, and made small for a contact sheet."""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import BrokenExecutor, Future, ProcessPoolExecutor
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from preprocessing.judge import Judge, Reader
from preprocessing.page_reading import read_page
from preprocessing.picture import PictureError, read_picture
from preprocessing.reading import Page
from preprocessing.steps import STEPS, Steps
from system.errors import UserError
from system.processes import SPAWN, without_ctrl_c

FILES_WORTH_A_WORKER = 32  # a process takes 0.5 s to start, and 1 to 50 ms for a picture
FILES_AT_ONCE = 8
THUMBNAIL = 96  # pixels of the longer side


class ReaderError(UserError):
    """A process that reads pictures is gone."""


@dataclass(frozen=True)
class PictureFile:
    """A file, and either what was read on its picture or the reason why there is none.

    thumbnail: (H, W, 3) uint8, red first, at most THUMBNAIL on a side.
    """

    path: Path
    page: Page | None = None
    thumbnail: NDArray[np.uint8] | None = None
    error: str = ""


def read_files(read: Callable[[Path], PictureFile], paths: Sequence[Path], workers: int) -> Iterator[PictureFile]:
    """Read every file in order; in `workers` processes where there are many. Few are held at a time.

    read: what is done with a file, such as `partial(read_file, reader)`; it goes to other processes.

    Raises:
        ReaderError: when another process is gone.
    """
    if workers < 2 or len(paths) < FILES_WORTH_A_WORKER:
        yield from map(read, paths)
        return
    # An executor, not a pool, as a pool waits forever for a process that was killed.
    executor = ProcessPoolExecutor(workers, SPAWN, initializer=_prepare, initargs=(read,))
    try:
        parts = iter([paths[first : first + FILES_AT_ONCE] for first in range(0, len(paths), FILES_AT_ONCE)])
        waiting: deque[Future[list[PictureFile]]] = deque()
        with without_ctrl_c():
            waiting.extend(executor.submit(_read_all, part) for part in islice(parts, 4 * workers))
        while waiting:
            yield from waiting.popleft().result()
            waiting.extend(executor.submit(_read_all, part) for part in islice(parts, 1))
    except BrokenExecutor:
        raise ReaderError(
            "All processes that read pictures have to stay to the end, but one was ended, perhaps for want of memory. "
            "Close other programs, or give fewer pictures at a time."
        ) from None
    finally:
        executor.shutdown(wait=False, cancel_futures=True)


def read_file(reader: Reader, path: Path, steps: Steps = STEPS) -> PictureFile:
    """Read one file; its picture is dropped."""
    try:
        picture = read_picture(path)
    except PictureError as error:
        return PictureFile(path, error=str(error))
    page = read_page(picture.pixels, Judge(reader), steps)
    return PictureFile(path, page.moved(lambda box: box.scaled(picture.scale)), thumbnail(picture.pixels))


def thumbnail(picture: NDArray[np.uint8] | NDArray[np.uint16]) -> NDArray[np.uint8]:
    """Make a picture small: (H, W, 3) uint8, red first; transparency lies on a chessboard's grey."""
    import cv2

    scale = THUMBNAIL / max(picture.shape[:2])
    height, width = (max(1, round(scale * side)) for side in picture.shape[:2])
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_NEAREST
    small: NDArray[Any] = np.asarray(cv2.resize(picture, (width, height), interpolation=way))
    return to_colours(small)


def to_colours(picture: NDArray[np.uint8] | NDArray[np.uint16]) -> NDArray[np.uint8]:
    """Return a picture as (H, W, 3) uint8, red first; transparency lies on a chessboard's grey."""
    colours = np.atleast_3d(picture.astype(np.float32) / np.iinfo(picture.dtype).max)
    if colours.shape[2] == 4:
        colours = colours[..., :3] * colours[..., 3:] + 0.75 * (1 - colours[..., 3:])
    shape = (*picture.shape[:2], 3)
    return np.asarray(np.rint(255 * np.broadcast_to(colours[..., ::-1], shape)), np.uint8)


_reading: list[Callable[[Path], PictureFile]] = []  # of this process, so that a model is sent to it once


def _read_all(paths: Sequence[Path]) -> list[PictureFile]:
    return [_reading[0](path) for path in paths]


def _prepare(read: Callable[[Path], PictureFile]) -> None:
    import cv2

    cv2.setNumThreads(1)
    _reading[:] = [read]
