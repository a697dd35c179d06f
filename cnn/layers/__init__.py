"""The kinds of layers that a model string can name, one a file: see `cnn.layers.base` for what each gives."""

from cnn.layers.base import LayerSpec
from cnn.layers.batch_normalisation import BatchNormalisation
from cnn.layers.convolution import Convolution
from cnn.layers.dropout import Dropout
from cnn.layers.fully_connected import FullyConnected
from cnn.layers.mean_pooling import MeanPooling
from cnn.layers.pooling import Pooling

__all__ = [
    "KINDS",
    "BatchNormalisation",
    "Convolution",
    "Dropout",
    "FullyConnected",
    "LayerSpec",
    "MeanPooling",
    "Pooling",
]

KINDS: tuple[type[LayerSpec], ...] = (Convolution, Pooling, MeanPooling, BatchNormalisation, Dropout, FullyConnected)
