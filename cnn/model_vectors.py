"""The two flat vectors of a model, parameters and kept state, and where each array lies in them."""

import numpy as np
from numpy.typing import DTypeLike

from cnn.architecture import Specs, arrays, parameter_counts, state_sizes
from cnn.layers.base import ParameterArray
from system.arrays import Array


def empty_vectors(specs: Specs, dtype: DTypeLike) -> tuple[Array, Array]:
    """Return vectors for parameters and for kept state, with whatever numbers."""
    return np.empty(sum(parameter_counts(specs)), dtype), np.empty(sum(state_sizes(specs)), dtype)


def parts_of(specs: Specs, parameters: Array, state: Array) -> list[tuple[int, ParameterArray, Array]]:
    """Return each array's layer number, its description, and its part of the flat vector that it is in."""
    parts, vectors = [], {False: parameters, True: state}
    for number, of_layer in enumerate(arrays(specs), 1):
        for array in of_layer:
            parts.append((number, array, vectors[array.kept][: array.size]))
            vectors[array.kept] = vectors[array.kept][array.size :]
    return parts
