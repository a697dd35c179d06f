"""A model that reads digits."""

import pytest

from cnn import Model
from tests.shipped import LARGEST


@pytest.fixture(scope="package")
def model() -> Model:
    """The model that ships whose weight file is the largest."""
    return Model.load(LARGEST)
