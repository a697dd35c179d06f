"""Means, differences and fronts, against cases worked by hand."""

import numpy as np
import pytest

from cnn.recipe import Recipe
from routines.comparison.standings import Standing, standings
from routines.comparison.trials import Outcome, Trial, multiply_adds, parameters


def outcomes(model: str, *accuracies: float, seconds: float = 1.0, epochs: int = 5) -> list[Outcome]:
    return [
        Outcome(Trial(model, Recipe(seed=seed, epochs=epochs), 0), (1.0,), (accuracy,), 6000, seconds)
        for seed, accuracy in enumerate(accuracies)
    ]


def by_model(*found: list[Outcome]) -> dict[str, Standing]:
    return {each.model: each for each in standings(outcome for some in found for outcome in some)}


def test_means_standard_errors_and_paired_differences() -> None:
    found = by_model(outcomes("FC10", 0.9, 0.92, 0.91), outcomes("FC16-FC10", 0.95, 0.96, 0.97))
    best, other = found["FC16-FC10"], found["FC10"]
    assert best.accuracy == pytest.approx(0.96) and best.error == pytest.approx(0.01 / 3**0.5)
    assert best.difference is None and other.difference
    # Pairs 0.05, 0.04, 0.06: mean 0.05, standard error 0.01 / sqrt(3), t = 8.660 with 2 degrees of freedom.
    assert other.difference.mean == pytest.approx(0.05) and other.difference.pairs == 3
    assert other.difference.probability == pytest.approx(0.01307, abs=1e-5)
    assert other.difference.is_more_than_luck


def test_probabilities_are_of_all_networks_together() -> None:
    one = outcomes("FC10", 0.9, 0.92, 0.91)
    found = by_model(one, outcomes("FC16-FC10", 0.95, 0.96, 0.97), outcomes("FC17-FC10", 0.94, 0.97, 0.96))
    clear, close = found["FC10"].difference, found["FC17-FC10"].difference
    # The squares of the residuals of the 3 x 3 shares add up to 1.7778e-4, with 4 degrees of freedom: a deviation of
    # 0.006667, and a standard error of 0.005443. The pair's own, 0.01 / sqrt(3), is larger: t = 8.660, two-sided
    # 0.000979, for three pairs of networks.
    assert clear and clear.error == pytest.approx(0.01 / 3**0.5)
    assert clear.probability == pytest.approx(3 * 0.000979, abs=3e-6)
    assert close and close.probability == 1 and not close.is_more_than_luck


def test_luck_alone_is_seldom_taken_for_more_though_the_best_is_chosen() -> None:
    generator = np.random.default_rng(0)
    wrong = 0
    for _ in range(200):
        shares = 0.97 + generator.normal(0, 0.002, 3) + generator.normal(0, 0.001, (8, 3))
        found = standings(each for number, row in enumerate(shares) for each in outcomes(f"FC{20 + number}-FC10", *row))
        wrong += any(each.difference.is_more_than_luck for each in found if each.difference)
    assert 0 < wrong / 200 < 0.08


def test_one_seed_tells_nothing_of_luck() -> None:
    difference = by_model(outcomes("FC10", 0.9), outcomes("FC16-FC10", 0.95))["FC10"].difference
    assert difference and difference.probability is None and not difference.is_more_than_luck


def test_the_same_difference_each_time_is_as_sure_as_one_image_of_deviation_has_it() -> None:
    found = by_model(outcomes("FC10", 0.5, 0.5), outcomes("FC16-FC10", 0.75, 0.75), outcomes("FC17-FC10", 0.75, 0.75))
    same, other = found["FC17-FC10"].difference, found["FC10"].difference
    assert same and same.probability == 1 and other and other.probability and other.probability < 0.001
    more = outcomes("FC16-FC10", *[0.5 + 1 / 6000] * 3)
    one_image = by_model(outcomes("FC10", 0.5, 0.5, 0.5), more)["FC10"].difference
    # t = sqrt(3 / 2) with 2 degrees of freedom
    assert one_image and one_image.probability == pytest.approx(0.3453, abs=1e-4)


def test_what_was_trained_for_fewer_epochs_comes_last_and_is_compared_with_nothing() -> None:
    found = standings([*outcomes("FC10", 0.99, 0.99, epochs=1), *outcomes("FC16-FC10", 0.9, 0.9)])
    assert [each.model for each in found] == ["FC16-FC10", "FC10"]
    assert found[1].difference is None and not found[1].smallest and found[0].smallest


def test_the_front_is_what_nothing_cheaper_equals() -> None:
    found = by_model(
        outcomes("FC10", 0.9, seconds=3),
        outcomes("FC16-FC10", 0.95, seconds=2),
        outcomes("FC32-FC10", 0.94, seconds=1),
        outcomes("FC64-FC10", 0.95, seconds=5),
    )
    assert {name for name, each in found.items() if each.smallest} == {"FC10", "FC16-FC10"}
    assert {name for name, each in found.items() if each.fastest} == {"FC16-FC10", "FC32-FC10"}


def test_a_training_that_failed_is_left_out_of_means_and_pairs() -> None:
    failed = Outcome(Trial("FC10", Recipe(seed=2), 0), problem="too high")
    found = by_model([*outcomes("FC10", 0.9, 0.92), failed], outcomes("FC16-FC10", 0.95, 0.96, 0.97))
    difference = found["FC10"].difference
    assert found["FC10"].accuracy == pytest.approx(0.91) and difference and difference.pairs == 2


def test_multiply_adds_and_parameters_of_a_network_worked_by_hand() -> None:
    # 8 filters of 5 x 5 on 24 x 24 places; then 8 x 12 x 12 inputs of 10 units.
    assert multiply_adds("C(8,5)-P2-FC10") == 8 * 25 * 24 * 24 + 1152 * 10
    assert parameters("C(8,5)-P2-FC10") == 8 * 26 + 1153 * 10
