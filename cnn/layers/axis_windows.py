"""The windows of pooling along one axis, and what every kind of pooling says of shapes."""

from dataclasses import dataclass

from cnn.layers.base import LayerSpec, ModelStringError, Shape, Window, require_rows, shorten

MAX_POOL_SIZE = 28  # pixels, the side of an image


class AxisWindows:
    """Windows of one axis of an array, stride equal to the window.

    What the last window lacks is cut off both ends, the larger half off the last window. The element at 0 is then in
    the first window, and every pool_size-th from there in the next, which makes them the ones to start from.

    shape: of one number for each window. sizes: how many elements each window has. start: the elements to start from.
    others: the other elements, nearest first: where they are, their windows, the shape of both, and whether they lie
    before the start. incomplete: the windows that lack an element.
    """

    def __init__(self, shape: Shape, axis: int, pool_size: int) -> None:
        def along_axis(part: slice | list[int]) -> tuple[slice | list[int], ...]:
            return (*[slice(None)] * axis, part)

        def with_length(length: int) -> Shape:
            return (*shape[:axis], length, *shape[axis + 1 :])

        length = shape[axis]
        windows = -(-length // pool_size)
        missing = windows * pool_size - length
        cut = missing // 2
        self.shape = with_length(windows)
        self.sizes = [
            min((window + 1) * pool_size - cut, length) - max(window * pool_size - cut, 0) for window in range(windows)
        ]
        self.start = along_axis(slice(0, None, pool_size))
        self.others = [
            (
                along_axis(slice(first, None, pool_size)),
                along_axis(slice(window, window + count)),
                with_length(count),
                window > 0,
            )
            for first, window in [(pool_size - back, 1) for back in range(1, cut + 1)]
            + [(ahead, 0) for ahead in range(1, pool_size - cut)]
            if (count := len(range(first, length, pool_size)))
        ]
        incomplete = [0] * (cut > 0) + [windows - 1] * (missing > cut)
        self.incomplete = along_axis(incomplete if self.others else slice(None))


@dataclass(frozen=True)
class PoolingSpec(LayerSpec):
    """What all kinds of pooling say: windows of pool_size x pool_size, stride equal to the window.

    Windows that do not fit are smaller, as with Keras' padding 'same': what they lack is cut off both edges, the larger
    half at the end.
    """

    pool_size: int

    def check(self, input_shape: Shape, place: str, before: LayerSpec | None = None) -> None:
        require_rows(input_shape, place)
        if self.pool_size > MAX_POOL_SIZE:
            raise ModelStringError(
                f"{place}: a pooling window is at most {MAX_POOL_SIZE}, the size of the image, but this is "
                f"{shorten(self.pool_size)}. Use a smaller one, such as {self.example}."
            )

    def output_shape(self, input_shape: Shape) -> Shape:
        """(C, H, W) to (C, ceil(H / pool_size), ceil(W / pool_size))."""
        channels, height, width = input_shape
        return channels, -(-height // self.pool_size), -(-width // self.pool_size)

    def window(self, input_shape: Shape) -> Window:
        _, height, _ = input_shape
        missing = -(-height // self.pool_size) * self.pool_size - height
        return Window(self.pool_size, self.pool_size, missing // 2)
