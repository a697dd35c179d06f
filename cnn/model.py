"""A model: layers and their parameters, and what they mean. What files, workers, exports and figures carry."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from threading import local
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from cnn import weights
from cnn.architecture import DIGITS, Specs, output_shapes, parse, to_string
from cnn.inputs import Images, as_images, as_logits, require, require_whole
from cnn.layer_info import LayerInfo, layer_info
from cnn.loss import softmax
from cnn.memory import require_memory
from cnn.model_fields import as_class_names, as_float_type, require_sizes, require_storable
from cnn.model_vectors import empty_vectors, parts_of
from cnn.network import IMAGES_PER_PASS, Network
from cnn.pairs import pairs
from cnn.wholeness import alike_of, wholeness
from system.arrays import Array
from system.threads import single_threaded_blas

_PATH = "A weight file has a path"


@dataclass(frozen=True, eq=False)
class Model:
    """Layers with their parameters: `Model.create` draws new ones, `Model.load` reads a file.

    specs: the layers. parameters: one flat vector, layer after layer, which training changes in place.
    class_names: what the units of the last layer stand for.
    temperature: what logits are divided by before they become probabilities (see cnn.calibration).
    metadata: whatever the file says of itself, as JSON has it. path: of the file, where the model comes from one.
    state: one flat vector of what layers keep that is not trained; empty for most kinds.

    Raises:
        InputError: where parameters, numbers of the state or class names are not as many as the layers have.
    """

    specs: Specs
    parameters: Array
    class_names: tuple[str, ...] = DIGITS
    temperature: float = 1.0
    metadata: Mapping[str, Any] = field(default_factory=dict)
    path: Path | None = None
    state: Array = field(default_factory=lambda: np.empty(0, np.float32))
    # Networks that have read with it, by images a pass: each thread its own, as they overwrite what they return.
    _readers: local = field(default_factory=local, init=False, repr=False)

    def __post_init__(self) -> None:
        require_sizes(self.specs, self.parameters, self.state, self.class_names)

    @classmethod
    def create(
        cls,
        model: str | Specs,
        seed: int | np.random.Generator = 0,
        class_names: Sequence[str] | None = None,
        dtype: DTypeLike = np.float32,
    ) -> "Model":
        """Return a new model with random weights.

        model: the model string, or its specs. seed: a whole number, or a generator to draw from.
        class_names: of the data; else the ten digits, or numbers where the model has more or fewer outputs.

        Raises:
            InputError: for another type; ModelStringError: for a string that breaks a rule, a last layer that has not a
                unit for each class, or layers that would not fit into the memory that is free.
        """
        require((str, tuple), model, "A model is created from a model string", "Try 'C(8,5)-P2-FC10'.")
        if not isinstance(seed, np.random.Generator):
            require_whole(seed, 0, "A seed")
        names = None if class_names is None else as_class_names(class_names)
        # What holds for a string holds for specs; which are kept, as they may be of kinds that strings do not name.
        parsed = parse(model if isinstance(model, str) else to_string(model), len(names) if names else None)
        specs = parsed if isinstance(model, str) else model
        dtype = as_float_type(dtype)
        require_memory(specs, 1, dtype)
        generator = np.random.default_rng(seed)
        parameters, state = empty_vectors(specs, dtype)
        for _, array, part in parts_of(specs, parameters, state):
            array.start(part, generator)
        return cls(specs, parameters, names or _numbers(specs), state=state)

    @classmethod
    def load(cls, path: str | Path) -> "Model":
        """Read a weight file.

        Raises:
            NpzError: for what cannot be read; WeightFileError, a kind of it, for what does not fit.
        """
        require((str, Path), path, _PATH, "Give its path.")
        path = Path(path)
        specs, read, metadata = weights.read(path)
        parameters, state = empty_vectors(specs, np.float32)
        for number, array, part in parts_of(specs, parameters, state):
            array.view(part)[...] = read[number][array.name]
        names = weights.class_names_of(metadata, output_shapes(specs)[-1][0]) or _numbers(specs)
        return cls(specs, parameters, names, weights.temperature_of(metadata), metadata, path, state)

    def save(self, path: str | Path, metadata: Mapping[str, Any] | None = None) -> None:
        """Write a weight file, with metadata (anything JSON holds) in place of the model's own.

        Raises:
            InputError: for what `load` would refuse; WeightFileError: where the file cannot be written; the old one is
                then as it was.
        """
        require((str, Path), path, _PATH, "Give its path.")
        own: dict[str, Any] = {"model": self.string}
        own |= {"temperature": self.temperature} if self.temperature != 1 else {}
        own |= {"class_names": list(self.class_names)} if self.class_names != _numbers(self.specs) else {}
        said = self.metadata if metadata is None else metadata
        require(Mapping, said, "Metadata have names", "Give {'accuracy': 0.98}.")
        own |= {key: value for key, value in said.items() if key not in ("model", "temperature", "class_names")}
        require_storable(np.concatenate((self.parameters, self.state)), own, weights.MAX_METADATA)
        weights.write(Path(path), self.arrays(), own)

    def __reduce__(self) -> tuple[type["Model"], tuple[Any, ...]]:
        return Model, tuple(getattr(self, each.name) for each in fields(self) if each.init)

    def __repr__(self) -> str:
        return f"Model({self.string})"

    @property
    def string(self) -> str:
        """The canonical model string."""
        return to_string(self.specs)

    @property
    def classes(self) -> int:
        """How many classes it tells apart."""
        return len(self.class_names)

    @property
    def parameter_count(self) -> int:
        """How many parameters it has."""
        return len(self.parameters)

    @property
    def layers(self) -> tuple[LayerInfo, ...]:
        """What there is to know of each layer."""
        return tuple(map(self.layer, range(1, len(self.specs) + 1)))

    def layer(self, number: int) -> LayerInfo:
        """Return what there is to know of a layer, by its number in the model string, from 1.

        Raises:
            LayerError: for a number that no layer has.
        """
        return layer_info(self.specs, number, "digit" if self.class_names == DIGITS else "class")

    def arrays(self) -> dict[int, dict[str, Array]]:
        """Return the arrays of each layer that has any, by layer number and name: views, in the file's shapes."""
        views: dict[int, dict[str, Array]] = {}
        for number, array, part in parts_of(self.specs, self.parameters, self.state):
            views.setdefault(number, {})[array.name] = array.view(part)
        return views

    def network(self, images: int = IMAGES_PER_PASS) -> Network:
        """Return new buffers over the model, for up to `images` images a pass."""
        return Network(self, images)

    def logits(self, images: Images) -> Array:
        """Return the logits (n, classes) of one image or many, as `cnn.inputs.as_images` takes them.

        Raises:
            InputError: for images that cannot be taken.
        """
        passes = self._passes(as_images(images))
        with single_threaded_blas():
            return np.concatenate([network.forward(part).T.copy() for network, part in passes])

    def probabilities(self, images: Images) -> Array:
        """Return the probability of each class, (n, classes), from 0 to 1, for images as in `logits`."""
        return self.to_probabilities(self.logits(images))

    def wholeness(self, images: Images) -> Array | None:
        """Return how probable it is that each class is shown whole and alone, (n, classes); None without digits."""
        return wholeness(images, alike_of(self.metadata)) if self.class_names == DIGITS else None

    def pairs(self, images: Images) -> Array | None:
        """Return how probable it is that two digits are shown, (n, 10, 10) from 0 to 1; None without digits."""
        return pairs(images, alike_of(self.metadata)) if self.class_names == DIGITS else None

    def to_probabilities(self, logits: Array) -> Array:
        """Return the probability of each class, (n, classes), for logits (n, classes)."""
        probabilities: Array = softmax(as_logits(logits, self.classes).T / self.temperature).T
        return probabilities

    def activations(self, images: Images, layer: int) -> Array:
        """Return what a layer outputs, (n, channels, rows, columns) or (n, units), for images as in `logits`.

        After ReLU, and before the pooling that may follow; before batch normalisation, where that follows; the
        probabilities, for the last layer.

        Raises:
            InputError: for images that cannot be taken; LayerError: for a number that no layer has.
        """
        info = self.layer(layer)
        with single_threaded_blas():
            outputs = [network.forward_to(part, layer).copy() for network, part in self._passes(as_images(images))]
        output = np.concatenate(outputs)
        if info.is_output:
            return self.to_probabilities(output)
        # Of a pooling layer at the beginning, and of one behind a ReLU, nothing is negative.
        return np.maximum(output, 0) if info.rectified else output

    def _passes(self, images: Array) -> list[tuple[Network, Array]]:
        """Return the passes over some images, each with a network that has read before: one image costs one image."""
        readers: dict[Any, Network] = vars(self._readers)
        size = min(IMAGES_PER_PASS, 1 << (len(images) - 1).bit_length())
        if size not in readers:
            readers[size] = self.network(size)
        return [(readers[size], images[first : first + size]) for first in range(0, len(images), size)]


def _numbers(specs: Specs) -> tuple[str, ...]:
    """Return the names of classes that have none: 0, 1 and so on."""
    return tuple(map(str, range(output_shapes(specs)[-1][0])))
