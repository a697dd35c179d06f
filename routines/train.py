"""Training, from the first question to the weight file: the same in a terminal, a thread and another process."""

from collections.abc import Generator, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Event as Flag
from time import perf_counter
from typing import Any
from zlib import crc32

import numpy as np

from cnn.architecture import Specs, check_classes
from cnn.checkpoint import Checkpoint, CheckpointError, checkpoint_path, load_checkpoint, save_checkpoint
from cnn.evaluation import Evaluation, evaluation_steps
from cnn.model import Model
from cnn.recipe import Recipe
from cnn.training import EpochResult, Training, TrainingError
from cnn.weights import WeightFileError
from cnn.workers import WorkerError
from preprocessing.datasets import Dataset
from routines.answers import Answers
from routines.data import doubts, load_data, reader_of
from routines.events import (
    Busy,
    Checkpointed,
    EpochDone,
    Event,
    Interrupted,
    Noted,
    Progressed,
    Stop,
    Stopped,
    Trained,
    TrainingStarted,
    Unsaved,
    staged,
)
from routines.places import Places
from routines.train_files import (
    check_output,
    discard_checkpoint,
    discard_unfinished,
    fallback_path,
    set_aside,
    unfinished_path,
)
from routines.train_metadata import describe
from system.errors import UserError
from system.npz import NpzError
from system.processes import available_cores


@dataclass(frozen=True)
class TrainRequest:
    """What is trained, how, on what, and where the weights go.

    data: a file or folder; None for MNIST. workers: how many processes share each batch.
    resume: whether to go on from a checkpoint; None asks, where there is one, and before a model is replaced.
    temperature: of the model that is saved. more: what else the metadata are to hold.
    """

    specs: Specs
    output: Path
    recipe: Recipe = field(default_factory=Recipe)
    workers: int = field(default_factory=available_cores)
    data: Path | None = None
    resume: bool | None = False
    temperature: float = 1.0
    more: dict[str, Any] = field(default_factory=dict)


def train(
    request: TrainRequest, places: Places, answers: Answers, stop: Stop, data: Dataset | None = None
) -> Iterator[Event]:
    """Train a model, evaluate it and save it; the last event is Trained, unless there is nothing to keep.

    data: in place of the request's. Where the flag is set, the training stops between two batches.

    Raises:
        UserError: before it starts, where something in the request makes no sense; WeightFileError: where the weights
            cannot be written anywhere; Interrupted: where the flag is set before it starts, or after it ended.
    """
    if request.resume is None and request.output.exists() and not answers.replace(request.output):
        yield Noted("Nothing was changed.")
        return
    checkpoint = yield from _find_checkpoint(request, answers)
    recipe = checkpoint.recipe if checkpoint else answers.recipe(request.recipe)
    yield Busy("Loading the data")
    data = data or load_data(places, request.data)
    check_classes(request.specs, data.classes)
    check_output(places, request.output, request.specs)
    if request.data:
        yield from doubts(data.x_train, data.y_train, reader_of(places, data))
    if stop.is_set():
        raise Interrupted
    training = _start(request, recipe, checkpoint, data)
    if not checkpoint and (note := set_aside(request.output)):
        yield note
    before, start = sum(result.seconds for result in training.results), perf_counter()
    stopped = yield from _run(request, training, _checksum(data), stop)
    seconds, output = before + perf_counter() - start, request.output
    if stopped:
        yield stopped
        output = unfinished_path(output)
        worth_keeping = stopped.interrupted or training.results
        if not (worth_keeping and answers.keep_unfinished(output)):
            return
        stop = Flag()  # what ended the training does not end what is still to be done
    name, reason = request.data.name if request.data else "MNIST", stopped.reason if stopped else ""
    metadata = describe(training, data, name, reason, seconds) | request.more
    model = replace(training.model, class_names=data.class_names, temperature=request.temperature, metadata=metadata)
    evaluation, output = yield from _save(model, data, output, answers, stop)
    yield Trained(model, tuple(training.results), evaluation, seconds, output)
    if not stopped and (note := discard_checkpoint(request.output)):
        yield note
    if checkpoint and not stopped and output == request.output:
        yield from discard_unfinished(output, model)


