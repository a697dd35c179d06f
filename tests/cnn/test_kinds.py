"""The contract of a layer kind, which every kind that a model string can name has to keep."""

from math import prod

import numpy as np
import pytest

from cnn.architecture import parse
from cnn.buffers import Buffers
from cnn.layers import KINDS
from cnn.layers.base import Context, Kernel, LayerSpec, Shape, in_memory
from cnn.layers.batch_normalisation import BatchNormalisation
from cnn.layers.convolution import Convolution
from cnn.layers.dropout import Dropout
from cnn.layers.fully_connected import FullyConnected
from cnn.layers.mean_pooling import MeanPooling
from cnn.layers.pooling import Pooling
from system.arrays import Array

# A spec of each kind with an input it fits: one channel and many, ragged, as small as it can be.
CASES: list[tuple[LayerSpec, Shape]] = [
    (Convolution(8, 5), (1, 28, 28)),
    (Convolution(16, 3), (8, 12, 12)),
    (Convolution(1, 1), (1, 6, 6)),
    (Convolution(2, 7), (3, 7, 7)),
    (Convolution(8, 3, padding=1), (2, 13, 13)),
    (Convolution(3, 3, stride=2), (4, 12, 12)),
    (Convolution(2, 5, padding=4, stride=3), (3, 7, 7)),
    (Convolution(2, 1, stride=4), (1, 9, 9)),
    (Pooling(1), (2, 6, 6)),
    (Pooling(2), (8, 24, 24)),
    (Pooling(2), (3, 11, 11)),
    (Pooling(3), (2, 13, 13)),
    (Pooling(4), (3, 9, 9)),
    (Pooling(5), (1, 3, 3)),
    (Pooling(28), (2, 20, 20)),
    (MeanPooling(1), (2, 6, 6)),
    (MeanPooling(2), (8, 24, 24)),
    (MeanPooling(3), (2, 13, 13)),
    (MeanPooling(4), (3, 9, 9)),
    (MeanPooling(5), (1, 3, 3)),
    (MeanPooling(28), (2, 20, 20)),
    (BatchNormalisation(), (3, 6, 6)),
    (BatchNormalisation(), (1, 1, 1)),
    (BatchNormalisation(), (7,)),
    (Dropout(0.5), (3, 6, 6)),
    (Dropout(0.125), (7,)),
    (FullyConnected(10), (7,)),
    (FullyConnected(128), (400,)),
    (FullyConnected(1), (1,)),
]
ALL = pytest.mark.parametrize(("spec", "shape"), CASES, ids=lambda value: str(value).replace(" ", ""))


TRAINING = Context(training=True, bounds=(0, 2))


def bound(spec: LayerSpec, shape: Shape, images: int) -> tuple[Kernel, Array, Array]:
    """A kernel in float64 with random parameters; and those, and their gradient; what it keeps starts as it does."""
    count = sum(array.size for array in spec.arrays(shape) if not array.kept)
    parameters, gradient = np.random.default_rng(0).standard_normal((2, count))
    kernel = spec.build(shape, images, Buffers(np.float64))
    kernel.bind(parameters, gradient)
    kept = [array for array in spec.arrays(shape) if array.kept]
    if kept:
        kernel.bind_state(np.concatenate([np.full(array.size, array.value) for array in kept]))
    return kernel, parameters, gradient


