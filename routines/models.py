"""The models of a folder."""

from dataclasses import dataclass
from pathlib import Path

from cnn.architecture import Specs, to_string
from cnn.model import Model
from cnn.weights import file_name
from routines.places import Places
from system.errors import UserError
from system.npz import NpzError


@dataclass(frozen=True)
class Catalog:
    """What a folder holds: models in order of size, and files that are none, with the reason."""

    models: tuple[Model, ...]
    refused: tuple[tuple[str, str], ...]


def read_catalog(places: Places) -> Catalog:
    """Return every file of the weight folder, hidden ones, checkpoints and folders apart; nothing without a folder."""
    models, refused = [], []
    paths = sorted(places.weights.iterdir()) if places.weights.is_dir() else []
    for path in paths:
        if path.name.startswith((".", "checkpoint_")) or path.is_dir():
            continue
        try:
            models.append(Model.load(path))
        except UserError as error:
            refused.append((path.name, str(error).removeprefix(f"{path}: ")))
    return Catalog(
        tuple(sorted(models, key=lambda model: (model.parameter_count, model_file(model).name))), tuple(refused)
    )


def model_file(model: Model) -> Path:
    """Return the file that a model was read from, or its usual name where it was not read."""
    return model.path or Path(file_name(model.specs))


def stopped_after(model: Model) -> tuple[int, int] | None:
    """Return after how many epochs of how many the training of a model ended early, where its file says so."""
    said, recipe = model.metadata, model.metadata.get("recipe")
    done, epochs = said.get("epochs"), recipe.get("epochs") if isinstance(recipe, dict) else None
    if said.get("stopped") and isinstance(done, int) and isinstance(epochs, int):
        return done, epochs
    return None


def weight_path(places: Places, specs: Specs) -> Path:
    """Return where a model's weights are, or will be."""
    return places.weights / file_name(specs)


def find_model(places: Places, specs: Specs) -> Model:
    """Return the trained model of some specs.

    Raises:
        NpzError: where there is none, or it cannot be used.
    """
    path = weight_path(places, specs)
    if not path.exists():
        there = ", ".join(model.string for model in read_catalog(places).models) or "no model at all"
        raise NpzError(
            f"A model has to be trained before it is used: {places.weights} has {there}, not {to_string(specs)}. "
            "Train it, or give its file with --weights."
        )
    return Model.load(path)
