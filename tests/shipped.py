"""The models that ship, by name: what else lies in the weight folder is the user's."""

from cnn import Model
from cnn.architecture import parse
from routines.models import SHIPPED, find_model
from routines.places import PLACES

PATHS = [PLACES.weights / f"weight_details{string}.npz" for string in SHIPPED]
LARGEST = PATHS[-1]


def shipped_models() -> list[Model]:
    """Return them all, smallest first."""
    return [find_model(PLACES, parse(string)) for string in SHIPPED]
