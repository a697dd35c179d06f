"""Layers of Keras, one after another, to the layers of a model string.

Activations are settings or layers in Keras, and here belong to layers: until its ReLU comes, a layer's is due. Where
Keras leaves out windows at the edge, this network has them: rows and columns behind those that Keras has. They reach no
others as long as nothing is padded, and the first fully connected layer gives them no weight.
"""

from collections.abc import Callable
from dataclasses import dataclass

from cnn.architecture import IMAGE_SHAPE
from cnn.exchange import ExchangeError
from cnn.exchange.keras_archive import StoredLayer
from cnn.exchange.keras_settings import refuse, require
from cnn.layers import FullyConnected
from cnn.layers.base import LayerSpec, Shape
from system.arrays import Array


@dataclass(frozen=True)
class Part:
    """Where the arrays of a layer come from: a layer of Keras, their shapes there, and what puts them into this one."""

    layer: StoredLayer
    shapes: list[Shape]
    store: Callable[[list[Array], dict[str, Array]], None]


class Chain:
    """What a chain of layers becomes.

    specs, parts: of this network; a part is None for a layer without arrays. shape: of what this network has so far.
    kept: the rows and columns that Keras has of it. flat: whether they are gone in Keras; channels_first: whether the
    channels came before them when they went. padding: what is due before the next convolution. due: the layer whose
    ReLU is still to come. ended: whether softmax came.
    """

    def __init__(self) -> None:
        self.specs: list[LayerSpec] = []
        self.parts: list[Part | None] = []
        self.shape: Shape = IMAGE_SHAPE
        self.kept = IMAGE_SHAPE[1], IMAGE_SHAPE[2]
        self.flat = self.channels_first = self.ended = False
        self.padding = 0
        self.due: StoredLayer | None = None

    def end(self) -> None:
        """Check that the chain may end here.

        Raises:
            ExchangeError: otherwise.
        """
        last = self.specs[-1] if self.specs else None
        if not isinstance(last, FullyConnected) or self.padding or not (self.ended or self.due):
            raise ExchangeError("a model ends in a Dense layer here, with softmax or no activation, but this does not.")

    def append(self, layer: StoredLayer, spec: LayerSpec, part: Part | None = None) -> None:
        """Add a layer, which comes of a layer of Keras."""
        spec.check(self.shape, str(layer), self.specs[-1] if self.specs else None)
        self.specs.append(spec)
        self.parts.append(part)
        self.shape = spec.output_shape(self.shape)

    def require_relu(self, layer: StoredLayer) -> None:
        """Check that no ReLU is due."""
        if self.due:
            raise refuse(layer, f"between {self.due} and it there is a ReLU here")

    def require_whole(self, layer: StoredLayer) -> None:
        """Check that nothing was left out at the edges."""
        if self.kept != self.shape[1:]:
            raise refuse(
                layer, "before it windows at the edge were left out, by padding='valid': padding='same' is known"
            )

    def require_maps(self, layer: StoredLayer) -> None:
        """Check that there are rows and columns, before the channels."""
        require(layer, "data_format", "channels_last", lambda value: value in ("channels_last", None))
        if self.flat:
            raise refuse(layer, "rows and columns are gone before it")

    def activate(self, layer: StoredLayer, name: str) -> None:
        """Take an activation."""
        if name == "softmax":
            if not (self.due and isinstance(self.specs[-1], FullyConnected)):
                raise refuse(layer, "softmax comes behind the last Dense layer here")
            self.ended = True
        if name != "linear":
            self.due = None
