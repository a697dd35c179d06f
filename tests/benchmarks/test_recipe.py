"""What the rows of the recipe's benchmark change."""

import numpy as np
import pytest

from benchmarks.recipe import ROWS, changed
from cnn import optimizer
from cnn.optimizer import AveragedAdam


@pytest.mark.parametrize("name", ROWS)
def test_a_row_changes_what_it_says_and_nothing_for_the_next(name: str) -> None:
    row = ROWS[name]
    settings = {key: value for key, value in row.items() if key.isupper()}
    before = {key: getattr(optimizer, key) for key in settings}
    with changed(row) as augmentation:
        assert {key: getattr(optimizer, key) for key in settings} == settings != before or not settings
        assert (augmentation is None) == (name == "no augmentation")
    assert {key: getattr(optimizer, key) for key in settings} == before


def test_the_mean_can_be_the_last_parameters() -> None:
    with changed(ROWS["the last parameters, not their mean"]):
        adam = AveragedAdam(np.ones(3))
        for _ in range(5):
            adam.step(np.array([1.0, -2.0, 3.0]), 0.01)
        np.testing.assert_allclose(adam.average, adam.parameters, rtol=1e-6)
