"""The models of a folder."""

from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path

from cnn.architecture import Specs, parse, to_string
from cnn.model import Model
from cnn.weights import WeightFileError, file_name
from routines.places import Places
from system.errors import UserError, quote
from system.npz import NpzError

# Those that ship, which the documents call A, B and C.
SHIPPED = (
    "C(8,5)-P2-C(16,3)-P2-FC128-FC10",
    "C(8,5)-P2-C(16,3)-P2-C(32,3)-P2-FC256-FC10",
    "C(16,3)-P2-C(32,3)-P2-C(64,3)-P2-FC512-FC10",
)
NAME_LENGTH, NOTE_LENGTH = 40, 200  # letters
_NOT_IN_NAMES = frozenset('<>:"/\\|?*')  # on some system a file's name cannot have them


@dataclass(frozen=True)
class Catalog:
    """What a folder holds: models, and files that are none, with the reason.

    Those that ship come first, by size, then others by the date of their training: a new one changes no number.
    """

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
    return Catalog(tuple(sorted(models, key=_order)), tuple(refused))


def is_shipped(model: Model) -> bool:
    """Return whether a model has the file's name of one that ships."""
    return model_file(model).name in {file_name(parse(string)) for string in SHIPPED}


def _order(model: Model) -> tuple[bool, int, str, str]:
    file, shipped = model_file(model), is_shipped(model)
    date = model.metadata.get("date")
    if not isinstance(date, str):
        date = datetime.fromtimestamp(file.stat().st_mtime, timezone.utc).isoformat()
    return not shipped, model.parameter_count if shipped else 0, date, file.name


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


def check_name(text: str) -> str:
    """Return a name for a model, which a file's name can have on every system.

    Raises:
        UserError: for another text.
    """
    if (
        0 < len(text) <= NAME_LENGTH
        and text.isprintable()
        and not _NOT_IN_NAMES & set(text)
        and (text[0].isalnum() and not text.endswith((" ", ".")))
    ):
        return text
    raise UserError(
        f"A name begins with a letter or digit, has at most {NAME_LENGTH} of them, none of "
        f"{''.join(sorted(_NOT_IN_NAMES))}, and no dot at its end: {quote(text)} was given. Choose another."
    )


def check_note(text: str) -> str:
    """Return a note about a model.

    Raises:
        UserError: for a text that is too long, or cannot be printed.
    """
    if len(text) <= NOTE_LENGTH and text.isprintable():
        return text
    raise UserError(
        f"A note has at most {NOTE_LENGTH} letters on one line: {quote(text)} was given. Write a shorter one."
    )


def rename_model(model: Model, name: str) -> Path:
    """Give the file of a model a name behind its model string; returns its path.

    Raises:
        UserError: where another file has that name, or it cannot be renamed.
    """
    old = model_file(model)
    new = old.with_name(file_name(model.specs, check_name(name)))
    if new.exists() and not new.samefile(old):
        raise WeightFileError(f"{new}: a name is given once, but this file is there. Choose another name.")
    old.rename(new)
    return new


def write_note(model: Model, note: str) -> None:
    """Write a note into the file of a model, in the place of an earlier one; an empty one removes that.

    Raises:
        UserError: for a note that cannot be one; WeightFileError: where the file cannot be written.
    """
    said = {key: value for key, value in model.metadata.items() if key != "note"}
    model.save(model_file(model), said | ({"note": check_note(note)} if note else {}))


def delete_model(model: Model) -> None:
    """Delete the file of a model."""
    model_file(model).unlink()
