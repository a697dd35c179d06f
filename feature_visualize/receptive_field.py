"""Receptive fields: the part of the image that a unit sees."""

from cnn.architecture import IMAGE_SHAPE, Convolution, FullyConnected, Pooling, Specs, output_shapes


def receptive_field(specs: Specs, layer: int, unit: int) -> slice:
    """The rows of the image that a unit in row `unit` of a layer's output sees; columns are the same.

    All of them, for a fully connected layer.
    """
    sizes = [shape[-1] for shape in (IMAGE_SHAPE, *output_shapes(specs))]
    first = last = unit
    for spec, inputs, outputs in reversed(list(zip(specs[:layer], sizes[:layer], sizes[1:], strict=False))):
        match spec:
            case FullyConnected():
                return slice(0, IMAGE_SHAPE[1])
            case Convolution():
                last += spec.kernel_size - 1
            case Pooling():
                cut = (outputs * spec.pool_size - inputs) // 2
                first = max(first * spec.pool_size - cut, 0)
                last = min((last + 1) * spec.pool_size - cut, inputs) - 1
    return slice(first, last + 1)
