"""The models in weight_output/."""

from dataclasses import dataclass
from pathlib import Path

from cnn.architecture import Specs, to_string
from cnn.errors import UserError
from cnn.npz import NpzError
from cnn.weights import WeightFile, file_name, load

WEIGHT_FOLDER = Path(__file__).parent.parent / "weight_output"


@dataclass(frozen=True)
class Catalog:
    """What a folder holds: models in order of size, and files that are none, with the reason."""

    models: tuple[WeightFile, ...]
    refused: tuple[tuple[str, str], ...]


def read_catalog() -> Catalog:
    """Every file of the folder, hidden ones, checkpoints and folders apart; empty where there is no folder."""
    models, refused = [], []
    paths = sorted(WEIGHT_FOLDER.iterdir()) if WEIGHT_FOLDER.is_dir() else []
    for path in paths:
        if path.name.startswith((".", "checkpoint_")) or path.is_dir():
            continue
        try:
            models.append(load(path))
        except UserError as error:
            refused.append((path.name, str(error).removeprefix(f"{path}: ")))
    return Catalog(tuple(sorted(models, key=lambda model: (model.parameters, model.path.name))), tuple(refused))


def weight_path(specs: Specs) -> Path:
    """Where a model's weights are, or will be."""
    return WEIGHT_FOLDER / file_name(specs)


def find_model(specs: Specs) -> WeightFile:
    """The trained model of some specs.

    Raises:
        NpzError: where there is none, or it cannot be used.
    """
    path = weight_path(specs)
    if not path.exists():
        there = ", ".join(model.model for model in read_catalog().models) or "no model at all"
        raise NpzError(
            f"A model has to be trained before it is used: {WEIGHT_FOLDER} has {there}, not {to_string(specs)}. "
            "Train it, or give its file with --weights."
        )
    return load(path)
