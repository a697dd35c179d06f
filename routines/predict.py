"""Reading pictures: find them, have them read, keep what the network saw."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

from cnn.model import Model
from preprocessing.prediction import Prediction
from preprocessing.prediction import predict as read_pictures
from routines.events import Event, Interrupted, Noted, PicturesDone, PicturesKept, Predicted, Progressed, Stop
from routines.pictures import ContactSheets, FolderError, OutputFolder, check_output, find_pictures
from routines.places import Places
from system.processes import available_cores


@dataclass(frozen=True)
class PredictRequest:
    """A model, and pictures or folders of pictures; without any, the folder of the user's pictures.

    output: a folder for what the network saw. Without one it is kept where that folder of the user's is read, in its
        folder `resized`, and of other pictures nothing is written.
    cluster: the address of a scheduler whose workers read, or its file; empty for this machine.
    """

    model: Model
    paths: tuple[Path, ...] = ()
    output: Path | None = None
    cluster: str = ""


def predict(request: PredictRequest, places: Places, stop: Stop) -> Iterator[Event]:
    """Read pictures, and keep what the network saw; the flag stops between two pictures.

    Raises:
        FolderError: where there are no pictures, or the output cannot be where it is asked for; ReaderError: when a
            process that reads them is gone; ClusterError: where a cluster cannot; Interrupted: when the flag is set.
    """
    paths = request.paths or (places.pictures,)
    pictures = find_pictures(paths)
    if request.output:
        check_output(request.output, pictures)
    reads_own = [path.resolve() for path in paths] == [places.pictures.resolve()]
    output = request.output or (places.resized if reads_own else None)
    kept = _Kept(output, f"Read by {request.model.string}")
    start, refused, done = perf_counter(), 0, 0
    yield Progressed("Reading", 0, len(pictures), "pictures")
    for prediction in _read(request, pictures):
        if isinstance(prediction, Noted):
            yield prediction
            continue
        done += 1
        yield Predicted(prediction, len(pictures))
        kept.add(prediction)
        yield from kept.notes()
        refused += bool(prediction.file.error)
        yield Progressed("Reading", done, len(pictures), "pictures")
        if stop.is_set():
            raise Interrupted
    yield PicturesDone(len(pictures) - refused, refused, perf_counter() - start)
    kept.finish()
    yield from kept.notes()
    if kept.sheets:
        yield PicturesKept(kept.folder.path, tuple(kept.sheets.paths), kept.folder.others)


def _read(request: PredictRequest, pictures: Sequence[Path]) -> Iterator[Prediction | Noted]:
    if request.cluster:
        from routines.predict_cluster import read_on_cluster

        return read_on_cluster(request.model, pictures, request.cluster)
    return read_pictures(request.model, pictures, available_cores())


class _Kept:
    """What is kept of pictures, for as long as that can be written: the answers do not depend on it.

    output: where; None for nowhere. Nothing is removed or written before a picture is read.
    """

    def __init__(self, output: Path | None, title: str) -> None:
        self._output, self._title = output, title
        self._waiting: list[Prediction] = []
        self._problems: list[str] = []
        self._given_up = False
        self.sheets: ContactSheets | None = None

    def add(self, prediction: Prediction) -> None:
        if self._given_up or not self._output:
            return
        self._waiting.append(prediction)
        if prediction.file.error and not self.sheets:
            return
        try:
            if not self.sheets:
                self.folder = OutputFolder(self._output)
                self.sheets = ContactSheets(self.folder, self._title)
            while self._waiting:
                self.folder.save(self._waiting[0])
                self.sheets.add(self._waiting.pop(0))
        except FolderError as error:
            self._give_up(error)

    def finish(self) -> None:
        try:
            if self.sheets:
                self.sheets.finish()
        except FolderError as error:
            self._give_up(error)

    def notes(self) -> Iterator[Noted]:
        """Yield what has to be said, once."""
        while self._problems:
            yield Noted(f"{self._problems.pop(0)} What the network sees is not kept.", True)

    def _give_up(self, error: FolderError) -> None:
        self._given_up, self.sheets = True, None
        self._problems.append(str(error))
