"""The six implementations against each other, and what is told of them."""

from pathlib import Path

import numpy as np
import pytest

from benchmarks import vectorization
from benchmarks.vectorization_report import Result, Speeds, batch_table, ladder_table, plot, report, share_table
from benchmarks.vectorized_networks import LAYERS, OneProcess, ParallelLoop
from cnn.architecture import output_shapes, parse
from cnn.layers import Convolution, Pooling
from cnn.model import Model
from cnn.network import Network
from preprocessing.datasets import Dataset
from preprocessing.mnist import load_mnist
from system.arrays import Array

SMALL = parse("C(2,5)-P2-C(3,5)-P2-FC7-FC6-FC10")
IMAGES = 3


@pytest.fixture(scope="module")
def data() -> Dataset:
    """Real pictures, whose black background makes maxima tie."""
    return load_mnist()


def computed(implementation: OneProcess | ParallelLoop, data: Dataset) -> tuple[Array, Array]:
    """Logits and gradient of some images, with random weights and biases."""
    generator = np.random.default_rng(1)
    model = implementation.network.model
    model.parameters[...] = Model.create(model.specs, generator, dtype=np.float64).parameters
    for arrays in model.arrays().values():
        arrays["bias"][...] = generator.normal(0, 0.1, arrays["bias"].shape)
    images, labels = data.x_train[:IMAGES], data.y_train[:IMAGES]
    return implementation.logits(images).copy(), implementation.gradient(images, labels).copy()


@pytest.fixture(scope="module")
def expected(data: Dataset) -> tuple[Array, Array]:
    return computed(OneProcess(1, SMALL, dtype=np.float64), data)


@pytest.mark.parametrize(("number", "images"), [(3, 1), (4, 1), (5, 1), (6, 1), (6, 2), (6, IMAGES)])
def test_every_degree_gives_the_outputs_and_gradients_of_the_loops(
    number: int, images: int, data: Dataset, expected: tuple[Array, Array]
) -> None:
    for found, of_loops in zip(computed(OneProcess(number, SMALL, images, np.float64), data), expected, strict=True):
        np.testing.assert_allclose(found, of_loops, rtol=1e-9, atol=1e-12)


def test_the_gradient_of_a_batch_leaves_nothing_for_the_next(data: Dataset) -> None:
    implementation = OneProcess(5, SMALL)
    _, first = computed(implementation, data)
    second = implementation.gradient(data.x_train[:IMAGES], data.y_train[:IMAGES])
    np.testing.assert_array_equal(second, first)


@pytest.mark.parametrize("workers", [1, 2])
def test_the_parallel_loop_gives_the_outputs_and_gradients_of_the_loops(
    workers: int, data: Dataset, expected: tuple[Array, Array]
) -> None:
    with ParallelLoop(SMALL, workers, np.float64) as parallel_loop:
        for found, of_loops in zip(computed(parallel_loop, data), expected, strict=True):
            np.testing.assert_allclose(found, of_loops, rtol=1e-9, atol=1e-12)


def test_the_network_of_the_paper_agrees_in_the_degrees_that_are_fast_enough(data: Dataset) -> None:
    specs = parse(vectorization.MODEL)
    logits, gradient = computed(OneProcess(6, specs, IMAGES), data)
    for number in (3, 4, 5):
        found = computed(OneProcess(number, specs), data)
        np.testing.assert_allclose(found[0], logits, atol=1e-4)
        assert np.abs(found[1] - gradient).max() < 1e-4 * np.abs(gradient).max()


def test_the_network_of_the_paper_has_its_layers_and_no_ragged_edges() -> None:
    specs = parse(vectorization.MODEL)
    assert [spec for spec in specs if isinstance(spec, Convolution)] == [Convolution(20, 5), Convolution(50, 5)]
    assert [shape[1] for shape in output_shapes(specs) if len(shape) == 3] == [24, 12, 8, 4]
    assert all(spec.pool_size == 2 for spec in specs if isinstance(spec, Pooling))


