"""What becomes of each kind of layer that Keras has."""

from collections.abc import Callable
from math import prod

import numpy as np

from cnn.architecture import IMAGE_SHAPE
from cnn.exchange.keras_archive import StoredLayer
from cnn.exchange.keras_chain import Chain, Part
from cnn.exchange.keras_settings import activation, number, padding, refuse, require, square, whole
from cnn.layers import BatchNormalisation, Convolution, Dropout, FullyConnected, MeanPooling, Pooling
from cnn.layers.batch_normalisation import EPSILON
from system.arrays import Array
from system.errors import quote

_SIZE = IMAGE_SHAPE[1]

Take = Callable[[Chain, StoredLayer], None]


def add_layer(chain: Chain, layer: StoredLayer) -> None:
    """Take the next layer of a chain.

    Raises:
        ExchangeError: where it cannot be taken; ModelStringError: where it does not fit.
    """
    if layer.kind == "Lambda":
        raise refuse(layer, "it holds code of whoever made it, which is never run here")
    take = _TAKEN.get(layer.kind)
    if take is None:
        known = ", ".join(kind for kind in _TAKEN if kind != "InputLayer")
        raise refuse(layer, f"a model string can name what becomes of {known}, and no others")
    if chain.ended:
        raise refuse(layer, "it stands behind the softmax, which ends a model here")
    if chain.padding and layer.kind != "Conv2D":
        raise refuse(layer, "zero padding comes right before a convolution here")
    if chain.channels_first and not chain.flat and layer.kind != "Flatten":
        raise refuse(layer, "Permute((3, 1, 2)) comes right before Flatten here")
    take(chain, layer)


def _input(chain: Chain, layer: StoredLayer) -> None:
    shape = layer.config.get("batch_shape", layer.config.get("batch_input_shape"))
    shapes = ([None, _SIZE, _SIZE, 1], [None, _SIZE, _SIZE], [None, _SIZE**2])
    if not isinstance(shape, list) or [None, *shape[1:]] not in shapes or chain.specs:
        raise refuse(layer, f"images are (28, 28, 1), (28, 28) or (784,) here, but {quote(str(shape))} was found")
    chain.flat = len(shape) == 2


def _rescaling(chain: Chain, layer: StoredLayer) -> None:
    if chain.specs or abs(number(layer, "scale") * 255 - 1) > 1e-3 or number(layer, "offset"):
        raise refuse(layer, "images are from 0 to 1 here, by Rescaling(1 / 255) at the beginning")


def _reshape(chain: Chain, layer: StoredLayer) -> None:
    target = layer.config.get("target_shape")
    if not isinstance(target, list) or chain.specs or target not in ([_SIZE, _SIZE, 1], [_SIZE, _SIZE], [_SIZE**2]):
        raise refuse(layer, "a reshape makes images of 28x28 at the beginning, and nothing else, here")
    chain.flat = len(target) == 1


def _zero_padding(chain: Chain, layer: StoredLayer) -> None:
    chain.require_maps(layer)
    value = layer.config.get("padding")
    sides = np.ravel(value).tolist() if isinstance(value, int | list) else []
    if not sides or any(side != sides[0] for side in sides) or not isinstance(sides[0], int) or not 0 <= sides[0] <= 99:
        raise refuse(layer, f"padding is the same at all sides here, but {quote(str(value))} was found")
    chain.padding = sides[0]