def test_every_kind_has_a_case() -> None:
    assert {type(spec) for spec, _ in CASES} == set(KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_the_example_of_a_kind_is_read_by_that_kind_alone(kind: type[LayerSpec]) -> None:
    assert [type(spec) for each in KINDS if (spec := each.read(kind.example))] == [kind]
    assert kind.form and kind.kind


@ALL
def test_a_spec_is_printed_and_read(spec: LayerSpec, shape: Shape) -> None:
    assert type(spec).read(str(spec)) == spec
    assert [found for kind in KINDS if (found := kind.read(str(spec)))] == [spec]
    assert spec in parse(f"FC7-{spec}-FC10" if spec.relu_after and spec.relu else f"{spec}-FC10")
    assert repr(spec.build(shape, 1, Buffers())) == str(spec)


@ALL
def test_the_output_has_the_shape_that_was_said(spec: LayerSpec, shape: Shape) -> None:
    spec.check(shape, "Token 1", FullyConnected(7))
    kernel, _, _ = bound(spec, shape, 3)
    output = kernel.forward(np.ones(in_memory(shape, 3)), Context())
    assert output.shape == in_memory(spec.output_shape(shape), 3)
    assert output.shape == kernel.output.shape and np.shares_memory(output, kernel.output)
    assert kernel.backward(np.ones(output.shape)).shape == in_memory(shape, 3)


@ALL
def test_a_window_is_what_an_output_depends_on(spec: LayerSpec, shape: Shape) -> None:
    """Along the rows and along the columns, by the gradient of one output under inputs that favour each in turn."""
    window = spec.window(shape)
    kernel, parameters, _ = bound(spec, shape, 1)
    parameters[...] = np.abs(parameters) + 0.1
    if window is None or len(shape) == 1:
        kernel.forward(np.ones(in_memory(shape, 1)), Context())
        gradient = np.zeros(kernel.output.shape)
        gradient[-1] = 1
        found = np.flatnonzero(kernel.backward(gradient)).tolist()
        assert found == list(range(shape[0])) if window is None else found == [shape[0] - 1]
        return
    _, rows, columns = spec.output_shape(shape)
    for axis, outputs in ((0, rows), (2, columns)):
        length = in_memory(shape, 1)[axis]
        for output in range(outputs):
            first = output * window.stride - window.offset
            expected = [place for place in range(first, first + window.size) if 0 <= place < length]
            assert seen(kernel, shape, axis, output) == expected


def seen(kernel: Kernel, shape: Shape, axis: int, output: int) -> list[int]:
    """Which rows (axis 0) or columns (axis 2) of the input change one row or column of the output."""
    length = in_memory(shape, 1)[axis]
    blank = np.zeros(in_memory(shape, 1))
    before = kernel.forward(blank, Context()).take(output, axis).copy()
    found = []
    for place in range(length):
        changed = blank.copy()
        changed[(slice(None),) * axis + (place,)] = 1
        if (kernel.forward(changed, Context()).take(output, axis) != before).any():
            found.append(place)
    return found


@ALL
def test_parameters_are_counted_and_each_is_bound(spec: LayerSpec, shape: Shape) -> None:
    arrays = spec.arrays(shape)
    assert all(array.size == prod(array.shape) for array in arrays)
    assert len({array.name for array in arrays}) == len(arrays)
    kernel, parameters, gradient = bound(spec, shape, 2)
    inputs = np.random.default_rng(1).random(in_memory(shape, 2))
    kernel.forward(inputs, TRAINING)
    gradient[...] = np.nan
    kernel.backward_parameters(np.ones(kernel.output.shape))
    assert np.isfinite(gradient).all()
    for place in range(len(parameters)):  # no number of them is for nothing
        before = kernel.forward(inputs, Context()).copy()
        parameters[place] += 1
        assert (kernel.forward(inputs, Context()) != before).any()
        if place > 50:
            break


@ALL
def test_arrays_are_views_of_their_part_in_the_shape_of_the_file(spec: LayerSpec, shape: Shape) -> None:
    for array in spec.arrays(shape):
        flat = np.arange(float(array.size))
        view = array.view(flat)
        assert view.shape == array.shape and np.shares_memory(view, flat)
        assert sorted(view.ravel()) == flat.tolist()
        array.start(flat, np.random.default_rng(0))
        assert flat.all() if array.inputs else (flat == array.value).all()


@ALL
def test_the_memory_that_is_told_is_the_memory_that_is_taken(spec: LayerSpec, shape: Shape) -> None:
    buffers = Buffers()
    spec.build(shape, 64, buffers)
    assert 4 * spec.buffer_size(shape, 64) == pytest.approx(buffers.taken, rel=0.1, abs=5_000)
