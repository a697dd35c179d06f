"""The arithmetic of the benchmarks of training: what is counted, and what is read off the looks."""

import numpy as np

from benchmarks.accuracy import faster, first_time, looks_at, table
from benchmarks.layers import layer_names, measure
from benchmarks.layers import multiply_adds as multiply_adds_by_layer
from benchmarks.layers import table as table_of_layers
from benchmarks.training import multiply_adds
from cnn.model import Model
from routines.models import SHIPPED


def test_multiply_adds_are_one_product_to_read_and_three_to_train_but_two_in_the_first_layer() -> None:
    convolution = 2 * 5 * 5 * 24 * 24
    connected = 2 * 12 * 12 * 10
    assert multiply_adds("C(2,5)-P2-FC10", "read") == convolution + connected
    assert multiply_adds("C(2,5)-P2-FC10", "train") == 2 * convolution + 3 * connected


def test_looks_are_at_ends_of_batches_and_at_the_end_of_the_epoch() -> None:
    assert sorted(looks_at(60_000)) == [117 * 128, 234 * 128, 351 * 128, 60_000]
    assert max(looks_at(300)) == 300


def test_a_level_is_reached_at_the_first_look_that_shows_it() -> None:
    looks = [(1.0, 0.96), (2.0, 0.985), (3.0, 0.97), (4.0, 0.991)]
    assert first_time(looks, 0.97) == 2.0
    assert first_time(looks, 0.995) == np.inf


def test_the_faster_memory_format_counts_in_all_its_runs() -> None:
    slow, fast = [[(3.0, 0.99)], [(2.0, 0.98)]], [[(2.5, 0.97)], [(2.0, 0.98)]]
    assert faster(slow, fast) is fast
    assert faster(fast, slow) is fast


def test_the_table_gives_medians_and_says_where_a_level_was_never_reached() -> None:
    runs = [[(1.0, 0.975), (2.0, 0.985)], [(3.0, 0.975), (4.0, 0.985)], [(2.0, 0.975), (3.0, 0.986)]]
    assert table({"M": {"PyTorch": runs}}).splitlines()[2] == (
        "| `M` | PyTorch | 2.0 | 3.0 | never | 3.0 | 98.50%, 98.50%, 98.60% |"
    )


def test_the_layers_of_a_pass_add_up_to_the_multiply_adds_of_its_images() -> None:
    network = Model.create(SHIPPED[1]).network()
    counts = multiply_adds_by_layer(network)
    del counts[layer_names(network)[0][0], "backward"]  # the first layer's input has no gradient
    assert sum(counts.values()) == network.images * multiply_adds(SHIPPED[1], "train")


def test_every_layer_of_a_pass_is_timed_forward_and_backward() -> None:
    networks = {"M": Model.create("C(2,5)-P4-FC10").network()}
    taken, rate = measure(networks, 2)
    lines = table_of_layers(networks["M"], taken["M"], rate).splitlines()
    assert [line.split(" |")[0] for line in lines[2:]] == [
        "| images", "| 1 C(2,5)", "| 2 P4", "| 3 ReLU", "| 4 Flatten", "| 5 FC10",
        "| loss", "| Adam, share of a pass", "| all",
    ]  # fmt: skip
    assert all(len(seconds) == 2 for seconds in taken["M"].values())
