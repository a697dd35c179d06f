"""Arrays that processes share: memory without a name, which goes with the last process that sees it."""

from math import prod
from typing import Any, TypeAlias

import numpy as np

from system.arrays import Array
from system.processes import SPAWN

Memory: TypeAlias = dict[str, tuple[Any, "np.dtype[Any]", tuple[int, ...]]]


def share(arrays: dict[str, Array]) -> Memory:
    """Return copies of arrays in memory that spawned processes can be given."""
    memory: Memory = {}
    for name, array in arrays.items():
        memory[name] = SPAWN.RawArray("b", max(array.nbytes, 1)), array.dtype, array.shape
        _view(*memory[name])[...] = array
    return memory


def attach(memory: Memory) -> dict[str, Array]:
    """Return the arrays, as every process sees them."""
    return {name: _view(*shared) for name, shared in memory.items()}


def _view(memory: Any, dtype: "np.dtype[Any]", shape: tuple[int, ...]) -> Array:
    return np.frombuffer(memory, dtype, prod(shape)).reshape(shape)
