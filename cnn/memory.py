"""How much memory a network needs, before any of it is taken."""

from math import prod

import numpy as np
import psutil
from numpy.typing import DTypeLike

from cnn.architecture import (
    IMAGE_SHAPE,
    Convolution,
    ModelStringError,
    Pooling,
    Shape,
    Specs,
    parameter_counts,
    to_string,
)

# Parameters, gradient, its sum over a batch, Adam's moments and scratch, the average, and a copy of it.
VECTORS = 8


def memory_required(specs: Specs, images: int, dtype: DTypeLike = np.float32) -> tuple[int, ...]:
    """Bytes that each layer takes in training with `images` images a pass, parameters and buffers, within a tenth."""
    sizes = []
    shape: Shape = IMAGE_SHAPE
    for spec, following, parameters in zip(specs, (*specs[1:], None), parameter_counts(specs), strict=True):
        inputs, outputs = prod(shape), prod(spec.output_shape(shape))
        if isinstance(spec, Convolution):
            channels, height, width = shape
            columns = width - spec.kernel_size + 1
            unrolled = height * spec.kernel_size * channels * columns
            relu = 0 if isinstance(following, Pooling) else 2 * outputs
            buffers = (2 * unrolled + inputs + outputs + relu) * images + (columns + 3) * parameters
        else:
            buffers = 2 * (inputs + outputs) * images
        sizes.append((VECTORS * parameters + buffers) * np.dtype(dtype).itemsize)
        shape = spec.output_shape(shape)
    return tuple(sizes)


def require_memory(specs: Specs, images: int, dtype: DTypeLike = np.float32) -> None:
    """Nothing, where a network of these specs fits into the memory that is free.

    Raises:
        ModelStringError: otherwise, with the layer that takes most and how much is needed.
    """
    sizes = memory_required(specs, images, dtype)
    free = psutil.virtual_memory().available
    if sum(sizes) > free:
        largest = sizes.index(max(sizes))
        raise ModelStringError(
            f"Token {largest + 1}, '{specs[largest]}', of '{to_string(specs)}': a network has to fit into memory, but "
            f"this one needs {_format_bytes(sum(sizes))} ({_format_bytes(sizes[largest])} for this token), and "
            f"{_format_bytes(free)} are free. Use fewer filters or units, or pool before FC."
        )


def _format_bytes(count: int) -> str:
    """The count in GB: 1.5 GB, or 2e+17 GB."""
    gigabytes = count / 10**9
    return f"{gigabytes:,.1f} GB" if gigabytes < 10**6 else f"{gigabytes:.0e} GB"
