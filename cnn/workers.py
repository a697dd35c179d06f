"""Worker processes that share the images of a batch, over shared memory."""

import multiprocessing
import signal
from dataclasses import dataclass, fields, replace
from math import prod
from multiprocessing.connection import Connection
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnn.augmentation import Augment, Augmentation
from cnn.loss import cross_entropy
from cnn.model import Model
from cnn.network import Network
from system.arrays import Array
from system.errors import UserError
from system.processes import SPAWN, available_cores, without_ctrl_c
from system.threads import single_threaded_blas

_GRADIENT, _AUGMENTED_GRADIENT, _LOGITS = range(3)
_ALIVE_CHECK_SECONDS = 0.5  # of waiting before a look whether the other side is still alive
_SPIN_SECONDS = 0.002  # of waiting before a process sleeps: waking one takes 3 to 7% of a step


class WorkerError(UserError):
    """A worker process that failed or is gone."""


@dataclass(frozen=True)
class _SharedArrays:
    """The arrays that all workers see; N images altogether, n of them chosen at a time."""

    task: NDArray[np.int64]  # what to do, and n
    images: Array  # N, 28, 28
    labels: NDArray[np.int64]  # N
    chosen: NDArray[np.int64]  # indices of n images, at the front of N
    draws: Array  # (n, at the front of N), columns of the augmentation
    parameters: Array
    gradients: Array  # worker, parameter
    losses: Array  # n, at the front of N
    correct: NDArray[np.bool_]  # n, at the front of N
    logits: Array  # (n, at the front of N), classes


class Workers:
    """`count` processes, this one among them, that compute gradients or logits of one network together.

    Each takes its share of the chosen images, with buffers of its own over the same parameters; with a count of 1
    there is no other process. Processes, as two threads ran only 1.2 to 1.4 times as fast as one: operations of 10 to
    50 microseconds lose what they gain to the interpreter lock.

    A context manager. A step is: release the others, do the own share, wait for theirs. Semaphores, not pipes: Linux
    wakes the reader of a pipe on the core of its writer, which kept two processes on one core for 5 ms a step. The
    others end by themselves where this process is killed; the memory they share has no name, and goes with the last.

    network: does this process's share, over the model that all share; images: (N, 28, 28); labels: (N,).
    augmentation: what `gradient` can do to the images.

    Raises:
        WorkerError: from every method, when another process failed or is gone.
    """

    def __init__(
        self,
        network: Network,
        images: Array,
        labels: NDArray[np.integer[Any]],
        count: int,
        augmentation: Augmentation | None = None,
    ) -> None:
        self._network, self._count = network, count
        self._augment = augmentation.apply if augmentation else None
        total, parameters = len(images), network.model.parameters
        shared: dict[str, Array] = {
            "task": np.zeros(2, np.int64),
            "images": images,
            "labels": labels.astype(np.int64),
            "chosen": np.zeros(total, np.int64),
            "draws": np.zeros((total, augmentation.columns if augmentation else 0), np.float32),
            "parameters": parameters,
            "gradients": np.zeros((count, len(parameters)), parameters.dtype),
            "losses": np.zeros(total, parameters.dtype),
            "correct": np.zeros(total, np.bool_),
            "logits": np.zeros((total, network.model.classes), parameters.dtype),
        }
        self._memory = {name: _shared(array) for name, array in shared.items()} if count > 1 else {}
        self._arrays = _attach(self._memory) if count > 1 else _SharedArrays(**shared)
        self._others: list[_WorkerHandle] = []

    def __enter__(self) -> "Workers":
        try:
            self._start_others()
        except BaseException:  # not all could be started, or Ctrl-C came: none may stay
            self.__exit__()
            raise
        return self

    def _start_others(self) -> None:
        spin = _SPIN_SECONDS if self._count <= available_cores() else 0.0  # who spins must not hold a core up
        # Its parameters are shared already, and need no copy.
        bare = replace(self._network.model, parameters=np.empty(0, self._network.gradient.dtype))
        with without_ctrl_c():
            for number in range(1, self._count):
                go, done = SPAWN.Semaphore(0), SPAWN.Semaphore(0)
                receiver, errors = SPAWN.Pipe(duplex=False)
                share = number, self._count
                arguments = (go, done, errors, bare, self._network.images, self._augment, self._memory, share, spin)
                process = SPAWN.Process(target=_work, args=arguments, daemon=True)
                process.start()
                errors.close()
                self._others.append(_WorkerHandle(process, go, done, receiver, spin))

    def __exit__(self, *error: object) -> None:
        for other in self._others:
            other.process.kill()  # it has nothing to lose
            other.process.join()
            other.errors.close()
        self._others = []

    def gradient(
        self, chosen: NDArray[np.integer[Any]], draws: Array | None = None
    ) -> tuple[Array, Array, NDArray[np.bool_]]:
        """Return the sum of the gradients (parameters,) of n chosen images, losses (n,), and which are read right.

        chosen: indices (n,) into the images; draws: (n, columns), for the augmentation, else images stay as they are.
        What is returned is overwritten by the next call.
        """
        if draws is not None:
            self._arrays.draws[: len(chosen)] = draws
        self._compute(_GRADIENT if draws is None else _AUGMENTED_GRADIENT, chosen)
        np.add.reduce(self._arrays.gradients, axis=0, out=self._network.gradient)
        return self._network.gradient, self._arrays.losses[: len(chosen)], self._arrays.correct[: len(chosen)]

    def logits(self, chosen: NDArray[np.integer[Any]]) -> Array:
        """Return the logits (n, classes) of n chosen images; overwritten by the next call."""
        self._compute(_LOGITS, chosen)
        return self._arrays.logits[: len(chosen)]

    def _compute(self, task: int, chosen: NDArray[np.integer[Any]]) -> None:
        self._arrays.task[:] = task, len(chosen)
        self._arrays.chosen[: len(chosen)] = chosen
        self._arrays.parameters[...] = self._network.model.parameters
        for other in self._others:
            other.go.release()
        _compute_share(self._network, self._augment, self._arrays, (0, self._count))
        for other in self._others:
            other.wait()


