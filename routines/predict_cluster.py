"""Reading pictures on a cluster, in order: for folders that are too large for one machine."""

from collections import deque
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from cnn.model import Model
from preprocessing.files import FILES_AT_ONCE
from preprocessing.prediction import Prediction
from preprocessing.prediction import predict as read_pictures
from routines.cluster import ClusterError, connect, differences, reached
from routines.events import Noted

AHEAD = 4  # parts of FILES_AT_ONCE pictures for each thread, so that none waits


def read_on_cluster(model: Model, pictures: Sequence[Path], address: str) -> Iterator[Prediction | Noted]:
    """Yield what is read on each picture, in order, and what there is to say of the workers.

    The model is sent to each worker once. A part whose worker is gone is read by another.

    Raises:
        ClusterError: where there is no cluster, a worker does not see the pictures, or several are lost over a part.
    """
    client = connect(address)
    try:
        yield from differences(client)
        for worker, seen in client.run(_sees, pictures[0]).items():
            if not seen:
                raise ClusterError(
                    f"{worker}: pictures lie where all workers see them, but this one does not see {pictures[0]}. Put "
                    "them into a folder that is shared, under the same path."
                )
        sent = client.scatter(model, broadcast=True, hash=False)
        with reached():
            yield from _read(client, sent, pictures)
    finally:
        client.close()


def _read(client: Any, model: Any, pictures: Sequence[Path]) -> Iterator[Prediction]:
    from distributed.scheduler import KilledWorker

    parts = iter([pictures[first : first + FILES_AT_ONCE] for first in range(0, len(pictures), FILES_AT_ONCE)])
    waiting: deque[Any] = deque()
    try:
        while True:
            room = AHEAD * max(1, sum(client.nthreads().values())) - len(waiting)
            waiting.extend(client.submit(_read_part, model, part, pure=False) for part in islice(parts, max(0, room)))
            if not waiting:
                return
            yield from waiting.popleft().result()
    except KilledWorker as error:
        raise ClusterError(
            "Pictures are read by workers that stay, but several were lost over the same ones, perhaps for want of "
            "memory. Give workers more, or leave those pictures out."
        ) from error


def _sees(path: Path) -> bool:
    return path.exists()


def _read_part(model: Model, paths: Sequence[Path]) -> list[Prediction]:
    return list(read_pictures(model, paths))
