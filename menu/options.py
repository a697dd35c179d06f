"""Options that several commands have."""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from cnn.architecture import Specs
from cnn.model import Model
from menu import conversions
from routines.models import find_model, read_catalog
from routines.places import Places
from system.errors import UserError

T = TypeVar("T")


def argument(convert: Callable[[str], T]) -> Callable[[str], T]:
    """Return a conversion whose own sentence argparse repeats."""

    def converted(text: str) -> T:
        try:
            return convert(text)
        except UserError as error:
            raise argparse.ArgumentTypeError(str(error)) from error

    return converted


def add_model(parser: argparse.ArgumentParser) -> None:
    """Add the two ways to name a model."""
    weights = parser.add_mutually_exclusive_group(required=True)
    weights.add_argument(
        "--model", type=argument(conversions.model_or_number), help="model string, or its number in the menu"
    )
    weights.add_argument("--weights", type=Path, metavar="FILE.npz", help="any weight file")


def add_data(parser: argparse.ArgumentParser) -> None:
    """Add the option for other data than MNIST."""
    parser.add_argument("--data", type=Path, metavar="FILE", help="other data: .npz, IDX or CSV (default: MNIST)")


def add_cluster(parser: argparse.ArgumentParser) -> None:
    """Add the option for the machines of a cluster."""
    parser.add_argument(
        "--cluster", default="", metavar="ADDRESS", help="of a Dask scheduler, such as tcp://host:8786, or its file"
    )


def chosen_model(options: argparse.Namespace, places: Places) -> Model:
    """Return the model that `--model` or `--weights` names.

    Raises:
        UserError: where there is none, or it cannot be used.
    """
    if options.weights:
        return Model.load(options.weights)
    chosen: Specs | int = options.model
    return _numbered(chosen, places) if isinstance(chosen, int) else find_model(places, chosen)


def chosen_specs(chosen: Specs | int, places: Places) -> Specs:
    """Return the specs of a model string, or of a model by its number in the menu.

    Raises:
        UserError: where none has that number.
    """
    return _numbered(chosen, places).specs if isinstance(chosen, int) else chosen


def _numbered(number: int, places: Places) -> Model:
    models = read_catalog(places).models
    if not 1 <= number <= len(models):
        raise UserError(
            f"The number of a model is one that the menu shows, from 1 to {len(models)}: {number} was given. "
            "Give another, or the model string."
        )
    return models[number - 1]
