"""The kinds of layers that a model string can name, one a file: see `cnn.layers.base` for what each gives."""

from cnn.layers.base import LayerSpec
from cnn.layers.convolution import Convolution
from cnn.layers.fully_connected import FullyConnected
from cnn.layers.pooling import Pooling

__all__ = ["KINDS", "Convolution", "FullyConnected", "LayerSpec", "Pooling"]

KINDS: tuple[type[LayerSpec], ...] = (Convolution, Pooling, FullyConnected)
