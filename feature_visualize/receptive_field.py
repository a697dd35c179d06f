"""Receptive fields: the part of the image that a unit sees."""

from cnn.architecture import IMAGE_SHAPE, Specs, input_shapes, output_shapes


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


def map_edges(specs: Specs, layer: int) -> tuple[float, float]:
    """Return between which rows of the image a layer's map lies, were each unit a square around the middle it sees.

    Rows are counted from -0.5, the image's upper edge, to 27.5; columns are the same. Units are as far apart as the
    strides before them make them.
    """
    first, last, stride = 0.0, float(output_shapes(specs)[layer - 1][-1] - 1), 1
    for spec, shape in reversed(list(zip(specs[:layer], input_shapes(specs)[:layer], strict=True))):
        if (window := spec.window(shape)) is None:
            raise ValueError(f"Layer {layer} has no map.")
        middle = (window.size - 1) / 2 - window.offset
        first, last, stride = first * window.stride + middle, last * window.stride + middle, stride * window.stride
    return first - stride / 2, last + stride / 2


def seen_share(specs: Specs, layer: int) -> float:
    """Return the share of the image's pixels that a unit in the middle of a layer's output sees."""
    seen = receptive_field(specs, layer, _middle(specs, layer))
    share: float = ((seen.stop - seen.start) / IMAGE_SHAPE[1]) ** 2
    return share


def _middle(specs: Specs, layer: int) -> int:
    """Return the row of the unit in the middle of a layer's output; 0, where it has no rows."""
    shape = output_shapes(specs)[layer - 1]
    return shape[-1] // 2 if len(shape) > 1 else 0
