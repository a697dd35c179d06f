"""What the fields of a model may hold, or are refused with in a sentence; and what a weight file may hold of them."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from cnn.architecture import Specs, output_shapes, parameter_counts, state_sizes, to_string
from cnn.inputs import InputError
from system.arrays import Array
from system.errors import quote


def require_sizes(specs: Specs, parameters: Array, state: Array, class_names: tuple[str, ...]) -> None:
    """Check that parameters, numbers of the kept state and class names are as many as the layers have.

    Raises:
        InputError: otherwise.
    """
    for name, size, shape in (
        ("parameters", sum(parameter_counts(specs)), np.shape(parameters)),
        ("numbers of kept state", sum(state_sizes(specs)), np.shape(state)),
        ("class names", output_shapes(specs)[-1][0], np.shape(class_names)),
    ):
        if shape != (size,):
            raise InputError(
                f"{to_string(specs)} has {size:,} {name}: the shape {shape} was given. Make a model by Model.create or "
                "Model.load."
            )


def as_class_names(names: Any) -> tuple[str, ...]:
    """Return names of classes; whole numbers, as of np.arange(10), become texts.

    Raises:
        InputError: for none, for one that is empty, cannot be printed or is there twice, or for what has no names.
    """

    def refuse(given: str) -> InputError:
        return InputError(
            f"Class names are different texts that can be printed: {given} was given. Give a list of them, or none."
        )

    if not isinstance(names, Iterable):
        raise refuse(quote(str(names)))
    found: list[str] = []
    for name in names:
        text = str(name)
        whole = isinstance(name, int | np.integer) and not isinstance(name, bool)
        if not (whole or isinstance(name, str)) or not (text and text.isprintable()) or text in found:
            raise refuse(quote(text) + (" twice" if text in found else ""))
        found.append(text)
    if not found:
        raise refuse("an empty list")
    return tuple(found)


def as_float_type(dtype: DTypeLike) -> np.dtype[Any]:
    """Return the type of a model's numbers, float32 or float64.

    Raises:
        InputError: for another.
    """
    try:
        found = np.dtype(dtype)
    except TypeError:
        found = np.dtype(object)
    if found not in (np.float32, np.float64):
        raise InputError(f"The type of a model is float32 or float64: {quote(str(dtype))} was given. Try 'float32'.")
    return found


def require_storable(parameters: Array, metadata: Mapping[str, Any], longest: int) -> None:
    """Check that a weight file that holds these can be read again.

    longest: how many characters of JSON the metadata may have.

    Raises:
        InputError: otherwise.
    """
    with np.errstate(over="ignore"):
        wrong = parameters.size - np.count_nonzero(np.isfinite(parameters.astype(np.float32, copy=False)))
    if wrong:
        raise InputError(
            f"A weight file holds finite numbers of 32 bits: {wrong:,} of {parameters.size:,} parameters are none. "
            "Train the model anew, with a lower learning rate."
        )
    try:
        length = len(json.dumps(metadata, allow_nan=False))
    except (TypeError, ValueError, RecursionError) as error:
        raise InputError(
            f"Metadata are what JSON holds, texts, finite numbers, lists and objects: {quote(str(metadata))} was given "
            f"({error}). Convert it."
        ) from error
    if length > longest:
        raise InputError(f"Metadata are at most {longest:,} characters: {length:,} were given. Leave some out.")
