"""Fuzzing: files and texts that nobody vouches for, changed a hundred thousand times, under a coverage-guided fuzzer.

python -m tests.fuzz {weights,checkpoint,data,model,picture,keras,npz} [--count 100000] [--seed 1]

Needs atheris (pip install atheris; Linux, CPython 3.11 to 3.13), which itself takes 20 kB more for each picture: give
those 20,000 at a time. It ends with "Done" and the count, or at the first input that raises anything but the documented
error, warns, takes more than 10 seconds, or 1 GB; that input is then saved. Half of the changes to an archive are made
inside it, with its checksums mended, so that they reach what reads arrays.
"""

import argparse
import io
import random
import sys
import tempfile
import warnings
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import atheris
import numpy as np
from numpy.typing import NDArray

with atheris.instrument_imports(include=["cnn", "preprocessing", "system"]):
    from cnn import Model, Recipe, architecture, checkpoint
    from cnn.exchange import ExchangeError
    from cnn.exchange.foreign_npz import CHANNELS_LAST, read_npz
    from cnn.exchange.keras_file import write_keras
    from cnn.exchange.keras_reading import read_keras
    from cnn.layers.base import ModelStringError
    from cnn.training import EpochResult, Training
    from preprocessing.datasets import DataError, load_dataset
    from preprocessing.formats import FORMATS
    from preprocessing.judge import Judge
    from preprocessing.mnist import load_mnist
    from preprocessing.page_reading import read_page
    from preprocessing.picture import PictureError, read_picture
    from system.errors import UserError
    from system.npz import NpzError

SPECS = architecture.parse("C(1,3)-P9-FC10")
EVERY_KIND = architecture.parse("C(2,5,p2,s3)-BN-A2-C(2,3)-P3-D(0.5)-FC3-BN-FC10")
SECONDS, MEGABYTES = 10, 1024


def weight_files(folder: Path) -> list[bytes]:
    """Small weight files as this program, and others, write them."""
    model = Model.create(SPECS)
    replace(model, temperature=1.5).save(folder / "w.npz", {"accuracy": 0.5, "date": "2026-01-02"})
    other = io.BytesIO()
    kinds = {"weight": np.float64, "bias": np.float16}
    layers = model.arrays().items()
    arrays: dict[str, Any] = {
        f"{name}_{number}": array.astype(kinds[name]) for number, layer in layers for name, array in layer.items()
    }
    np.savez_compressed(other, **arrays)
    return [(folder / "w.npz").read_bytes(), other.getvalue()]


def checkpoints(folder: Path) -> list[bytes]:
    """A small checkpoint."""
    training = Training(Model.create(SPECS), (np.zeros((2, 28, 28), np.uint8), [3, 4]), Recipe(epochs=3))
    training.results.append(EpochResult(1, 3, 0.5, 0.25, 0.75, 1.5, 1000.0))
    training.optimizer.steps = 1
    checkpoint.save_checkpoint(folder / "c.npz", training, data_checksum=7)
    return [(folder / "c.npz").read_bytes()]


def data_files(folder: Path) -> list[bytes]:
    """Two images of each part."""
    file = io.BytesIO()
    images, labels = np.zeros((2, 28, 28), np.uint8), np.array([3, 4], np.uint8)
    np.savez_compressed(file, x_train=images, y_train=labels, x_test=images, y_test=labels)
    return [file.getvalue()]


def pictures(folder: Path) -> list[bytes]:
    """A digit in each format, as far as it goes in grey, with a palette, in colour, with opacity, and in 16 bits.

    And a table, rows on squared paper, and a sheet askew, which are read as pages.
    """
    from PIL import Image

    digit = Image.fromarray(255 - load_mnist().x_test[0])
    made = []
    for name in FORMATS:
        for mode in ("L", "RGB") if name in ("JPEG", "GIF", "BMP") else ("L", "P", "RGB", "RGBA", "I;16"):
            if mode == "I;16" and name == "WEBP":
                continue
            file = io.BytesIO()
            (digit.convert("I").convert(mode) if mode == "I;16" else digit.convert(mode)).save(file, name)
            made.append(file.getvalue())
    for page in pages():
        for name in ("PNG", "JPEG"):
            file = io.BytesIO()
            Image.fromarray(page).save(file, name)
            made.append(file.getvalue())
    return made


