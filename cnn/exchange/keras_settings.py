"""Looking up the settings of a layer of Keras, which may be anything."""

from collections.abc import Callable
from typing import Any

from cnn.exchange import ExchangeError
from cnn.exchange.keras_archive import StoredLayer
from system.errors import quote

_MOST = 10**6


def refuse(layer: StoredLayer, why: str) -> ExchangeError:
    """Return an error that says why a layer cannot be taken."""
    return ExchangeError(f"{layer} cannot be taken: {why}.")


def whole(layer: StoredLayer, name: str) -> int:
    """Return a size, from 1 up.

    Raises:
        ExchangeError: for something else.
    """
    value: Any = layer.config.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= _MOST:
        raise refuse(layer, f"its {name} is a whole number from 1 up, but {quote(str(value))} was found")
    return value


def square(layer: StoredLayer, name: str) -> int:
    """Return a size that is the same along rows and columns.

    Raises:
        ExchangeError: for another.
    """
    value = layer.config.get(name)
    sizes = value if isinstance(value, list) else [value, value]
    whole_ones = all(isinstance(size, int) and not isinstance(size, bool) and 1 <= size <= _MOST for size in sizes)
    if len(sizes) != 2 or not whole_ones or sizes[0] != sizes[1]:
        raise refuse(layer, f"its {name} is the same along rows and columns here, but {quote(str(value))} was found")
    size: Any = sizes[0]
    return int(size)


def number(layer: StoredLayer, name: str) -> float:
    """Return a number.

    Raises:
        ExchangeError: for something else.
    """
    value = layer.config.get(name)
    if not isinstance(value, int | float) or isinstance(value, bool) or not abs(value) < _MOST:
        raise refuse(layer, f"its {name} is a number, but {quote(str(value))} was found")
    return float(value)


def require(layer: StoredLayer, name: str, only: Any, fits: Callable[[Any], bool] | None = None) -> None:
    """Check that a setting has the only value that can be taken; which it has where it is not there.

    Raises:
        ExchangeError: otherwise.
    """
    value = layer.config.get(name, only)
    if not (fits(value) if fits else value == only):
        raise refuse(layer, f"its {name} is {quote(str(only))} here, but {quote(str(value))} was found")


def padding(layer: StoredLayer) -> str:
    """Return 'valid' or 'same'.

    Raises:
        ExchangeError: for something else.
    """
    value = layer.config.get("padding", "valid")
    if value not in ("valid", "same"):
        raise refuse(layer, f"its padding is 'valid' or 'same', but {quote(str(value))} was found")
    return str(value)


def activation(layer: StoredLayer) -> str:
    """Return the activation: 'linear', 'relu' or 'softmax'.

    Raises:
        ExchangeError: for another.
    """
    value = layer.config.get("activation", "linear") or "linear"
    if isinstance(value, dict):
        inner = value.get("config")
        value = inner if isinstance(inner, str) else value.get("class_name")
    if value not in ("linear", "relu", "softmax"):
        raise refuse(layer, f"its activation is linear, relu or softmax here, but {quote(str(value))} was found")
    return str(value)
