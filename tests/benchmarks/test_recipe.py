"""What the rows of the recipe's benchmark change."""

from dataclasses import asdict

import numpy as np

from benchmarks.recipe import RECIPE, ROWS
from cnn.optimizer import AveragedAdam
from cnn.recipe import Recipe


def test_every_row_but_the_first_differs_from_the_recipe_and_from_the_others() -> None:
    assert ROWS["the recipe"] == RECIPE == Recipe()
    assert len(set(ROWS.values())) == len(ROWS)
    changed = {
        name: {key for key, value in asdict(row).items() if value != getattr(RECIPE, key)} for name, row in ROWS.items()
    }
    assert [len(keys) for keys in changed.values()] == [0, 1, 1, 2, *[1] * 7]


def test_the_mean_can_be_the_last_parameters() -> None:
    row = ROWS["the last parameters, not their mean"]
    adam = AveragedAdam(np.ones(3), row.weight_decay, row.averaging)
    for _ in range(5):
        adam.step(np.array([1.0, -2.0, 3.0]), 0.01)
    np.testing.assert_allclose(adam.average, adam.parameters, rtol=1e-6)