def pages() -> list[NDArray[np.uint8]]:
    """A table with digits in its cells, rows on squared paper, and the same askew on a table; small."""
    import cv2

    digits = [255 - image for image in load_mnist().x_test[:12]]
    rows = np.concatenate([np.concatenate(digits[first : first + 4], axis=1) for first in (0, 4, 8)])
    paper = np.pad(rows, 20, constant_values=255)
    table, squared = np.full_like(paper, 255), np.full_like(paper, 255)
    for place in range(20, max(paper.shape), 28):
        for lines, darkness in ((table, 40), (squared, 190)):
            cv2.line(lines, (place, 20), (place, paper.shape[0] - 36), darkness, 1)
            cv2.line(lines, (20, place), (paper.shape[1] - 20, place), darkness, 1)
    written = [np.minimum(paper, lines) for lines in (table, squared)]
    turn = cv2.getRotationMatrix2D((76, 62), 20, 0.7)
    askew = cv2.warpAffine(written[1], turn, (152, 124), borderValue=(40.0,))
    return [*written, np.asarray(askew, np.uint8)]


def keras_files(folder: Path) -> list[bytes]:
    """A small model of every kind, and one of a few."""
    for number, specs in enumerate((EVERY_KIND, SPECS)):
        write_keras(folder / f"{number}.keras", Model.create(specs))
    return [(folder / f"{number}.keras").read_bytes() for number in range(2)]


def other_weights(folder: Path) -> list[bytes]:
    """The arrays of a small model under other names, as they are, and channels last."""
    arrays = [array for layer in Model.create(SPECS).arrays().values() for array in layer.values()]
    files = []
    for turned in (False, True):
        file = io.BytesIO()
        np.savez(file, *(array.T.astype(np.float64) if turned else array for array in arrays))
        files.append(file.getvalue())
    return files


class Likeness:
    """A reader that takes every other image for a digit."""

    class_names = tuple("0123456789")

    def probabilities(self, images: Any) -> Any:
        return np.eye(10, dtype=np.float32)[images.sum(axis=(1, 2)) % 10] * 0.9 + 0.01


def read_picture_and_digits(path: Path) -> None:
    """What prediction does with a file."""
    read_page(read_picture(path).pixels, Judge(Likeness()))


# For each target: the first inputs, what reads one from a file, and the only error that it may raise.
TARGETS: dict[str, tuple[Callable[[Path], list[bytes]], Callable[[Path], object], type[UserError]]] = {
    "weights": (weight_files, Model.load, NpzError),
    "checkpoint": (checkpoints, lambda path: checkpoint.load_checkpoint(path, SPECS), NpzError),
    "data": (data_files, load_dataset, DataError),
    "keras": (keras_files, read_keras, ExchangeError),
    "npz": (other_weights, lambda path: read_npz(path, SPECS, lambda _: CHANNELS_LAST), UserError),
    "model": (
        lambda folder: [
            b"C(8,5,p1,s2)-BN-A2-D(0.25)-FC8-BN-FC10",
            b"C(8,5)-P2-C(16,3)-P2-FC128-FC10",
            b"FC10",
            b" c( 8 , 5 )-FC10",
        ],
        lambda path: architecture.parse(path.read_bytes().decode(errors="surrogateescape")),
        ModelStringError,
    ),
    "picture": (pictures, read_picture_and_digits, PictureError),
}


def change(data: bytes, largest: int, seed: int) -> bytes:
    """Other bytes, of at most a size; of an archive, every other time those of one of its members."""
    generator = random.Random(seed)  # noqa: S311
    if generator.random() < 0.5:
        try:
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                members = {name: archive.read(name) for name in archive.namelist()}
        except Exception:  # whatever a broken archive raises, then it is bytes
            members = {}
        if members:
            name = generator.choice(sorted(members))
            members[name] = atheris.Mutate(members[name], len(members[name]) + 64)
            if generator.random() < 0.05:
                del members[name]
            changed = io.BytesIO()
            with zipfile.ZipFile(changed, "w", generator.choice([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])) as archive:
                for name, content in members.items():
                    archive.writestr(name, content)
            return changed.getvalue()[:largest]
    mutated: bytes = atheris.Mutate(data, largest)
    return mutated


def main() -> None:
    """Fuzz one target; the process ends in it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("target", choices=TARGETS)
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    first, read, refusal = TARGETS[options.target]
    memory = Path("/dev/shm")  # noqa: S108
    folder = Path(tempfile.mkdtemp(dir=memory if memory.is_dir() else None))
    corpus = folder / "corpus"
    corpus.mkdir()
    for number, data in enumerate(first(folder)):
        (corpus / str(number)).write_bytes(data)
    path = folder / "weight_detailsC(1,3)-P9-FC10.npz"

    def once(data: bytes) -> None:
        path.write_bytes(data)
        try:
            read(path)
        except refusal as error:
            message = str(error)
            if "\n" in message or not message.endswith((".", ")")):
                raise AssertionError(f"No clear sentence: {message!r}") from error

    warnings.simplefilter("error")  # a user would see them
    arguments = [f"-runs={options.count}", f"-seed={options.seed}", f"-timeout={SECONDS}", f"-rss_limit_mb={MEGABYTES}"]
    atheris.Setup([sys.argv[0], str(corpus), *arguments, "-max_len=65536"], once, custom_mutator=change)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
