"""What a .keras file holds, read though nobody vouches for it: a list of layers, and their arrays.

A .keras file is a zip archive of JSON, which names classes and their settings, and an HDF5 file of arrays. Keras would
make objects of what is named there. Here names are compared with those that are known, settings are looked up, arrays
are read where their shape is the one that follows: nothing is run, imported or unpickled.
"""

import json
import zipfile
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np

from cnn.exchange import ExchangeError
from cnn.exchange.keras_file import WEIGHTS, layer_names
from cnn.layers.base import Shape
from system.arrays import Array
from system.errors import quote

CONFIG = "config.json"
MAX_CONFIG = 2**20  # bytes
MAX_WEIGHTS = 2**28
MAX_LAYERS = 200


@dataclass(frozen=True)
class StoredLayer:
    """A layer of the file: its class, its name, its settings, and its name among the weights."""

    kind: str
    name: str
    config: dict[str, Any]
    weights: str

    def __str__(self) -> str:
        return f"the layer {quote(self.name)} ({quote(self.kind)[1:-1]})"


class KerasArchive:
    """A .keras file; a context manager.

    layers: in the order in which they run.

    Raises:
        ExchangeError: for a file that is missing, unreadable, or none of Keras; for layers that are no chain.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        config, weights = self._members()
        try:
            self.layers = _layers(json.loads(config))
        except ExchangeError as error:
            raise ExchangeError(f"{path}: {error}") from error
        except Exception as error:  # of what is described in no way that Keras has, whatever comes of looking it up
            raise ExchangeError(f"{path}: the model of a .keras file is described in JSON, but this is not.") from error
        import h5py

        try:
            self._weights = h5py.File(BytesIO(weights), "r")
        except Exception as error:
            raise ExchangeError(f"{path}: the weights of a .keras file are HDF5, but these cannot be read.") from error

    def __enter__(self) -> "KerasArchive":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._weights.close()

    def arrays(self, layer: StoredLayer, shapes: list[Shape]) -> list[Array]:
        """Return the arrays of a layer, float32, which have to have these shapes.

        Raises:
            ExchangeError: otherwise.
        """
        return [self._array(layer, number, shape) for number, shape in enumerate(shapes)]

    def _members(self) -> tuple[bytes, bytes]:
        if self.path.exists() and not self.path.is_file():
            raise ExchangeError(f"{self.path}: a .keras file is a file, but this is a folder or a device.")
        try:
            with zipfile.ZipFile(self.path) as archive:
                return _read(archive, CONFIG, MAX_CONFIG), _read(archive, WEIGHTS, MAX_WEIGHTS)
        except FileNotFoundError as error:
            raise ExchangeError(f"{self.path}: there is no such file. Check the name.") from error
        except ExchangeError as error:
            raise ExchangeError(f"{self.path}: {error}") from error
        except Exception as error:  # of a damaged archive, zipfile can raise nearly anything
            reason = (str(error) or type(error).__name__).splitlines()[0]
            raise ExchangeError(
                f"{self.path}: a .keras file is a zip archive, as Keras 3 writes it, but this cannot be read as one "
                f"({reason})."
            ) from error

    def _array(self, layer: StoredLayer, number: int, shape: Shape) -> Array:
        def refuse(why: str) -> ExchangeError:
            return ExchangeError(f"array {number} of {layer} {why}.")

        try:
            dataset = self._find(f"layers/{layer.weights}/vars/{number}")
            found, dtype = dataset.shape, dataset.dtype
            plain = not (dataset.chunks or dataset.external or dataset.is_virtual)
        except Exception as error:
            raise refuse("is missing") from error
        if found != shape:
            raise refuse(f"has the shape {shape}, by the settings of the layers, but {found} is stored")
        if dtype.kind != "f" or dtype.itemsize > 8 or not plain:
            raise refuse(f"is one of floating-point numbers in one piece, but {quote(str(dtype))} is stored")
        try:
            with np.errstate(over="ignore", invalid="ignore"):
                array = np.asarray(dataset[()]).astype(np.float32)
        except Exception as error:
            raise refuse("cannot be read") from error
        if not np.isfinite(array).all():
            raise refuse("holds numbers that are not finite")
        return array

    def _find(self, name: str) -> Any:
        """Return what lies under a name, of this file and no other: links are not followed."""
        import h5py

        found: Any = self._weights
        for part in name.split("/"):
            if not isinstance(found.get(part, getlink=True), h5py.HardLink):
                raise KeyError(part)
            found = found[part]
        if not isinstance(found, h5py.Dataset):
            raise KeyError(name)
        return found


def _read(archive: zipfile.ZipFile, name: str, longest: int) -> bytes:
    """Return a member of at most so many bytes, which the archive may not say truly."""
    if name not in archive.NameToInfo:
        raise ExchangeError(f"a .keras file of Keras 3 has {name}, but this has not.")
    with archive.open(name) as member:
        content = member.read(longest + 1)
    if len(content) > longest:
        raise ExchangeError(f"{name} has at most {longest:,} bytes here, but this has more.")
    return content


def _layers(model: Any) -> list[StoredLayer]:
    """Return the layers that a description of a model has."""
    kind, config = model["class_name"], model["config"]
    if kind not in ("Sequential", "Functional", "Model"):
        raise ExchangeError(f"a model of Keras is Sequential or Functional here, but this is {quote(str(kind))}.")
    described = config["layers"]
    if not isinstance(described, list) or not 0 < len(described) <= MAX_LAYERS:
        raise ExchangeError(f"a model has 1 to {MAX_LAYERS} layers here, but this has not.")
    # Keras counts classes without the input of a Sequential model, which it does not call a layer.
    counted = [str(each["class_name"]) for each in described]
    counted = [each for each in counted if kind != "Sequential" or each != "InputLayer"]
    names = iter(layer_names(counted))
    layers = [
        StoredLayer(
            str(each["class_name"]),
            str(each["config"]["name"]),
            dict(each["config"]),
            "" if kind == "Sequential" and each["class_name"] == "InputLayer" else next(names),
        )
        for each in described
    ]
    return layers if kind == "Sequential" else _chain(layers, described)


def _chain(layers: list[StoredLayer], described: list[dict[str, Any]]) -> list[StoredLayer]:
    """Return layers in the order in which they run, each on what the one before makes."""
    after: dict[str, StoredLayer] = {}
    first = []
    for layer, each in zip(layers, described, strict=True):
        before = [name for node in each["inbound_nodes"] for name in _inputs(node)]
        if len(before) > 1 or (before and before[0] in after):
            raise ExchangeError(f"layers are a chain here, but {layer} branches.")
        if before:
            after[before[0]] = layer
        else:
            first.append(layer)
    if len(first) != 1:
        raise ExchangeError(f"a model has one input here, but this has {len(first)}.")
    chain = first
    while (following := after.pop(chain[-1].name, None)) is not None:
        chain.append(following)
    if after:
        raise ExchangeError("layers are a chain here, but in this model some hang together in no such way.")
    return chain


def _inputs(node: dict[str, Any]) -> list[str]:
    """Return the names of the layers whose outputs a call of a layer takes."""
    found, left = [], [node["args"]]
    while left:
        each = left.pop()
        if isinstance(each, list):
            left += each
        elif isinstance(each, dict):
            found.append(str(each["config"]["keras_history"][0]))
    return found
