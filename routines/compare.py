"""Many trainings, and which network is best: planned, run in processes or on a cluster, and gone on with."""

from collections.abc import Generator, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Event as Flag
from time import perf_counter
from zlib import crc32

import numpy as np

from cnn.architecture import parse
from cnn.evaluation import evaluation_steps
from cnn.inputs import training_part
from cnn.model import Model
from cnn.recipe import Recipe
from cnn.validation import hold_out
from preprocessing.datasets import Dataset
from routines.comparison.estimate import estimate
from routines.comparison.events import Compared, Picked, Planned
from routines.comparison.ledger import Ledger
from routines.comparison.processes import Processes
from routines.comparison.schedule import Board, Team, run_trials
from routines.comparison.search import Limits, rounds
from routines.comparison.standings import Standing, standings
from routines.comparison.training import TRAININGS, weights_of
from routines.comparison.trials import Trial, trials_of
from routines.data import load_data
from routines.events import Busy, Event, Interrupted, Noted, Stop, staged
from routines.places import Places
from routines.train_files import check_output
from system.errors import UserError

SEEDS, VALIDATION = 3, 0.1  # how many seeds, and which share is held out, where nobody says
MOST_SEEDS, MOST_TRAININGS = 100, 100_000


@dataclass(frozen=True)
class CompareRequest:
    """What is compared, how, and where what came of it goes.

    models: strings. rates: learning rates. seeds: how many, from that of the recipe up.
    output: a folder, made where it is not there. data: a file or folder; None for MNIST.
    budget: minutes after which no training is started. limits: of networks that are proposed at random; None for none.
    cluster: the address of a scheduler, or its file; empty for this machine.
    """

    models: tuple[str, ...]
    output: Path
    rates: tuple[float, ...] = (Recipe().learning_rate,)
    seeds: int = SEEDS
    recipe: Recipe = field(default_factory=lambda: Recipe(validation=VALIDATION))
    data: Path | None = None
    budget: float | None = None
    limits: Limits | None = None
    cluster: str = ""


def compare(request: CompareRequest, places: Places, stop: Stop) -> Iterator[Event]:
    """Train all networks that the ledger does not have, and say which is best: ends with Compared.

    Before it starts any, it yields Planned. Networks are judged by images that are held out of the training images; no
    test image is looked at.

    Raises:
        UserError: where something in the request makes no sense, or a file cannot be written; Interrupted: where the
            flag is set; the ledger then has what was finished.
    """
    start = perf_counter()
    yield Busy("Loading the data")
    data = load_data(places, request.data, ("train",))
    checksum = _check(request, data)
    ledger = _open(request.output)
    board = Board(ledger, request.output / TRAININGS, checksum)
    trials = trials_of(request.models, request.rates, request.seeds, request.recipe, checksum)
    left = [trial for trial in trials if trial.key not in ledger.outcomes]
    with _team(request, data) as team:
        yield from team.notes
        known = not (request.limits or request.cluster)
        if known and left:
            yield Busy("Estimating the time")
        seconds = estimate(left, data, team.size) if known else None
        count = 0 if request.limits else len(trials)
        yield Planned(count, len(trials) - len(left), team.size, seconds)
        deadline = perf_counter() + 60 * request.budget if request.budget else None
        yield from _run(request, trials, data.classes, board, team, stop, deadline)
    if stop.is_set():
        yield Noted(f"{len(board.outcomes):,} trainings are finished, and in {ledger.path}. Start again to go on.")
        raise Interrupted
    if board.outcomes:
        yield Compared(standings(board.outcomes.values()), request.output, board.left, perf_counter() - start)


def _run(
    request: CompareRequest,
    trials: list[Trial],
    classes: int,
    board: Board,
    team: Team,
    stop: Stop,
    deadline: float | None,
) -> Iterator[Event]:
    """Train what was named, then what is proposed, round by round for as long as there is time; else one round."""
    yield from run_trials(trials, board, team, stop, deadline)
    if not request.limits:
        return
    limits = replace(request.limits, classes=classes)
    proposals = rounds(limits, request.rates, request.seeds, request.recipe, board.checksum)
    for one in proposals:
        outcomes = None
        while not (board.left or stop.is_set()):
            try:
                chosen = one.send(outcomes)
            except StopIteration:
                break
            yield from run_trials(chosen, board, team, stop, deadline)
            outcomes = [board.ledger.outcomes[trial.key] for trial in chosen if trial.key in board.ledger.outcomes]
        if deadline is None or board.left or stop.is_set():
            return


def pick(
    found: tuple[Standing, ...], numbers: tuple[int, ...], request: CompareRequest, places: Places, output: Path | None
) -> Generator[Event, None, None]:
    """Read the test images with networks that somebody picked, of each the seed that is best; yields Picked.

    numbers: of standings, from 1. output: where the weights of the first of them go.

    Raises:
        UserError: for a number that is not there, or weights that cannot be read or written.
    """
    for number in numbers:
        if not 1 <= number <= len(found):
            raise UserError(
                f"A network is picked by its number in the table, from 1 to {len(found)}: {number} was given. Give "
                "another."
            )
    data = load_data(places, request.data, ("test",))
    for place, number in enumerate(numbers):
        best = found[number - 1].best_outcome
        if best.accuracy is None:
            raise UserError(f"A network is picked that was trained to its end: {number} was not. Give another.")
        model = Model.load(weights_of(request.output / TRAININGS, best.trial))
        steps = evaluation_steps(model, data)
        evaluation = yield from staged("Evaluating", len(data.x_test), "images", steps, Flag())
        where = output if place == 0 else None
        if where:
            check_output(places, where, model.specs)
            said = {key: value for key, value in model.metadata.items() if key != "accuracy_of"}
            figures = {"accuracy": evaluation.accuracy, "precision": evaluation.precision}
            model.save(where, {**said, **figures, "test_images": len(data.x_test)})
        yield Picked(number, model, evaluation, where)


def _check(request: CompareRequest, data: Dataset) -> int:
    """Check that all of it can be trained, and return the checksum of the data."""
    if not (request.models or request.limits):
        raise UserError("A comparison has at least one network: none was given. Name one, or have some searched for.")
    if not 1 <= request.seeds <= MOST_SEEDS:
        raise UserError(f"The number of seeds is from 1 to {MOST_SEEDS}: {request.seeds} was given. Choose another.")
    count = len(request.models) * len(request.rates) * request.seeds
    if count > MOST_TRAININGS:
        raise UserError(f"A comparison has at most {MOST_TRAININGS:,} trainings: this has {count:,}. Leave some out.")
    if not request.recipe.validation:
        raise UserError(
            "Networks are compared by images that are held out: a share of 0 was given. Choose one above 0, at most "
            f"0.5, such as {VALIDATION}."
        )
    for model in request.models:
        parse(model, data.classes)
    _, labels = training_part(data, data.classes)
    hold_out(labels, request.recipe.validation, request.recipe.seed)
    return crc32(np.ascontiguousarray(data.y_train).tobytes(), crc32(np.ascontiguousarray(data.x_train).tobytes()))


def _open(folder: Path) -> Ledger:
    try:
        (folder / TRAININGS).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(
            f"{folder}: what a comparison finds goes into a folder, which cannot be made there ({error.strerror}). "
            "Choose another."
        ) from error
    return Ledger(folder)


def _team(request: CompareRequest, data: Dataset) -> AbstractContextManager[Team]:
    if request.cluster:
        from routines.comparison.cluster import Cluster  # Dask is only there for those who want it

        return Cluster(request.cluster, data)
    return Processes(data)
