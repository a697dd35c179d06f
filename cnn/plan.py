"""The plan of a network: what runs after what, from specs alone."""

from dataclasses import dataclass
from math import prod

from cnn.architecture import Specs, input_shapes
from cnn.buffers import Buffers
from cnn.layers.base import Kernel, LayerSpec, Shape
from cnn.layers.even_odd import with_even_odd
from cnn.layers.flatten import Flatten
from cnn.layers.relu import ReLU


@dataclass(frozen=True)
class Operation:
    """One operation of a pass.

    number: of the layer that it belongs to, from 1. spec: of that layer, where this is its own operation; None for the
    Flatten before it and the ReLU behind it. input_shape: for one image.
    """

    name: str
    number: int
    input_shape: Shape
    spec: LayerSpec | None = None

    def __str__(self) -> str:
        return self.name

    def build(self, images: int, buffers: Buffers) -> Kernel:
        """Return its kernel for a number of images."""
        if self.spec:
            return self.spec.build(self.input_shape, images, buffers)
        return (Flatten if self.name == "Flatten" else ReLU)(self.input_shape, images, buffers)

    def buffer_size(self, images: int) -> int:
        """Return how many numbers its kernel allocates."""
        if self.spec:
            return self.spec.buffer_size(self.input_shape, images)
        return 2 * prod(self.input_shape) * images


def plan(specs: Specs, fast: bool = False) -> tuple[Operation, ...]:
    """Return all operations in the order in which they run.

    Maximum and ReLU commute, so a ReLU runs after the pooling that follows it, on fewer numbers. Batch normalisation
    comes before it. The last layer has none: its outputs are logits.

    fast: with the kernels of `cnn.layers.even_odd` where they apply, which compute the same.
    """
    operations: list[Operation] = []
    relu_of = 0  # the number of the layer whose ReLU is due
    chosen = with_even_odd(specs) if fast else specs
    for number, (spec, shape) in enumerate(zip(chosen, input_shapes(specs), strict=True), 1):
        if relu_of and not spec.relu_after:
            operations.append(Operation("ReLU", relu_of, shape))
            relu_of = 0
        if spec.flat and len(shape) > 1:
            operations.append(Operation("Flatten", number, shape))
        operations.append(Operation(str(spec), number, shape, spec))
        relu_of = 0 if spec.with_relu else relu_of
        if spec.relu and number < len(specs):
            relu_of = number
    return tuple(operations)
