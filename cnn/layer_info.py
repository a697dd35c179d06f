"""What there is to know of a layer without running it."""

from dataclasses import dataclass

import numpy as np

from cnn.architecture import Specs, output_shapes
from cnn.layers.base import LayerSpec, Shape
from system.errors import UserError, quote


class LayerError(UserError):
    """A layer that the model does not have."""


@dataclass(frozen=True)
class LayerInfo:
    """What there is to know of a layer without running it.

    number: in the model string, from 1. shape: of its output for one image. channels: how many channels or units it
    has. unit: what one of them is called. is_output: whether its units are the classes. rectified: whether what it
    outputs is shown after a ReLU: not the logits, nor what batch normalisation is to follow.
    """

    number: int
    spec: LayerSpec
    shape: Shape
    channels: int
    is_output: bool
    unit: str
    rectified: bool


def layer_info(specs: Specs, number: int, of_output: str) -> LayerInfo:
    """Return what there is to know of a layer, by its number from 1; of_output: what a unit of the last is called.

    Raises:
        LayerError: for a number that no layer has.
    """
    last, whole = len(specs), isinstance(number, int | np.integer) and not isinstance(number, bool)
    if not (whole and 1 <= number <= last):
        given = number if whole else quote(str(number))
        raise LayerError(f"Layers of this model are numbered from 1 to {last}: {given} was given. Choose another.")
    number = int(number)
    shape, is_output = output_shapes(specs)[number - 1], number == last
    unit = of_output if is_output else "channel" if len(shape) > 1 else "unit"
    after = None if is_output else specs[number]
    rectified = not is_output and not (after and after.relu and after.relu_after)
    return LayerInfo(number, specs[number - 1], shape, shape[0], is_output, unit, rectified)