def _convolution(chain: Chain, layer: StoredLayer) -> None:
    chain.require_maps(layer)
    chain.require_relu(layer)
    require(layer, "dilation_rate", [1, 1], lambda value: value in (1, [1, 1]))
    require(layer, "groups", 1)
    filters, size, stride = whole(layer, "filters"), square(layer, "kernel_size"), square(layer, "strides")
    around, extra = chain.padding, 0
    if padding(layer) == "same":
        # Of an odd number of rows that are missing, Keras puts one more at the end: here a kernel with a first row of
        # zeros, and as much padding at both ends.
        length = chain.kept[0]
        missing = max((-(-length // stride) - 1) * stride + size - length, 0)
        extra, around = missing % 2, around + (missing + 1) // 2
    if around:
        chain.require_whole(layer)
    chain.padding = 0
    spec = Convolution(filters, size + extra, around, stride)
    shape = (size, size, chain.shape[0], filters)
    biased = bool(layer.config.get("use_bias", True))

    def store(found: list[Array], own: dict[str, Array]) -> None:
        own["weight"][...] = 0
        own["weight"][:, :, extra:, extra:] = found[0].transpose(3, 2, 0, 1)
        own["bias"][...] = found[1] if biased else 0

    kept = chain.kept
    chain.append(layer, spec, Part(layer, [shape, (filters,)][: 1 + biased], store))
    chain.kept = _each(kept, lambda length: (length + 2 * around - size - extra) // stride + 1)
    if min(chain.kept) < 1:
        raise refuse(layer, "its filter is larger than its input")
    chain.due = layer
    chain.activate(layer, activation(layer))


def _each(sizes: tuple[int, int], change: Callable[[int], int]) -> tuple[int, int]:
    rows, columns = sizes
    return change(rows), change(columns)


def _pooling(kind: type[Pooling | MeanPooling]) -> Take:
    def take(chain: Chain, layer: StoredLayer) -> None:
        chain.require_maps(layer)
        if kind is MeanPooling:
            chain.require_relu(layer)
        size = square(layer, "pool_size")
        if layer.config.get("strides") is not None and square(layer, "strides") != size:
            raise refuse(layer, "its strides are its pool_size here")
        if padding(layer) == "same":
            chain.require_whole(layer)
            kept = _each(chain.kept, lambda length: -(-length // size))
        else:
            kept = _each(chain.kept, lambda length: length // size)
            if min(kept) < 1:
                raise refuse(layer, "its window is larger than its input")
            if any(-length % size > 1 for length in chain.shape[1:]):  # windows here begin elsewhere
                raise refuse(layer, "windows at the edge are left out, by padding='valid': padding='same' is known")
        chain.append(layer, kind(size))
        chain.kept = kept

    return take


def _global_pooling(kind: type[Pooling | MeanPooling]) -> Take:
    def take(chain: Chain, layer: StoredLayer) -> None:
        chain.require_maps(layer)
        chain.require_whole(layer)
        if kind is MeanPooling:
            chain.require_relu(layer)
        if chain.shape[1] > 1:
            chain.append(layer, kind(chain.shape[1]))
        chain.kept = 1, 1
        chain.flat = not layer.config.get("keepdims", False)

    return take


def _normalisation(chain: Chain, layer: StoredLayer) -> None:
    if not chain.due or not isinstance(chain.specs[-1], Convolution | FullyConnected):
        raise refuse(
            layer, "batch normalisation comes right behind a convolution or a Dense layer, before its ReLU, here"
        )
    require(layer, "axis", -1, lambda value: value in (-1, [-1], 1 if chain.flat else 3))
    names = ["gamma"] * bool(layer.config.get("scale", True)) + ["beta"] * bool(layer.config.get("center", True))
    names += ["mean", "variance"]
    epsilon = number(layer, "epsilon")
    shape = chain.shape[:1]

    def store(found: list[Array], own: dict[str, Array]) -> None:
        for name, array in zip(names, found, strict=True):
            own[name][...] = array
        variance = own["variance"].astype(np.float64)
        if (variance < 0).any() or (variance + epsilon <= 0).any():
            raise refuse(layer, "a variance is 0 or more, but this has one below")
        own["gamma"][...] *= np.sqrt((variance + EPSILON) / (variance + epsilon))

    chain.append(layer, BatchNormalisation(), Part(layer, [shape] * len(names), store))
    chain.due = layer


def _dense(chain: Chain, layer: StoredLayer) -> None:
    chain.require_relu(layer)
    if not chain.flat:
        raise refuse(layer, "it comes behind Flatten here")
    units, shape, kept, first = whole(layer, "units"), chain.shape, chain.kept, chain.channels_first
    inputs = prod((shape[0], *kept)) if len(shape) > 1 else shape[0]
    biased = bool(layer.config.get("use_bias", True))

    def store(found: list[Array], own: dict[str, Array]) -> None:
        own["bias"][...] = found[1] if biased else 0
        if len(shape) == 1:
            own["weight"][...] = found[0].T
            return
        rows, columns = kept
        order = (units, shape[0], rows, columns) if first else (units, rows, columns, shape[0])
        by_place = found[0].T.reshape(order)
        weight = np.zeros((units, *shape), np.float32)
        weight[:, :, :rows, :columns] = by_place if first else by_place.transpose(0, 3, 1, 2)
        own["weight"][...] = weight.reshape(units, -1)

    chain.append(layer, FullyConnected(units), Part(layer, [(inputs, units), (units,)][: 1 + biased], store))
    chain.due = layer
    chain.activate(layer, activation(layer))


def _dropout(chain: Chain, layer: StoredLayer) -> None:
    rate = number(layer, "rate")
    if rate:
        chain.append(layer, Dropout(rate))


def _flatten(chain: Chain, layer: StoredLayer) -> None:
    chain.flat = True


def _permute(chain: Chain, layer: StoredLayer) -> None:
    chain.require_maps(layer)
    require(layer, "dims", [3, 1, 2])
    chain.channels_first = True


def _relu(chain: Chain, layer: StoredLayer) -> None:
    for name, only in (("max_value", None), ("negative_slope", 0), ("threshold", 0)):
        require(layer, name, only)
    chain.activate(layer, "relu")


def _idle(chain: Chain, layer: StoredLayer) -> None:
    """Do nothing, as the layer does when it reads."""


_TAKEN: dict[str, Take] = {
    "InputLayer": _input,
    "Rescaling": _rescaling,
    "Reshape": _reshape,
    "Conv2D": _convolution,
    "ZeroPadding2D": _zero_padding,
    "MaxPooling2D": _pooling(Pooling),
    "AveragePooling2D": _pooling(MeanPooling),
    "GlobalMaxPooling2D": _global_pooling(Pooling),
    "GlobalAveragePooling2D": _global_pooling(MeanPooling),
    "BatchNormalization": _normalisation,
    "ReLU": _relu,
    "Activation": lambda chain, layer: chain.activate(layer, activation(layer)),
    "Softmax": lambda chain, layer: chain.activate(layer, "softmax"),
    "Dropout": _dropout,
    "GaussianNoise": _idle,
    "GaussianDropout": _idle,
    "Flatten": _flatten,
    "Permute": _permute,
    "Dense": _dense,
}
