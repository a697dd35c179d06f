"""Worker processes that share the images of a batch, over shared memory."""

import multiprocessing
import os
import signal
from copy import copy
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnn.architecture import Specs, images_together
from cnn.augmentation import Augmentation
from cnn.model import Model
from cnn.network import Network
from cnn.optimizer import Adam, AveragedAdam
from cnn.share import AUGMENTED_GRADIENT, GRADIENT, LOGITS, STEP, Share, SharedArrays
from cnn.shared_arrays import Memory, attach, share
from system.arrays import Array
from system.errors import UserError
from system.processes import SPAWN, available_cores, without_ctrl_c
from system.threads import single_threaded_blas

MAX_WORKERS = 1024
_ALIVE_CHECK_SECONDS = 0.5  # of waiting before a look whether the other side is still alive
# Of waiting before a process sleeps, as waking one takes 3 to 7% of a step. While it waits it lets others run: on a
# busy machine, where the one it waits for may have no core, spinning alone for 2 ms made training three times slower.
_SPIN_SECONDS = 0.0003
_let_others_run = getattr(os, "sched_yield", lambda: None)  # Windows has none


class WorkerError(UserError):
    """A worker process that failed or is gone."""


class Workers:
    """`count` processes, this one among them, that compute gradients or logits of one network together.

    Each takes its share of the chosen images, with buffers of its own over the same parameters; with a count of 1
    there is no other process. Processes, as two threads ran only 1.2 to 1.4 times as fast as one: operations of 10 to
    50 microseconds lose what they gain to the interpreter lock.

    A context manager. A step is: release the others, do the own share, wait for theirs. Semaphores, not pipes: Linux
    wakes the reader of a pipe on the core of its writer, which kept two processes on one core for 5 ms a step. The
    others end by themselves where this process is killed; the memory they share has no name, and goes with the last.

    network: does this process's share, over the model that all share; images: (N, 28, 28); labels: (N,).
    augmentation: what `gradient` can do to the images. optimizer: what `step` asks; each process updates a part of the
        parameters, with its part of the optimizer's vectors, which are shared from then on.

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
        optimizer: Adam | None = None,
    ) -> None:
        self._network, self._count, self._optimizer = network, count, optimizer
        augment = augmentation.apply if augmentation else None
        specs, parameters, total = network.model.specs, network.model.parameters, len(images)
        random = any(spec.random for spec in specs)
        self._share = Share(0, count, network.images, images_together(specs), random, augment, optimizer)
        vectors = {name: np.empty(0, parameters.dtype) for name in AveragedAdam.VECTORS}
        vectors |= {name: getattr(optimizer, name) for name in optimizer.VECTORS} if optimizer else {}
        shared: dict[str, Array] = {
            "task": np.zeros(2, np.int64),
            "learning_rate": np.zeros(1),
            "seed": np.zeros(1, np.int64),
            "images": images,
            "labels": labels.astype(np.int64),
            "chosen": np.zeros(total, np.int64),
            "draws": np.zeros((total, augmentation.columns if augmentation else 0), np.float32),
            **vectors,
            "state": network.model.state,
            "parameters": parameters,
            "gradients": np.zeros((count, len(parameters)), parameters.dtype),
            "losses": np.zeros(total, parameters.dtype),
            "correct": np.zeros(total, np.bool_),
            "logits": np.zeros((total, network.model.classes), parameters.dtype),
        }
        self._memory = share(shared) if count > 1 else {}
        self._arrays = SharedArrays(**(attach(self._memory) if count > 1 else shared))
        if optimizer and count > 1:
            optimizer.attach(vars(self._arrays))
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
        model, optimizer = self._network.model, copy(self._optimizer)
        if optimizer:  # whose vectors are shared already, and need no copy
            optimizer.attach(dict.fromkeys(optimizer.VECTORS, np.empty(0, self._network.gradient.dtype)))
        with without_ctrl_c():
            for number in range(1, self._count):
                go, done = SPAWN.Semaphore(0), SPAWN.Semaphore(0)
                receiver, errors = SPAWN.Pipe(duplex=False)
                part = replace(self._share, number=number, optimizer=optimizer)
                arguments = (go, done, errors, (model.specs, model.class_names), part, self._memory, spin)
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
        self, chosen: NDArray[np.integer[Any]], draws: Array | None = None, seed: int = 0
    ) -> tuple[Array, NDArray[np.bool_]]:
        """Compute the gradients of n chosen images, and return losses (n,), and which are read right.

        chosen: indices (n,) into the images; draws: (n, columns), for the augmentation, else images stay as they are.
        seed: of the random numbers that layers ask for. What is returned is overwritten by the next call.
        """
        self._arrays.seed[0] = seed
        if draws is not None:
            self._arrays.draws[: len(chosen)] = draws
        self._compute(GRADIENT if draws is None else AUGMENTED_GRADIENT, chosen)
        return self._arrays.losses[: len(chosen)], self._arrays.correct[: len(chosen)]

    def step(self, learning_rate: float) -> None:
        """Take a step of the optimizer against the mean gradient of the images of the last call of `gradient`."""
        self._arrays.task[0] = STEP
        self._arrays.learning_rate[0] = learning_rate
        self._work()
        if self._count > 1:
            self._network.model.parameters[...] = self._arrays.parameters

    def logits(self, chosen: NDArray[np.integer[Any]]) -> Array:
        """Return the logits (n, classes) of n chosen images; overwritten by the next call."""
        self._compute(LOGITS, chosen)
        return self._arrays.logits[: len(chosen)]

    def _compute(self, task: int, chosen: NDArray[np.integer[Any]]) -> None:
        self._arrays.task[:] = task, len(chosen)
        self._arrays.chosen[: len(chosen)] = chosen
        if not self._optimizer:  # whoever else changes the model's parameters
            self._arrays.parameters[...] = self._network.model.parameters
        self._arrays.state[...] = self._network.model.state
        self._work()

    def _work(self) -> None:
        for other in self._others:
            other.go.release()
        self._share.do(self._network, self._arrays)
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


def _work(
    go: Any,
    done: Any,
    errors: Connection,
    model: tuple[Specs, tuple[str, ...]],
    part: Share,
    memory: Memory,
    spin_seconds: float,
) -> None:
    """Do a part of every task in another process, for as long as the first process lives."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    first_process = multiprocessing.parent_process()
    try:
        arrays = SharedArrays(**attach(memory))
        specs, class_names = model
        network = Network(Model(specs, arrays.parameters, class_names, state=arrays.state), part.images)
        if part.optimizer:
            part.optimizer.attach(vars(arrays))
        with single_threaded_blas(), np.errstate(over="ignore", invalid="ignore"):
            while True:
                while not _acquired(go, spin_seconds):
                    if first_process is None or not first_process.is_alive():
                        return
                part.do(network, arrays)
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
        _let_others_run()
    return bool(semaphore.acquire(timeout=_ALIVE_CHECK_SECONDS))
