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
from types import TracebackType
from typing import Any
from unittest.mock import patch

import numpy as np
from numpy.typing import DTypeLike, NDArray

from benchmarks.vectorized_layers import ImageDense, LoopConvolution, LoopPooling, MapConvolution, UnrolledConvolution
from cnn import Array
from cnn.architecture import DIGITS, Specs
from cnn.blas import single_threaded_blas
from cnn.layers import Conv2D, Dense, MaxPool2D
from cnn.loss import cross_entropy
from cnn.network import Network

LAYERS: dict[int, tuple[type[Conv2D], type[MaxPool2D], type[Dense]]] = {
    1: (LoopConvolution, LoopPooling, ImageDense),
    3: (MapConvolution, LoopPooling, ImageDense),
    4: (MapConvolution, MaxPool2D, ImageDense),
    5: (UnrolledConvolution, MaxPool2D, ImageDense),
    6: (Conv2D, MaxPool2D, Dense),
}


class OneProcess:
    """Implementation 1, 3, 4, 5 or 6 in this process; a batch takes passes of `images` images, 1 except for 6."""

    def __init__(self, number: int, specs: Specs, images: int = 1, dtype: DTypeLike = np.float32) -> None:
        convolution, pooling, dense = LAYERS[number]
        with patch.multiple("cnn.network", Conv2D=convolution, MaxPool2D=pooling, Dense=dense):
            self.network = Network(specs, images, dtype)
        self._sum = np.zeros_like(self.network.parameters)

    def logits(self, images: Array) -> Array:
        """Logits (10, n) of n images (n, 28, 28)."""
        logits = np.empty((DIGITS, len(images)), self.network.parameters.dtype)
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
        arguments = method, self.network.specs, self.network.parameters
        return [share.result() for share in [self._pool.submit(_share, *arguments, *share) for share in shares]]


def _share(method: str, specs: Specs, parameters: Array, *arrays: Array) -> Array:
    """What a worker process does; building the network takes milliseconds, where an image takes seconds."""
    worker = OneProcess(1, specs, 1, parameters.dtype)
    worker.network.parameters[...] = parameters
    with single_threaded_blas():
        result: Array = getattr(worker, method)(*arrays)
    return result
