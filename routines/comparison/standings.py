"""What a comparison says: means over seeds, which differences are more than luck, and the front of the best."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import fmean

import numpy as np

from cnn.recipe import Recipe
from routines.comparison.trials import Outcome, multiply_adds, parameters

LUCK = 0.05  # the share of comparisons without any difference that may be called one


@dataclass(frozen=True)
class Difference:
    """By how much the best reads a larger share right than another, over the seeds that both have.

    error: of that mean. probability: of such a difference, or a larger one, by luck alone; adjusted for how many
    networks there are. Both are None where no two networks have two seeds.
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
    """Return the difference of the first to each, over the seeds that both have.

    With one seed, both hold the same images out. A few seeds tell little of how much a network's share varies with
    them; so that is taken from all networks together, and from the pair itself where it varies more. As the best was
    chosen by these very shares, each probability is multiplied by how many pairs there are among all networks
    (Bonferroni).
    """
    from scipy.special import stdtr  # type: ignore[import-untyped]

    shares = [_of_seeds(each) for each in found]
    deviation, freedom = _deviation(found, shares)
    differences: list[Difference | None] = []
    for place, theirs in enumerate(shares):
        pairs = [shares[0][seed] - share for seed, share in theirs.items() if seed in shares[0]]
        if not place or not pairs:
            differences.append(None)
        elif not freedom:
            differences.append(Difference(fmean(pairs), len(pairs)))
        else:
            mean, error = fmean(pairs), deviation * sqrt(2 / len(pairs))
            if len(pairs) > 1:
                error = max(error, _standard_error(pairs))
            probability = 2 * float(stdtr(freedom, -abs(mean) / error)) * len(found) * (len(found) - 1) / 2
            differences.append(Difference(mean, len(pairs), error, min(1.0, probability)))
    return differences


def _of_seeds(standing: Standing) -> dict[int, float]:
    return {each.trial.recipe.seed: each.accuracy for each in standing.outcomes if each.accuracy is not None}


def _deviation(found: Sequence[Standing], shares: Sequence[dict[int, float]]) -> tuple[float, int]:
    """Return by how much a network's share varies from seed to seed, and the degrees of freedom; 0 where none is known.

    What a seed does to all networks alike is left out. Shares are of whole images: those that are the same to the image
    could still have been others, so the deviation is of one image at least.
    Source: randomised complete blocks, Fisher, The Design of Experiments, 1935; blocks are seeds.
    """
    seeds = shares[0].keys() if shares else ()
    table = np.array([[each[seed] for seed in seeds] for each in shares if each.keys() >= set(seeds)])
    freedom = (table.shape[0] - 1) * (len(seeds) - 1)
    if freedom < 1:
        return 0.0, 0
    residuals = table - table.mean(axis=0) - table.mean(axis=1, keepdims=True) + table.mean()
    image = 1 / max(each.images for each in found[0].outcomes)
    return max(image, sqrt(float((residuals**2).sum()) / freedom)), freedom


def _front(points: Sequence[tuple[float, float | None]]) -> list[bool]:
    """Tell of each point (cost, accuracy) whether no other costs at most as much and reads at least as many right."""
    front: set[tuple[float, float]] = set()
    most = -1.0
    for cost, accuracy in sorted((cost, -accuracy) for cost, accuracy in points if accuracy is not None):
        if -accuracy > most:
            most = -accuracy
            front.add((cost, most))
    return [point in front for point in points]
