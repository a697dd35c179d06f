"""A model that reads digits."""

from pathlib import Path

import pytest

from cnn import Model

WEIGHT_FOLDER = Path(__file__).parents[2] / "weight_output"


@pytest.fixture(scope="package")
def model() -> Model:
    """The model that ships whose weight file is the largest."""
    return Model.load(max(WEIGHT_FOLDER.glob("*.npz"), key=lambda path: path.stat().st_size))