@dataclass(frozen=True)
class _WorkerHandle:
    """Another process, as this one sees it."""

    process: Any
    go: Any
    done: Any
    errors: Connection
    spin_seconds: float

    def wait(self) -> None:
        """Wait until it has done its share."""
        try:
            while not _acquired(self.done, self.spin_seconds):
                if not self.process.is_alive():
                    raise EOFError
            if self.errors.poll():
                raise WorkerError(f"A worker process failed ({self.errors.recv()}). Try --workers 1.")
        except EOFError:
            raise WorkerError(
                "All worker processes have to stay to the end, but one was ended from outside, perhaps for want of "
                "memory. Close other programs, or try --workers 1."
            ) from None


def _compute_share(network: Network, augment: Augment | None, arrays: _SharedArrays, share: tuple[int, int]) -> None:
    """Compute the share of one worker, its number and how many there are, in as many passes as it takes."""
    (number, count), (task, total) = share, map(int, arrays.task)
    own = slice(total * number // count, total * (number + 1) // count)
    images = arrays.images[arrays.chosen[own]]
    if augment and task == _AUGMENTED_GRADIENT:
        images = augment(images, arrays.draws[own])  # at once: 10 us an image for 128 of them, 15 for 32
    gradient = arrays.gradients[number]
    gradient[...] = 0
    for first in range(own.start, own.stop, network.images):
        part = slice(first, min(first + network.images, own.stop))
        logits = network.forward(images[part.start - own.start : part.stop - own.start], training=task != _LOGITS)
        if task == _LOGITS:
            arrays.logits[part] = logits.T
            continue
        labels = arrays.labels[arrays.chosen[part]]
        arrays.losses[part], logits_gradient = cross_entropy(logits, labels)
        arrays.correct[part] = logits.argmax(axis=0) == labels
        network.backward(logits_gradient)
        gradient += network.gradient


def _work(
    go: Any,
    done: Any,
    errors: Connection,
    bare: Model,
    images: int,
    augment: Augment | None,
    memory: dict[str, Any],
    share: tuple[int, int],
    spin_seconds: float,
) -> None:
    """Compute a share of every task in another process, for as long as the first process lives."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    first_process = multiprocessing.parent_process()
    try:
        arrays = _attach(memory)
        network = Network(replace(bare, parameters=arrays.parameters), images)
        with single_threaded_blas(), np.errstate(over="ignore", invalid="ignore"):
            while True:
                while not _acquired(go, spin_seconds):
                    if first_process is None or not first_process.is_alive():
                        return
                _compute_share(network, augment, arrays, share)
                done.release()
    except Exception as error:  # whatever it is, the first process has to say it
        errors.send(repr(error))
        done.release()


def _acquired(semaphore: Any, spin_seconds: float) -> bool:
    """Return whether a semaphore could be acquired: first spinning, then asleep until it is time for a look."""
    until = perf_counter() + spin_seconds
    while perf_counter() < until:
        if semaphore.acquire(block=False):
            return True
    return bool(semaphore.acquire(timeout=_ALIVE_CHECK_SECONDS))


def _shared(array: Array) -> tuple[Any, np.dtype[Any], tuple[int, ...]]:
    """Return a copy of an array in memory that spawned processes can be given."""
    memory = SPAWN.RawArray("b", max(array.nbytes, 1))
    _view(memory, array.dtype, array.shape)[...] = array
    return memory, array.dtype, array.shape


def _view(memory: Any, dtype: np.dtype[Any], shape: tuple[int, ...]) -> Array:
    return np.frombuffer(memory, dtype, prod(shape)).reshape(shape)


def _attach(memory: dict[str, Any]) -> _SharedArrays:
    return _SharedArrays(**{field.name: _view(*memory[field.name]) for field in fields(_SharedArrays)})
