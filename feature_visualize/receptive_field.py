"""Receptive fields: the part of the image that a unit sees."""

from cnn.architecture import IMAGE_SHAPE, Specs, input_shapes


def receptive_field(specs: Specs, layer: int, unit: int) -> slice:
    """Return the rows of the image that a unit in row `unit` of a layer's output sees; columns are the same.

    All of them, for a unit behind a layer whose units see everything.
    """
    first = last = unit
    for spec, shape in reversed(list(zip(specs[:layer], input_shapes(specs)[:layer], strict=True))):
        window = spec.window(shape)
        if window is None:
            return slice(0, IMAGE_SHAPE[1])
        first = max(first * window.stride - window.offset, 0)
        last = min(last * window.stride - window.offset + window.size, shape[-1]) - 1
    return slice(first, last + 1)