def _find_checkpoint(request: TrainRequest, answers: Answers) -> Generator[Event, None, Checkpoint | None]:
    """Return the checkpoint to go on from, if there is one and somebody wants to."""
    path = checkpoint_path(request.output)
    if request.resume is False:
        return None
    if not path.exists():
        if request.resume:
            raise UserError(
                f"Only a training that was interrupted after an epoch can go on, but there is no checkpoint beside "
                f"{request.output}. Leave --resume out."
            )
        return None
    try:
        checkpoint = load_checkpoint(path, request.specs)
    except NpzError as error:
        if request.resume:
            raise
        yield Noted(f"{error} Until then, training begins anew.", True)
        return None
    return checkpoint if request.resume or answers.go_on(checkpoint) else None


def _start(request: TrainRequest, recipe: Recipe, checkpoint: Checkpoint | None, data: Dataset) -> Training:
    if checkpoint:
        if checkpoint.data_checksum != _checksum(data):
            raise CheckpointError(
                f"{checkpoint_path(request.output)}: this training was begun with other data. Give those, or leave "
                "--resume out."
            )
        return checkpoint.resume(data)
    generator = np.random.default_rng(recipe.seed)
    model = Model.create(request.specs, generator, data.class_names)
    return Training(model, data, recipe, workers=request.workers, generator=generator)


def _run(
    request: TrainRequest, training: Training, checksum: int, stop: Stop
) -> Generator[Event, None, Stopped | None]:
    """Train to the end, or until the flag is set or something fails; returns why it ended early."""
    path, epochs, total = checkpoint_path(request.output), training.recipe.epochs, training.images
    yield TrainingStarted(training.model, tuple(training.results))
    running = training.run()
    try:
        yield Progressed(_epoch(training), len(training.results) * total, epochs * total, "images")
        for each in running:
            if isinstance(each, EpochResult):
                try:
                    save_checkpoint(path, training, checksum)
                    yield Checkpointed(path)
                except NpzError as error:  # the training is worth more than its checkpoint
                    yield Noted(str(error), True)
                yield EpochDone(each)
            else:
                done = len(training.results) * total + each.images
                yield Progressed(_epoch(training), done, epochs * total, "images", f"loss {each.loss:.4f}")
            if stop.is_set() and len(training.results) < epochs:
                return _interrupted(training, path)
    except KeyboardInterrupt:  # where the flag was not enough
        return _interrupted(training, path)
    except TrainingError as error:
        if note := discard_checkpoint(request.output):  # from there it would go the same way
            yield note
        return Stopped(str(error), False, 0)
    except WorkerError as error:
        return Stopped(str(error), False, _epochs_kept(training, path))
    finally:
        running.close()
    return None


def _epochs_kept(training: Training, path: Path) -> int:
    return len(training.results) if path.exists() else 0


def _interrupted(training: Training, path: Path) -> Stopped:
    reason = f"Interrupted in epoch {len(training.results) + 1} of {training.recipe.epochs}."
    return Stopped(reason, True, _epochs_kept(training, path))


def _epoch(training: Training) -> str:
    return f"Epoch {len(training.results) + 1}/{training.recipe.epochs}"


def _save(
    model: Model, data: Dataset, output: Path, answers: Answers, stop: Stop
) -> Generator[Event, None, tuple[Evaluation, Path]]:
    """Save, evaluate, and save with what came of it; where that is not possible, in another place."""
    last_resort = False
    while True:
        try:
            model.save(output)  # before the evaluation too, which can be interrupted
            steps = evaluation_steps(model, data)
            evaluation = yield from staged("Evaluating", len(data.x_test), "images", steps, stop)
            figures = {"accuracy": evaluation.accuracy, "precision": evaluation.precision}
            model.save(output, {**model.metadata, **figures})
            return evaluation, output
        except WeightFileError as error:
            if last_resort:
                raise
            yield Unsaved(str(error))
        place = answers.another_place()
        output, last_resort = place or fallback_path(output), place is None


def _checksum(data: Dataset) -> int:
    return crc32(np.ascontiguousarray(data.y_train).tobytes(), crc32(np.ascontiguousarray(data.x_train).tobytes()))
