"""The type of arrays whose shape and dtype a docstring gives."""

from typing import Any, TypeAlias

from numpy.typing import NDArray

Array: TypeAlias = NDArray[Any]
