"""What a comparison yields besides what every routine does."""

from dataclasses import dataclass
from pathlib import Path

from cnn.evaluation import Evaluation
from cnn.model import Model
from routines.comparison.standings import Standing
from routines.comparison.trials import Outcome
from routines.events import Event


@dataclass(frozen=True)
class Planned(Event):
    """A comparison before it starts.

    trainings: how many it has; 0 where that is not known, as for a search. finished: how many the ledger has.
    at_once: how many run at the same time. seconds: about how long the rest takes; None where that is not known.
    """

    trainings: int
    finished: int
    at_once: int
    seconds: float | None


@dataclass(frozen=True)
class TrialDone(Event):
    """A training that is finished; before: whether the ledger had it already."""

    outcome: Outcome
    before: bool


@dataclass(frozen=True)
class SoFar(Event):
    """How networks stand while others are trained, best first."""

    standings: tuple[Standing, ...]


@dataclass(frozen=True)
class Compared(Event):
    """A comparison at its end, best first; it ended early where something is left.

    left: how many trainings were not done, as the time was over. folder: of its ledger, figures and weights.
    """

    standings: tuple[Standing, ...]
    folder: Path
    left: int
    seconds: float


@dataclass(frozen=True)
class Picked(Event):
    """A network that somebody picked, by its number in the table from 1, and how many test images it reads right.

    output: where its weights were written to; None where nobody wanted them anywhere else.
    """

    number: int
    model: Model
    evaluation: Evaluation
    output: Path | None
