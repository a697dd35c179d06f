"""How much memory a network needs, before any of it is taken."""

import numpy as np
import psutil
from numpy.typing import DTypeLike

from cnn.architecture import Specs, parameter_counts, state_sizes, to_string
from cnn.layers.base import ModelStringError
from cnn.plan import plan

# Parameters, gradient, its sum over a batch, Adam's moments and scratch, the average, and a copy of it.
VECTORS = 8


def memory_required(specs: Specs, images: int, dtype: DTypeLike = np.float32, fast: bool = True) -> tuple[int, ...]:
    """Return the bytes of each layer in training with so many images a pass, parameters and buffers, within a tenth."""
    sizes = [VECTORS * count + kept for count, kept in zip(parameter_counts(specs), state_sizes(specs), strict=True)]
    for operation in plan(specs, fast):
        sizes[operation.number - 1] += operation.buffer_size(images)
    return tuple(size * np.dtype(dtype).itemsize for size in sizes)


def require_memory(specs: Specs, images: int, dtype: DTypeLike = np.float32, fast: bool = True) -> None:
    """Check that a network of these specs fits into the memory that is free.

    Raises:
        ModelStringError: otherwise, with the layer that takes most and how much is needed.
    """
    sizes = memory_required(specs, images, dtype, fast)
    free = psutil.virtual_memory().available
    if sum(sizes) > free:
        largest = sizes.index(max(sizes))
        raise ModelStringError(
            f"Token {largest + 1}, '{specs[largest]}', of '{to_string(specs)}': a network has to fit into memory, but "
            f"this one needs {_format_bytes(sum(sizes))} ({_format_bytes(sizes[largest])} for this token), and "
            f"{_format_bytes(free)} are free. Use fewer filters or units, or pool before FC."
        )


def _format_bytes(count: int) -> str:
    """Return the count in GB: 1.5 GB, or 2e+17 GB."""
    gigabytes = count / 10**9
    return f"{gigabytes:,.1f} GB" if gigabytes < 10**6 else f"{gigabytes:.0e} GB"
