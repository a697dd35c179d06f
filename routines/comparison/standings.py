"""What a comparison says: means over seeds, which differences are more than luck, and the front of the best."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import fmean

from cnn.recipe import Recipe
from routines.comparison.trials import Outcome, multiply_adds, parameters

LUCK = 0.05  # the share of comparisons without any difference that may be called one


@dataclass(frozen=True)
class Difference:
    """By how much the best reads a larger share right than another, over the seeds that both have.

    error: of that mean, over pairs. probability: of such a difference, or a larger one, by luck alone; adjusted for how
    many are looked at. The last two are None where there are less than two pairs.
    """

    mean: float
    pairs: int
    error: float | None = None
    probability: float | None = None

    @property
    def is_more_than_luck(self) -> bool:
        """Whether it is unlikely to be luck."""
        return self.probability is not None and self.probability < LUCK


@dataclass(frozen=True)
class Standing:
    """A network with a learning rate and a number of epochs: the mean over its seeds.

    accuracy: share of the images held out that are read right, of the trainings that came to an end; None where none
    did. error: standard error of that mean; None for less than two. seconds: of a training, mean.
    difference: to the best; None of the best itself, and where nothing can be compared.
    smallest, fastest: whether none that is smaller, or faster, reads as many right: the fronts of the best.
    """

    model: str
    recipe: Recipe
    outcomes: tuple[Outcome, ...]
    parameters: int
    multiply_adds: int
    accuracy: float | None
    error: float | None
    seconds: float
    difference: Difference | None = None
    smallest: bool = False
    fastest: bool = False

    @property
    def label(self) -> str:
        """What tells it apart in a figure."""
        return f"{self.model}, {self.recipe.learning_rate:g}"

    @property
    def best_outcome(self) -> Outcome:
        """The training whose network reads most of the images held out."""
        return max(self.outcomes, key=lambda outcome: outcome.accuracy or 0)


def standings(outcomes: Iterable[Outcome]) -> tuple[Standing, ...]:
    """Return a standing for each network, learning rate and number of epochs, best first.

    Those of fewer epochs come after all of more, and are compared with nothing.
    """
    groups: dict[tuple[str, float, int], list[Outcome]] = {}
    for outcome in outcomes:
        recipe = outcome.trial.recipe
        groups.setdefault((outcome.trial.model, recipe.learning_rate, recipe.epochs), []).append(outcome)
    found = sorted(map(_standing, groups.values()), key=_order)
    longest = found[0].recipe.epochs if found else 0
    read = [each.accuracy if each.recipe.epochs == longest else None for each in found]
    differences = _differences([each for each in found if each.recipe.epochs == longest])
    differences += [None] * (len(found) - len(differences))
    smallest = _front([(each.parameters, accuracy) for each, accuracy in zip(found, read, strict=True)])
    fastest = _front([(each.seconds, accuracy) for each, accuracy in zip(found, read, strict=True)])
    return tuple(
        Standing(**{**vars(each), "difference": difference, "smallest": small, "fastest": fast})
        for each, difference, small, fast in zip(found, differences, smallest, fastest, strict=True)
    )


def _order(each: Standing) -> tuple[int, float, int]:
    return -each.recipe.epochs, -(each.accuracy or 0), each.parameters


def _standing(outcomes: list[Outcome]) -> Standing:
    outcomes = sorted(outcomes, key=lambda outcome: outcome.trial.recipe.seed)
    trial, read = outcomes[0].trial, [outcome.accuracy for outcome in outcomes if outcome.accuracy is not None]
    return Standing(
        model=trial.model,
        recipe=trial.recipe,
        outcomes=tuple(outcomes),
        parameters=parameters(trial.model),
        multiply_adds=multiply_adds(trial.model),
        accuracy=fmean(read) if read else None,
        error=_standard_error(read) if len(read) > 1 else None,
        seconds=fmean(outcome.seconds for outcome in outcomes),
    )


def _standard_error(values: Sequence[float]) -> float:
    """Return the standard error of the mean of at least two values."""
    mean = fmean(values)
    return sqrt(sum((value - mean) ** 2 for value in values) / (len(values) - 1) / len(values))


def _differences(found: Sequence[Standing]) -> list[Difference | None]:
    """Return the difference of each to the first, with probabilities adjusted for how many there are.

    Source: Holm, Scandinavian Journal of Statistics 6, 1979: of k probabilities the least is multiplied by k, the next
    by k - 1 and so on, and none is less than the one before.
    """
    differences = [_difference(found[0], each) if place else None for place, each in enumerate(found)]
    known = [place for place, each in enumerate(differences) if each and each.probability is not None]
    before = 0.0
    for rank, place in enumerate(sorted(known, key=lambda place: _probability(differences[place]))):
        each = differences[place]
        if each and each.probability is not None:
            before = max(before, min(1.0, each.probability * (len(known) - rank)))
            differences[place] = Difference(each.mean, each.pairs, each.error, before)
    return differences


def _probability(difference: Difference | None) -> float:
    return difference.probability if difference and difference.probability is not None else 1.0


def _difference(best: Standing, other: Standing) -> Difference | None:
    """Return the difference of two, paired by seed: with one seed, both hold the same images out.

    Shares are of whole images. So where the difference is the same each time, to the image, it could still have been
    another; its deviation is taken for one image at least.
    """
    of_seed = {each.trial.recipe.seed: each.accuracy for each in other.outcomes}
    pairs = [
        each.accuracy - theirs
        for each in best.outcomes
        if each.accuracy is not None and (theirs := of_seed.get(each.trial.recipe.seed)) is not None
    ]
    if len(pairs) < 2:
        return Difference(fmean(pairs), len(pairs)) if pairs else None
    images = max(each.images for each in best.outcomes)
    mean, error = fmean(pairs), max(_standard_error(pairs), 1 / images / sqrt(len(pairs)))
    from scipy.special import stdtr  # type: ignore[import-untyped]

    probability = 2 * float(stdtr(len(pairs) - 1, -abs(mean / error)))  # of Student's t, two-sided
    return Difference(mean, len(pairs), error, probability)


def _front(points: Sequence[tuple[float, float | None]]) -> list[bool]:
    """Tell of each point (cost, accuracy) whether no other costs at most as much and reads at least as many right."""
    front: set[tuple[float, float]] = set()
    most = -1.0
    for cost, accuracy in sorted((cost, -accuracy) for cost, accuracy in points if accuracy is not None):
        if -accuracy > most:
            most = -accuracy
            front.add((cost, most))
    return [point in front for point in points]
