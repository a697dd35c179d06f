"""The files of a training: where weights may go, and what lies beside them."""

import re
from collections.abc import Iterator
from contextlib import suppress
from itertools import chain, count
from pathlib import Path
from tempfile import TemporaryFile, mkdtemp

from cnn.architecture import Specs, to_string
from cnn.checkpoint import checkpoint_path
from cnn.model import Model
from cnn.weights import WeightFileError, model_of_name
from routines.events import Noted
from routines.figures import KINDS, figure_path
from routines.places import Places
from system.npz import NpzError

UNFINISHED = "unfinished_"  # how the name of a model's file begins whose training ended early


def check_output(places: Places, output: Path, specs: Specs) -> None:
    """Check that weights can be written: hours of training should not end at a folder that is not there.

    Raises:
        WeightFileError: otherwise, and where a file would be replaced that holds no weights.
    """
    if output.parent == places.weights:
        output.parent.mkdir(exist_ok=True)
    if output.suffix != ".npz" or output.is_dir() or not output.parent.is_dir():
        raise WeightFileError(
            f"{output}: weights go into an .npz file in a folder that is there. Choose another place."
        )
    if (named := model_of_name(output)) and named != specs:
        raise WeightFileError(
            f"{output}: a name that holds a model string holds the one that is trained, but this is "
            f"{to_string(specs)}. Choose another name."
        )
    if output.exists():
        try:
            Model.load(output)
        except NpzError as error:
            raise WeightFileError(
                f"{output}: only weights are replaced by weights, but this file holds none that can be read. "
                "Delete it, or choose another name."
            ) from error
    try:
        with TemporaryFile(dir=output.parent):
            pass
    except OSError as error:
        raise WeightFileError(
            f"{output}: nothing can be written there ({error.strerror}). Choose another place."
        ) from error


def unfinished_path(output: Path) -> Path:
    """Return where a model goes whose training ended early: in the place of no finished one, nor of another such."""
    names = chain([UNFINISHED], (f"{UNFINISHED}{number}_" for number in count(2)))
    return next(path for path in (output.with_name(name + output.name) for name in names) if not path.exists())


def fallback_path(output: Path) -> Path:
    """Return where weights go that cannot be written to `output`: a new folder for temporary files, the same name."""
    return Path(mkdtemp(prefix="weights_")) / output.name


def set_aside(output: Path) -> Noted | None:
    """Keep the checkpoint of an earlier training, in whose place the new one's will be; returns what to say of it."""
    path = checkpoint_path(output)
    if not path.exists():
        return None
    earlier = path.with_name(path.name.replace("checkpoint_", "checkpoint_earlier_", 1))
    path.replace(earlier)
    return Noted(f"The checkpoint of an interrupted training is now {earlier}. To go on with it, name it back.")


def discard_checkpoint(output: Path) -> Noted | None:
    """Remove the checkpoint of a training that nobody has to go on with; returns a sentence where that fails."""
    path = checkpoint_path(output)
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        return Noted(f"{path}: the checkpoint is not needed, but could not be removed ({error.strerror}).", True)
    return None


def discard_unfinished(output: Path, finished: Model, data: Path | None) -> Iterator[Noted]:
    """Remove what was saved of a training where it was interrupted, now that it went on to its end; says of each.

    finished: with its metadata. Only files of its own count: the same model, settings and data, in an earlier state.
    data: where they are from, None for MNIST; the figures that are named so go too.
    """
    name = re.compile(rf"{UNFINISHED}(\d+_)?{re.escape(output.name)}")
    for path in sorted(output.parent.glob(f"{UNFINISHED}*.npz")):
        if name.fullmatch(path.name) and _is_earlier(path, finished):
            with suppress(OSError):
                path.unlink()
                for kind in KINDS:
                    figure_path(path, kind, data).unlink(missing_ok=True)
                yield Noted(f"{path}: removed, as this training went on to its end.")


def _is_earlier(path: Path, finished: Model) -> bool:
    """Return whether a file holds an earlier state of a finished model, by what was written of both."""
    try:
        model = Model.load(path)
    except NpzError:
        return False
    said, last = model.metadata, finished.metadata
    same = all(said.get(key) == last.get(key) for key in ("seed", "data", "training_images", "recipe"))
    interrupted, epochs = str(said.get("stopped", "")).startswith("Interrupted"), said.get("epochs")
    earlier = isinstance(epochs, int) and epochs <= last["epochs"]
    return model.specs == finished.specs and same and interrupted and earlier
