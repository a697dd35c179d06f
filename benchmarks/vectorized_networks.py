"""One network in six degrees of vectorization, after Table 1 of Ren & Xu, AAAI 2015 (arXiv 1501.07338).

| implementation | vectorized |
|---|---|
| 1 | fully connected |
| 2 | fully connected, and the batch (a parallel loop around 1) |
| 3 | fully connected, convolution |
| 4 | 3 and pooling |
| 5 | 4 and all feature maps in one unrolling |
| 6 | 5 and the batch |

6 is `cnn.network.Network`. 1, 3, 4 and 5 are the same network for one image, with other layers in its place; everything
else, ReLU included, is the same code, so that each step is what its row says. 3 and 4 convolve for each feature map by
itself: unrolling the image is part of that, and what 5 does once for all maps.
The backward pass of pooling is exact here; the paper's spreads a window's gradient over all of its elements.
"""

import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from math import prod
from types import TracebackType
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from benchmarks.vectorized_layers import ImageDense, LoopConvolution, LoopPooling, MapConvolution, UnrolledConvolution
from cnn.architecture import Specs
from cnn.buffers import Buffers
from cnn.layers import Convolution, FullyConnected, Pooling
from cnn.layers.base import LayerSpec, Shape
from cnn.loss import cross_entropy
from cnn.model import Model
from system.arrays import Array
from system.threads import single_threaded_blas


@dataclass(frozen=True)
class LoopConvolutionSpec(Convolution):
    """A convolution by plain loops."""

    def build(self, input_shape: Shape, images: int, buffers: Buffers) -> LoopConvolution:
        return LoopConvolution(self.filters, self.kernel_size, input_shape, images, buffers)


@dataclass(frozen=True)
class MapConvolutionSpec(Convolution):
    """A convolution of one feature map after another."""

    def build(self, input_shape: Shape, images: int, buffers: Buffers) -> MapConvolution:
        return MapConvolution(self.filters, self.kernel_size, input_shape, images, buffers)


@dataclass(frozen=True)
class UnrolledConvolutionSpec(Convolution):
    """A convolution of all feature maps at once, of one image."""

    def build(self, input_shape: Shape, images: int, buffers: Buffers) -> UnrolledConvolution:
        return UnrolledConvolution(self.filters, self.kernel_size, input_shape, images, buffers)


@dataclass(frozen=True)
class LoopPoolingSpec(Pooling):
    """Pooling by plain loops."""

    def build(self, input_shape: Shape, images: int, buffers: Buffers) -> LoopPooling:
        return LoopPooling(self.pool_size, input_shape, images, buffers)


@dataclass(frozen=True)
class ImageDenseSpec(FullyConnected):
    """A fully connected layer of one image."""

    def build(self, input_shape: Shape, images: int, buffers: Buffers) -> ImageDense:
        return ImageDense(self.units, prod(input_shape), images, buffers)


# What takes the place of each kind of layer; the model string, and all else, stays.
LAYERS: dict[int, dict[type[LayerSpec], type[LayerSpec]]] = {
    1: {Convolution: LoopConvolutionSpec, Pooling: LoopPoolingSpec, FullyConnected: ImageDenseSpec},
    3: {Convolution: MapConvolutionSpec, Pooling: LoopPoolingSpec, FullyConnected: ImageDenseSpec},
    4: {Convolution: MapConvolutionSpec, FullyConnected: ImageDenseSpec},
    5: {Convolution: UnrolledConvolutionSpec, FullyConnected: ImageDenseSpec},
    6: {},
}


class OneProcess:
    """Implementation 1, 3, 4, 5 or 6 in this process; a batch takes passes of `images` images, 1 except for 6."""

    def __init__(self, number: int, specs: Specs, images: int = 1, dtype: DTypeLike = np.float32) -> None:
        replaced = tuple(LAYERS[number].get(type(spec), type(spec))(**vars(spec)) for spec in specs)
        self.network = Model.create(replaced, dtype=dtype).network(images)
        self._sum = np.zeros_like(self.network.gradient)

    def logits(self, images: Array) -> Array:
        """Logits (10, n) of n images (n, 28, 28)."""
        logits = np.empty((self.network.model.classes, len(images)), self.network.gradient.dtype)
        for part in self._passes(len(images)):
            logits[:, part] = self.network.forward(images[part])
        return logits

    def gradient(self, images: Array, labels: NDArray[np.integer[Any]]) -> Array:
        """Gradient (parameters,) of the summed loss of n images (n, 28, 28) with labels (n,); overwritten next time."""
        passes = self._passes(len(images))
        for number, part in enumerate(passes):
            _, logits_gradient = cross_entropy(self.network.forward(images[part]), labels[part])
            self.network.backward(logits_gradient)
            if len(passes) == 1:
                return self.network.gradient
            np.add(self._sum if number else 0, self.network.gradient, out=self._sum)
        return self._sum

    def _passes(self, count: int) -> list[slice]:
        size = self.network.images
        return [slice(first, first + size) for first in range(0, count, size)]


class ParallelLoop:
    """Implementation 2: a parallel loop over the images, implementation 1 inside it; a context manager.

    The paper's parallel loop, on a CPU: worker processes, each with its share of the images, which brings at most as
    many times the speed as there are cores. Fully connected layers stay products of one image: together they take less
    than a thousandth of an image's time in implementation 1, so one product for the whole batch would not show.
    """

    def __init__(self, specs: Specs, workers: int, dtype: DTypeLike = np.float32) -> None:
        self._specs = specs
        self.network = OneProcess(1, specs, 1, dtype).network
        self._workers = workers
        self._pool = ProcessPoolExecutor(workers, multiprocessing.get_context("spawn"))

    def __enter__(self) -> "ParallelLoop":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._pool.shutdown()

    def logits(self, images: Array) -> Array:
        """As OneProcess."""
        return np.concatenate(self._shares("logits", images), axis=1)

    def gradient(self, images: Array, labels: NDArray[np.integer[Any]]) -> Array:
        """As OneProcess."""
        gradient: Array = np.add.reduce(self._shares("gradient", images, labels), axis=0)
        return gradient

    def _shares(self, method: str, *arrays: Array) -> list[Array]:
        shares = zip(*(np.array_split(array, self._workers) for array in arrays), strict=True)
        arguments = method, self._specs, self.network.model.parameters
        return [share.result() for share in [self._pool.submit(_share, *arguments, *share) for share in shares]]


def _share(method: str, specs: Specs, parameters: Array, *arrays: Array) -> Array:
    """What a worker process does; building the network takes milliseconds, where an image takes seconds."""
    worker = OneProcess(1, specs, 1, parameters.dtype)
    worker.network.model.parameters[...] = parameters
    with single_threaded_blas():
        result: Array = getattr(worker, method)(*arrays)
    return result
