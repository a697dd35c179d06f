"""Worker processes that share the images of a batch, over shared memory."""

import multiprocessing
import os
import signal
from dataclasses import dataclass, fields
from math import prod
from multiprocessing.connection import Connection
from time import perf_counter
from types import TracebackType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnn import Array
from cnn.architecture import DIGITS, Specs
from cnn.augmentation import Augment, Augmentation
from cnn.blas import single_threaded_blas
from cnn.errors import UserError
from cnn.loss import cross_entropy
from cnn.network import Network
from cnn.processes import SPAWN, without_ctrl_c

_GRADIENT, _AUGMENTED_GRADIENT, _LOGITS = range(3)
_LOOK_AFTER = 0.5  # seconds of waiting before a look whether the other side is still alive
_AWAKE = 0.002  # seconds of waiting before a process sleeps: waking one takes 3 to 7% of a step


class WorkerError(UserError):
    """A worker process that failed or is gone."""


@dataclass(frozen=True)
class _Desk:
    """The arrays that all workers see; N images altogether, n of them chosen at a time."""

    task: NDArray[np.int64]  # what to do, and n
    images: NDArray[np.uint8]  # N, 28, 28
    labels: NDArray[np.uint8]  # N
    chosen: NDArray[np.int64]  # indices of n images, at the front of N
    draws: Array  # (n, at the front of N), columns of the augmentation
    parameters: Array
    gradients: Array  # worker, parameter
    losses: Array  # n, at the front of N
    correct: NDArray[np.bool_]  # n, at the front of N
    logits: Array  # (n, at the front of N), 10


class Workers:
    """`count` processes, this one among them, that compute gradients or logits of one network together.

    Each takes its share of the chosen images, with buffers of its own over the same parameters; with a count of 1
    there is no other process. Processes, as two threads ran only 1.2 to 1.4 times as fast as one: operations of 10 to
    50 microseconds lose what they gain to the interpreter lock.

    A context manager. A step is: release the others, do the own share, wait for theirs. Semaphores, not pipes: Linux
    wakes the reader of a pipe on the core of its writer, which kept two processes on one core for 5 ms a step. The
    others end by themselves where this process is killed; the memory they share has no name, and goes with the last.

    network: does this process's share, and has the parameters; images: (N, 28, 28); labels: (N,), 0 to 9.
    augmentation: what `gradient` can do to the images.

    Raises:
        WorkerError: from every method, when another process failed or is gone.
    """

    def __init__(
        self,
        network: Network,
        images: NDArray[np.uint8],
        labels: NDArray[np.integer[Any]],
        count: int,
        augmentation: Augmentation | None = None,
    ) -> None:
        self._network, self._count = network, count
        self._augment = augmentation.apply if augmentation else None
        total, parameters = len(images), network.parameters
        arrays: dict[str, Array] = {
            "task": np.zeros(2, np.int64),
            "images": images,
            "labels": labels.astype(np.uint8),
            "chosen": np.zeros(total, np.int64),
            "draws": np.zeros((total, augmentation.columns if augmentation else 0), np.float32),
            "parameters": parameters,
            "gradients": np.zeros((count, len(parameters)), parameters.dtype),
            "losses": np.zeros(total, parameters.dtype),
            "correct": np.zeros(total, np.bool_),
            "logits": np.zeros((total, DIGITS), parameters.dtype),
        }
        self._memory = {name: _shared(array) for name, array in arrays.items()} if count > 1 else {}
        self._desk = _desk(self._memory) if count > 1 else _Desk(**arrays)
        self._others: list[_Other] = []

    def __enter__(self) -> "Workers":
        try:
            self._start_others()
        except BaseException as error:  # not all could be started, or Ctrl-C came: none may stay
            self.__exit__(type(error), error, error.__traceback__)
            raise
        return self

    def _start_others(self) -> None:
        awake = _AWAKE if self._count <= available_cores() else 0.0  # who waits awake must not hold a core up
        with without_ctrl_c():
            for number in range(1, self._count):
                go, done = SPAWN.Semaphore(0), SPAWN.Semaphore(0)
                here, there = SPAWN.Pipe(duplex=False)
                network = self._network.specs, self._network.images
                arguments = (go, done, there, *network, self._augment, self._memory, number, self._count, awake)
                process = SPAWN.Process(target=_work, args=arguments, daemon=True)
                process.start()
                there.close()
                self._others.append(_Other(process, go, done, here, awake))

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        for other in self._others:
            other.process.kill()  # it has nothing to lose
            other.process.join()
            other.complaints.close()
        self._others = []

    def gradient(
        self, chosen: NDArray[np.integer[Any]], draws: Array | None = None
    ) -> tuple[Array, Array, NDArray[np.bool_]]:
        """Sum of the gradients (parameters,) of n chosen images, their losses (n,), and which were read right (n,).

        chosen: indices (n,) into the images; draws: (n, columns), for the augmentation, else images stay as they are.
        What is returned is overwritten by the next call.
        """
        if draws is not None:
            self._desk.draws[: len(chosen)] = draws
        self._compute(_GRADIENT if draws is None else _AUGMENTED_GRADIENT, chosen)
        np.add.reduce(self._desk.gradients, axis=0, out=self._network.gradient)
        return self._network.gradient, self._desk.losses[: len(chosen)], self._desk.correct[: len(chosen)]

    def logits(self, chosen: NDArray[np.integer[Any]]) -> Array:
        """Logits (n, 10) of n chosen images; overwritten by the next call."""
        self._compute(_LOGITS, chosen)
        return self._desk.logits[: len(chosen)]

    def _compute(self, task: int, chosen: NDArray[np.integer[Any]]) -> None:
        self._desk.task[:] = task, len(chosen)
        self._desk.chosen[: len(chosen)] = chosen
        self._desk.parameters[...] = self._network.parameters
        for other in self._others:
            other.go.release()
        _share(self._network, self._augment, self._desk, 0, self._count)
        for other in self._others:
            other.wait()


