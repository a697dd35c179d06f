"""Places and data for each test alone."""

from pathlib import Path

import numpy as np
import pytest

from routines.places import Places
from tests.squares import dataset

MODEL = "C(4,5)-P4-FC10"


@pytest.fixture
def places(tmp_path: Path) -> Places:
    """Places of the test's own: no models, no pictures, and squares in the place of MNIST."""
    data, path = dataset(), tmp_path / "squares.npz"
    np.savez(path, x_train=data.x_train, y_train=data.y_train, x_test=data.x_test, y_test=data.y_test)
    made = Places.of(tmp_path, path)
    made.weights.mkdir()
    return made
