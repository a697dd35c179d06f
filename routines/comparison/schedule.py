"""Running trainings, as many at a time as there is room for, until all are in the ledger."""

from collections import Counter, deque
from collections.abc import Collection, Generator, Sequence
from concurrent.futures import FIRST_COMPLETED, CancelledError, Future, wait
from dataclasses import dataclass, field
from pathlib import Path
from secrets import token_hex
from time import perf_counter
from typing import Protocol

from routines.comparison.events import SoFar, TrialDone
from routines.comparison.ledger import Ledger
from routines.comparison.standings import standings
from routines.comparison.training import MARK, Job, weights_of
from routines.comparison.trials import Outcome, Trial
from routines.events import Alongside, Event, Noted, Progressed, Stop
from system.errors import UserError
from system.files import replace_file

ATTEMPTS = 5  # that a training has whose process is lost each time
LOOK_SECONDS = 0.2
STANDINGS_SECONDS = 1.0  # of thousands of trainings they take a tenth of a second


class Team(Protocol):
    """Where trainings run: processes of this machine, or a cluster. A context manager that ends them.

    lost: what a future raises whose process is gone. notes: what to say before it begins.
    """

    lost: tuple[type[BaseException], ...]
    notes: tuple[Noted, ...]

    @property
    def size(self) -> int:
        """How many run at once."""

    def submit(self, job: Job) -> "Future[Outcome | None]":
        """Have a training done."""

    def told(self) -> dict[str, tuple[float, str]]:
        """Return what the trainings said since the last time, the last of each by its key: share, and note."""

    def stop(self) -> None:
        """Have all trainings end after their step."""


@dataclass
class Board:
    """How a comparison stands.

    folder: of weights and checkpoints. checksum: of the data. outcomes: of this comparison, by key, which is not
    all that a ledger may have. total: how many trainings are known of. left: how many the budget had no time for.
    """

    ledger: Ledger
    folder: Path
    checksum: int
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    total: int = 0
    left: int = 0
    mark: str = field(default_factory=lambda: token_hex(16))

    def __post_init__(self) -> None:
        replace_file(self.folder / MARK, lambda file: file.write(self.mark.encode()))

    def add(self, outcome: Outcome, before: bool) -> TrialDone:
        """Take an outcome in; before: whether the ledger has it."""
        if not before:
            if outcome.weights is not None:
                content = outcome.weights
                replace_file(weights_of(self.folder, outcome.trial), lambda file: file.write(content))
            self.ledger.add(outcome)
        self.outcomes[outcome.trial.key] = outcome
        return TrialDone(outcome, before)


def run_trials(
    trials: Sequence[Trial], board: Board, team: Team, stop: Stop, deadline: float | None
) -> Generator[Event, None, None]:
    """Run what the ledger does not have; yields TrialDone for each, and progress.

    deadline: on the clock of `perf_counter`, after which none is started; those that run come to their end.

    Raises:
        UserError: where a training cannot be done.
    """
    waiting = yield from _not_in_ledger(trials, board)
    running: dict[Future[Outcome | None], Trial] = {}
    shares: dict[str, tuple[float, str]] = {}
    lost: Counter[str] = Counter()
    gone: tuple[type[BaseException], ...] = (CancelledError, *team.lost)
    known, told = 0, 0.0
    while running or waiting:
        over = stop.is_set() or (deadline is not None and perf_counter() > deadline)
        if over and waiting:
            board.left, waiting = board.left + len(waiting), deque()
        if stop.is_set():
            team.stop()
        while waiting and len(running) < team.size:
            trial = waiting.popleft()
            running[team.submit(Job(trial, board.folder, board.mark))] = trial
        done, _ = wait(running, LOOK_SECONDS, FIRST_COMPLETED)
        shares |= team.told()
        for future in done:
            trial = running.pop(future)
            shares.pop(trial.key, None)
            try:
                outcome = future.result()
            except gone:
                if stop.is_set():
                    continue
                yield _again(trial, lost)
                waiting.appendleft(trial)
                continue
            if outcome:
                yield board.add(outcome, before=False)
        if len(board.outcomes) > known and perf_counter() - told > STANDINGS_SECONDS:
            known, told = len(board.outcomes), perf_counter()
            yield SoFar(standings(board.outcomes.values()))
        yield from _progress(board, running.values(), shares)


def _not_in_ledger(trials: Sequence[Trial], board: Board) -> Generator[Event, None, deque[Trial]]:
    """Take in what the ledger has, and return the rest."""
    waiting: deque[Trial] = deque()
    new = [trial for trial in trials if trial.key not in board.outcomes]
    board.total += len(new)
    for trial in new:
        if trial.key in board.ledger.outcomes:
            yield board.add(board.ledger.outcomes[trial.key], before=True)
        else:
            waiting.append(trial)
    return waiting


def _again(trial: Trial, lost: Counter[str]) -> Noted:
    """Return what to say of a training that begins again.

    Raises:
        UserError: where that was in vain too often.
    """
    lost[trial.key] += 1
    if lost[trial.key] == ATTEMPTS:
        raise UserError(
            f"A training needs a process that stays to its end, but {trial.name} lost {ATTEMPTS}, perhaps for want of "
            "memory. Leave it out; what is in the ledger is not repeated."
        )
    return Noted(f"{trial.name}: its process was lost. It begins again, after its last epoch where that is kept.", True)


def _progress(
    board: Board, running: Collection[Trial], shares: dict[str, tuple[float, str]]
) -> Generator[Event, None, None]:
    told = [(trial.name, *shares.get(trial.key, (0.0, ""))) for trial in running]
    done = len(board.outcomes) + sum(share for _, share, _ in told)
    yield Progressed("Comparing", done, board.total, "trainings")
    yield Alongside(tuple(Progressed(name, share, 1, "trainings", note) for name, share, note in told))
