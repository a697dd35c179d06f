"""Networks drawn at random within limits, and successive halving."""

import re
from itertools import islice

import numpy as np
import pytest

from cnn.architecture import parse, to_string
from cnn.recipe import Recipe
from routines.comparison.search import FIRST, Limits, propose, read_limits, rounds
from routines.comparison.trials import Outcome, Trial, multiply_adds, parameters
from system.errors import UserError

RECIPE = Recipe(epochs=9, validation=0.1)


def play(limits: Limits, count: int = 1) -> list[list[Trial]]:
    """The rungs of some rounds in which the network of most parameters wins."""
    rungs: list[list[Trial]] = []
    for one in islice(rounds(limits, (0.001, 0.002), 3, RECIPE, 0), count):
        trials = next(one)
        while True:
            rungs.append(trials)
            outcomes = [Outcome(trial, (1.0,), (parameters(trial.model) / 10**6,)) for trial in trials]
            try:
                trials = one.send(outcomes)
            except StopIteration:
                break
    return rungs


def test_a_third_goes_on_to_three_times_the_epochs_and_the_last_have_all_seeds() -> None:
    first, second, last = play(Limits(20_000))
    assert [len(rung) for rung in (first, second, last)] == [FIRST, FIRST // 3, 3 * FIRST // 9]
    assert [{trial.recipe.epochs for trial in rung} for rung in (first, second, last)] == [{1}, {3}, {9}]
    best = sorted((parameters(trial.model) for trial in first), reverse=True)
    assert sorted((parameters(trial.model) for trial in second), reverse=True) == best[: FIRST // 3]
    assert {trial.recipe.seed for trial in last} == {0, 1, 2}
    rates = {trial.model: trial.recipe.learning_rate for trial in first}
    assert set(rates.values()) == {0.001, 0.002}
    assert all(trial.recipe.learning_rate == rates[trial.model] for trial in second + last)


def test_the_same_networks_are_proposed_again_and_none_twice() -> None:
    rungs = play(Limits(20_000), 2)
    assert rungs == play(Limits(20_000), 2)
    first = [trial.model for rung in rungs for trial in rung if trial.recipe.epochs == 1]
    assert len(first) == len(set(first)) == 2 * FIRST


def test_every_network_is_within_its_limits() -> None:
    limits = read_limits("under 20,000 parameters and faster than C(8,5)-P2-FC10")
    for trial in play(limits)[0]:
        assert parameters(trial.model) < 20_000 and multiply_adds(trial.model) < multiply_adds("C(8,5)-P2-FC10")


def test_proposals_are_canonical_and_use_every_kind() -> None:
    generator = np.random.default_rng(0)
    found = [model for _ in range(300) if (model := propose(generator, 7))]
    assert all(to_string(parse(model, 7)) == model for model in found)
    for kind in (r"C\(\d+,\d+\)", r",p1", r",s2", "P2", "A2", "BN", r"D\(", r"FC\d+-FC7"):
        assert any(re.search(kind, model) for model in found), kind


@pytest.mark.parametrize("text", ["", "20000", "under parameters", "under 5 parameters and", "small", "faster than"])
def test_other_limits_are_refused_in_a_sentence(text: str) -> None:
    with pytest.raises(UserError, match=r"A search is .*Try 'under 20000 parameters'\."):
        read_limits(text)


def test_limits_that_no_network_holds_are_said() -> None:
    with pytest.raises(UserError, match=r"none was\. Raise the limits"):
        next(rounds(Limits(parameters=5), (0.001,), 1, RECIPE, 0))
