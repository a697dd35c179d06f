"""Prediction: a network and picture files in, the number on each picture out."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cnn import Array
from cnn.network import Network
from preprocessing.digit import Digit
from preprocessing.files import PictureFile, read_files

FILES_AT_ONCE = 32  # whose digits the network reads together
UNSURE = 0.8


@dataclass(frozen=True)
class ReadDigit:
    """A digit as the network read it; probabilities (10,), from 0 to 1 with sum 1."""

    found: Digit
    probabilities: Array

    @property
    def digit(self) -> int:
        """The most probable digit."""
        return int(self.probabilities.argmax())

    @property
    def confidence(self) -> float:
        """Its probability."""
        return float(self.probabilities.max())

    @property
    def runner_up(self) -> tuple[int, float]:
        """The next digit, and its probability."""
        second = int(np.argsort(self.probabilities)[-2])
        return second, float(self.probabilities[second])


@dataclass(frozen=True)
class Prediction:
    """What a network read on the picture of a file, from left to right and line by line."""

    file: PictureFile
    digits: tuple[ReadDigit, ...]

    @property
    def number(self) -> str:
        """All digits together; empty where there are none."""
        return "".join(str(read.digit) for read in self.digits)

    @property
    def confidence(self) -> float:
        """That of the least certain digit; 0 where there is none."""
        return min((read.confidence for read in self.digits), default=0.0)

    @property
    def warnings(self) -> tuple[str, ...]:
        """Sentences about what may be wrong."""
        unsure = [
            f"The network is unsure: {read.digit} ({read.confidence:.0%}) or {other} ({probability:.0%})."
            for read in self.digits
            if read.confidence < UNSURE
            for other, probability in [read.runner_up]
        ]
        return (*(self.file.found.warnings if self.file.found else ()), *unsure)


def predict(network: Network, paths: Sequence[Path], workers: int = 1) -> Iterator[Prediction]:
    """Read every file in order; a file that is no picture has its reason in `file.error`.

    workers: how many processes read and prepare pictures, where there are many.

    Raises:
        ReaderError: when another process is gone.
    """
    files = read_files(paths, workers)
    while part := list(islice(files, FILES_AT_ONCE)):
        digits = [digit for file in part if file.found for digit in file.found.digits]
        probabilities = network.probabilities(_stack(digits)) if digits else np.empty((0, 10))
        read = iter([ReadDigit(*pair) for pair in zip(digits, probabilities, strict=True)])
        for file in part:
            yield Prediction(file, tuple(islice(read, len(file.found.digits) if file.found else 0)))


def _stack(digits: Sequence[Digit]) -> NDArray[np.uint8]:
    return np.stack([digit.image for digit in digits])
