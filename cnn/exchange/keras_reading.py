"""Models of Keras, as far as a model string can name their layers."""

from pathlib import Path

from cnn.architecture import parse, to_string
from cnn.exchange import ExchangeError
from cnn.exchange.keras_archive import KerasArchive
from cnn.exchange.keras_chain import Chain
from cnn.exchange.keras_kinds import add_layer
from cnn.layers.base import ModelStringError
from cnn.memory import require_memory
from cnn.model import Model


def read_keras(path: Path) -> Model:
    """Return the model of a .keras file.

    Raises:
        ExchangeError: for what cannot be read, or taken: the sentence names the layer or the array, and why.
    """
    with KerasArchive(path) as archive:
        chain = Chain()
        try:
            for layer in archive.layers:
                add_layer(chain, layer)
            chain.end()
            specs = parse(to_string(tuple(chain.specs)))
            require_memory(specs, 1)
            # All arrays are there, and as large as they should be, before memory is taken for them.
            parts = [(number, part) for number, part in enumerate(chain.parts, 1) if part]
            read = [archive.arrays(part.layer, part.shapes) for _, part in parts]
            model = Model.create(specs)
            for (number, part), found in zip(parts, read, strict=True):
                part.store(found, model.arrays()[number])
        except (ExchangeError, ModelStringError) as error:
            raise ExchangeError(f"{path}: {error}") from error
    return model