@dataclass(frozen=True)
class _Other:
    """Another process, as this one sees it."""

    process: Any
    go: Any
    done: Any
    complaints: Connection
    awake: float

    def wait(self) -> None:
        """Wait until it has done its share."""
        try:
            while not _acquired(self.done, self.awake):
                if not self.process.is_alive():
                    raise EOFError
            if self.complaints.poll():
                raise WorkerError(f"A worker process failed ({self.complaints.recv()}). Try --workers 1.")
        except EOFError:
            raise WorkerError(
                "All worker processes have to stay to the end, but one was ended from outside, perhaps for want of "
                "memory. Close other programs, or try --workers 1."
            ) from None


def available_cores() -> int:
    """The number of cores that this process may run on."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _share(network: Network, augment: Augment | None, desk: _Desk, number: int, count: int) -> None:
    """Do the share of one of `count` workers, in as many passes as it takes."""
    task, total = map(int, desk.task)
    own = slice(total * number // count, total * (number + 1) // count)
    images = desk.images[desk.chosen[own]]
    if augment and task == _AUGMENTED_GRADIENT:
        images = augment(images, desk.draws[own])  # at once: 10 us an image for 128 of them, 15 for 32
    gradient = desk.gradients[number]
    gradient[...] = 0
    for first in range(own.start, own.stop, network.images):
        part = slice(first, min(first + network.images, own.stop))
        logits = network.forward(images[part.start - own.start : part.stop - own.start])
        if task == _LOGITS:
            desk.logits[part] = logits.T
            continue
        labels = desk.labels[desk.chosen[part]]
        desk.losses[part], logits_gradient = cross_entropy(logits, labels)
        desk.correct[part] = logits.argmax(axis=0) == labels
        network.backward(logits_gradient)
        gradient += network.gradient


def _work(
    go: Any,
    done: Any,
    complaints: Connection,
    specs: Specs,
    images: int,
    augment: Augment | None,
    memory: dict[str, Any],
    number: int,
    count: int,
    awake: float,
) -> None:
    """What another process does: its share of every task, for as long as the first process lives."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    first_process = multiprocessing.parent_process()
    try:
        desk = _desk(memory)
        network = Network(specs, images, desk.parameters.dtype, desk.parameters)
        with single_threaded_blas(), np.errstate(over="ignore", invalid="ignore"):
            while True:
                while not _acquired(go, awake):
                    if first_process is None or not first_process.is_alive():
                        return
                _share(network, augment, desk, number, count)
                done.release()
    except Exception as error:  # whatever it is, the first process has to say it
        complaints.send(repr(error))
        done.release()


def _acquired(semaphore: Any, awake: float) -> bool:
    """Whether a semaphore could be acquired: awake for some seconds, then asleep until it is time for a look."""
    until = perf_counter() + awake
    while perf_counter() < until:
        if semaphore.acquire(block=False):
            return True
    acquired: bool = semaphore.acquire(timeout=_LOOK_AFTER)
    return acquired


def _shared(array: Array) -> tuple[Any, np.dtype[Any], tuple[int, ...]]:
    """A copy of an array in memory that spawned processes can be given."""
    memory = SPAWN.RawArray("b", max(array.nbytes, 1))
    _view(memory, array.dtype, array.shape)[...] = array
    return memory, array.dtype, array.shape


def _view(memory: Any, dtype: np.dtype[Any], shape: tuple[int, ...]) -> Array:
    return np.frombuffer(memory, dtype, prod(shape)).reshape(shape)


def _desk(memory: dict[str, Any]) -> _Desk:
    return _Desk(**{field.name: _view(*memory[field.name]) for field in fields(_Desk)})