@pytest.mark.parametrize("number", LAYERS)
def test_an_implementation_has_the_layers_of_its_row_and_leaves_the_network_alone(number: int) -> None:
    network, model = OneProcess(number, SMALL).network, Model.create(SMALL)
    ours = {type(kernel) for fast in (True, False) for kernel in Network(model, 1, fast).kernels}
    kinds = {LAYERS[number].get(kind, kind) for kind in map(type, SMALL)}
    assert {type(spec) for spec in network.model.specs} == kinds
    assert len({type(kernel) for kernel in network.kernels} - ours) == len(LAYERS[number])
    assert network.model.string == model.string


def test_shares_of_time_add_up(data: Dataset) -> None:
    contender = vectorization.Contender(OneProcess(6, SMALL, 4), 4)
    kernels = list(contender.implementation.network.kernels)
    shares = vectorization.time_shares(contender, 2, data)
    assert sum(share for part in shares.values() for share in part.values()) == pytest.approx(1)
    assert all(share >= 0 for part in shares.values() for share in part.values())
    assert contender.implementation.network.kernels == kernels


def made_up(*speeds: float) -> Speeds:
    return {"training": np.array(speeds), "testing": 10 * np.array(speeds)}


LADDER = {1: made_up(0.25, 0.5, 0.375), 2: made_up(0.5, 1, 0.75)} | {
    number: made_up(9, 9, 9) for number in (3, 4, 5, 6)
}
BATCHES = {1: made_up(100, 100, 100), 1000: made_up(3000, 1000, 2000)}
SHARES = {"convolution": {"forward": 0.4, "backward": 0.5}, "loss and update": {"backward": 0.1}}


def test_ratios_are_of_the_same_round_and_stand_beside_the_paper() -> None:
    lines = ladder_table(LADDER).splitlines()
    assert lines[2] == "| 1 | fully connected | 0.375 (0.25 to 0.5) |  | 3.75 (2.5 to 5) |  | 1 |  |"
    assert lines[3].startswith(
        "| 2 | fully connected, in a parallel loop | 0.75 (0.5 to 1) | 2 | 7.5 (5 to 10) | 2 | 6.1 | 6.1 |"
    )
    assert lines[7].endswith("| 1,312 | 15.4 |")


def test_batch_sizes_that_the_paper_lacks_stay_empty() -> None:
    lines = batch_table(BATCHES).splitlines()
    assert lines[2] == "| 1 | 100 (100 to 100) | 88.5 | 1,000 (1,000 to 1,000) | 152 |"
    assert lines[3] == "| 1,000 | 2,000 (1,000 to 3,000) |  | 20,000 (10,000 to 30,000) |  |"


def test_shares_are_percentages() -> None:
    lines = share_table(SHARES).splitlines()
    assert lines[2:] == ["| convolution | 40% | 50% | 39% | 13% |", "| loss and update |  | 10% |  |  |"]


def test_the_report_says_what_was_measured_how_and_the_plot_can_be_drawn(tmp_path: Path) -> None:
    result = Result(LADDER, BATCHES, made_up(4000), 32, SHARES, cores=2)
    text = report(result)
    assert "Worker processes of implementation 2: 2;" in text
    assert "A batch of 1,000 in passes of 32: training 4,000" in text
    plot(result).savefig(tmp_path / "plot.png")


def test_a_short_run_measures_everything(data: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vectorization, "BATCH_SIZE", 2)
    monkeypatch.setattr(vectorization, "IMAGES_PER_TURN", 4)
    result = vectorization.measure(parse("C(1,5)-P4-FC10"), [1, 3], 2, data)
    assert list(result.ladder) == [1, 2, 3, 4, 5, 6]
    assert list(result.batches) == [1, 2, 3]
    everything = [*result.ladder.values(), *result.batches.values(), result.in_passes]
    assert all(speeds[task].shape == (2,) and (speeds[task] > 0).all() for speeds in everything for task in speeds)
