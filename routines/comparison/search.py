"""Searching for networks: proposed at random within the grammar, most of them stopped early."""

import re
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from cnn.architecture import parse, to_string
from cnn.layers.base import ModelStringError
from cnn.recipe import Recipe
from routines.comparison.trials import Outcome, Trial, multiply_adds, parameters
from system.errors import UserError, quote

KEPT = 3  # one of so many goes on, with so many times the epochs
RUNGS = 3
FIRST = KEPT**RUNGS  # networks of a round
ATTEMPTS = 20_000  # to find a network within the limits
_STREAM = 3  # of random numbers, of a seed
_UNDER = re.compile(r"under\s+([\d,_]+)\s+parameters", re.IGNORECASE)
_FASTER = re.compile(r"faster\s+than\s+(\S+)", re.IGNORECASE)


@dataclass(frozen=True)
class Limits:
    """What a network has less of than this: parameters, multiply-adds for an image; None for any number.

    classes: how many the data have.
    """

    parameters: int | None = None
    multiply_adds: int | None = None
    classes: int = 10

    def hold(self, model: str) -> bool:
        """Return whether a network is within them."""
        return (self.parameters is None or parameters(model) < self.parameters) and (
            self.multiply_adds is None or multiply_adds(model) < self.multiply_adds
        )


def read_limits(text: str) -> Limits:
    """Return the limits of a text such as 'under 20000 parameters' or 'faster than C(8,5)-P2-FC10', or both with 'and'.

    Faster is what has fewer multiply-adds: that is the same on every machine, so that a search that goes on proposes
    what it did before.

    Raises:
        UserError: for another text; ModelStringError: for a model string that breaks a rule.
    """
    found: dict[str, int] = {}
    for part in re.split(r"\s+and\s+", text.strip(), flags=re.IGNORECASE):
        if match := _UNDER.fullmatch(part):
            found["parameters"] = int(re.sub(r"[,_]", "", match[1]) or 0)
        elif match := _FASTER.fullmatch(part):
            found["multiply_adds"] = multiply_adds(to_string(parse(match[1])))
        else:
            raise UserError(
                f"A search is 'under N parameters', 'faster than MODEL', or both with 'and': {quote(text)} was given. "
                "Try 'under 20000 parameters'."
            )
    return Limits(**found)


def rounds(
    limits: Limits, rates: Sequence[float], seeds: int, recipe: Recipe, data: int
) -> Iterator[Generator[list[Trial], list[Outcome] | None, None]]:
    """Yield rounds of successive halving, without end; each yields trainings, and is sent what came of them.

    Of FIRST networks, each with one of the rates, the best third goes on to three times the epochs, from the start, as
    the schedule of the learning rate is made for all epochs; and so on to those of the recipe, with all seeds.

    Source: Jamieson & Talwalkar, AISTATS 2016 (arXiv 1502.07943).
    """
    generator, seen = np.random.default_rng([recipe.seed, _STREAM]), set[str]()
    while True:
        yield _round(_propose_some(limits, generator, seen), rates, seeds, recipe, data, generator)


def _round(
    models: Sequence[str],
    rates: Sequence[float],
    seeds: int,
    recipe: Recipe,
    data: int,
    generator: np.random.Generator,
) -> Generator[list[Trial], list[Outcome] | None, None]:
    rungs = sorted({max(1, round(recipe.epochs / KEPT**rung)) for rung in range(RUNGS)})
    chosen = [(model, rates[int(generator.integers(len(rates)))]) for model in models]
    for epochs in rungs:
        last = epochs == rungs[-1]
        if last:
            chosen = chosen[: max(1, len(models) // KEPT ** (RUNGS - 1))]
        trials = [
            Trial(model, replace(recipe, epochs=epochs, learning_rate=rate, seed=recipe.seed + seed), data)
            for seed in range(seeds if last else 1)
            for model, rate in chosen
        ]
        outcomes = yield trials
        ordered = sorted(outcomes or (), key=lambda outcome: -(outcome.accuracy or 0))
        kept = ordered[: max(1, len(ordered) // KEPT)]
        chosen = [(outcome.trial.model, outcome.trial.recipe.learning_rate) for outcome in kept]


def _propose_some(limits: Limits, generator: np.random.Generator, seen: set[str]) -> list[str]:
    """Return FIRST networks within the limits that were not there before.

    Raises:
        UserError: where they are too hard to find.
    """
    found: list[str] = []
    for _ in range(ATTEMPTS):
        model = propose(generator, limits.classes)
        if model and model not in seen and limits.hold(model):
            seen.add(model)
            found.append(model)
            if len(found) == FIRST:
                return found
    if found:
        return found
    raise UserError(
        f"A search has networks within its limits, but among {ATTEMPTS:,} drawn at random none was. Raise the limits."
    )


def propose(generator: np.random.Generator, classes: int) -> str:
    """Return a random model string; empty where what was drawn does not fit together."""

    def one(*of: str, chances: Sequence[float] | None = None) -> str:
        return str(generator.choice(of, p=chances))

    tokens: list[str] = []
    for _ in range(int(generator.integers(1, 5))):
        filters = one("4", "6", "8", "12", "16", "24", "32", "48")
        size = one("3", "5", chances=(0.7, 0.3))
        padding = one("", f",p{int(size) // 2}", chances=(0.6, 0.4))
        stride = one("", ",s2", chances=(0.9, 0.1))
        tokens.append(f"C({filters},{size}{padding}{stride})")
        tokens.append(one("", "BN", chances=(0.7, 0.3)))
        tokens.append(one("P2", "A2", "", chances=(0.65, 0.1, 0.25)))
    tokens.append(one("", "D(0.2)", chances=(0.85, 0.15)))
    tokens.append(one("", "FC16", "FC32", "FC64", "FC128", chances=(0.4, 0.15, 0.2, 0.15, 0.1)))
    tokens.append(f"FC{classes}")
    try:
        return to_string(parse("-".join(filter(None, tokens)), classes))
    except ModelStringError:
        return ""
