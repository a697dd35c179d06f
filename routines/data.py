"""The data of a routine: loaded, and looked at, before hours go into them."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from cnn.model import Model
from preprocessing.datasets import Dataset, load_dataset, looks_inverted
from preprocessing.mnist import load_mnist
from routines.events import Noted
from routines.models import read_catalog
from routines.places import Places
from system.arrays import Array
from system.errors import UserError, quote

SAMPLE = 1000  # images that are looked at
MISREAD, READ = 0.4, 0.8  # shares read right: of data that are in another form, and of the same in the right one


def load_data(places: Places, path: Path | None, parts: tuple[str, ...] = ("train", "test")) -> Dataset:
    """Return the data of a file or folder, or MNIST.

    Raises:
        DataError: where they cannot be had.
    """
    chosen = path or places.data
    return load_dataset(chosen, parts) if chosen else load_mnist()


def require_as_many_classes(model: Model, data: Dataset) -> None:
    """Check that a trained model tells as many classes apart as some data have.

    Raises:
        UserError: otherwise.
    """
    if model.classes != data.classes:
        raise UserError(
            f"This model tells {model.classes} classes apart, the data have {data.classes}: give data of its classes, "
            "or a model trained on these."
        )


def other_classes(model: Model, data: Dataset) -> Iterator[Noted]:
    """Yield a sentence where the classes of some data are not those of a model, by their number or names."""
    differing = [(own, other) for own, other in zip(model.class_names, data.class_names, strict=False) if own != other]
    if model.classes != data.classes:
        difference = f"it tells {model.classes} apart, the data have {data.classes}"
    elif differing:
        difference = f"{quote(differing[0][0])} is called {quote(differing[0][1])} in the data"
    else:
        return
    yield Noted(
        f"The test images are of other classes than the model's: {difference}. Give data of its classes with --data, "
        "or a model trained on these.",
        True,
    )


def doubts(images: Array, labels: Array, model: Model | None) -> Iterator[Noted]:
    """Yield a sentence where images (N, 28, 28) look inverted, or turned over their diagonal.

    model: one of the same classes, to read them with, where there is one.
    """
    chosen = np.linspace(0, len(images) - 1, min(SAMPLE, len(images))).astype(int)
    images, labels = images[chosen], labels[chosen]
    forms = {"inverted, black on white": 255 - images, "transposed, rows for columns": images.swapaxes(1, 2)}
    to_do = "Images are white on black and upright, as MNIST's: change them, unless they are meant to be so."
    if model and _share(model, images, labels) < MISREAD:
        for name, changed in forms.items():
            if _share(model, changed, labels) > READ:
                yield Noted(f"The images look {name}: {model.string} reads them so, and not as they are. {to_do}", True)
                return
    if looks_inverted(images):
        yield Noted(f"The images look inverted, black on white: they are bright on the whole. {to_do}", True)


def reader_of(places: Places, data: Dataset) -> Model | None:
    """Return a trained model that tells the classes of some data apart, the best of those that are there."""
    models = [model for model in read_catalog(places).models if model.class_names == data.class_names]
    return max(models, key=_accuracy, default=None)


def _accuracy(model: Model) -> float:
    accuracy = model.metadata.get("accuracy")
    return accuracy if isinstance(accuracy, float) else 0.0


def _share(model: Model, images: Array, labels: Array) -> float:
    return float((model.logits(images).argmax(axis=1) == labels).mean())
