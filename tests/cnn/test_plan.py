"""The order in which a network runs, from model strings."""

import pytest

from cnn.architecture import parse
from cnn.buffers import Buffers
from cnn.plan import plan


@pytest.mark.parametrize(
    ("model", "names"),
    [
        ("FC10", "Flatten FC10"),
        ("FC5-FC10", "Flatten FC5 ReLU FC10"),
        ("C(8,5)-FC10", "C(8,5) ReLU Flatten FC10"),
        ("C(8,5)-P2-FC10", "C(8,5) P2 ReLU Flatten FC10"),
        ("C(8,5)-P3-P2-FC5-FC10", "C(8,5) P3 P2 ReLU Flatten FC5 ReLU FC10"),
        ("C(2,3)-C(2,3)-FC10", "C(2,3) ReLU C(2,3) ReLU Flatten FC10"),
        ("P2-C(2,3)-P5-FC10", "P2 C(2,3) P5 ReLU Flatten FC10"),
        ("P2-P2-FC10", "P2 P2 Flatten FC10"),
        ("C(8,5)-A2-FC10", "C(8,5) ReLU A2 Flatten FC10"),
        ("C(8,5)-BN-P2-FC5-BN-FC10", "C(8,5) BN P2 ReLU Flatten FC5 BN ReLU FC10"),
        ("C(8,5)-BN-A2-FC10", "C(8,5) BN ReLU A2 Flatten FC10"),
        ("D(0.1)-C(8,5)-P2-D(0.2)-FC5-D(0.5)-FC10", "D(0.1) C(8,5) P2 D(0.2) ReLU Flatten FC5 D(0.5) ReLU FC10"),
        (
            "C(8,5)-P2-C(16,3)-P2-FC128-FC10",
            "C(8,5) P2 ReLU C(16,3) P2 ReLU Flatten FC128 ReLU FC10",
        ),
    ],
)
def test_operations_run_in_this_order(model: str, names: str) -> None:
    assert [str(operation) for operation in plan(parse(model))] == names.split()


@pytest.mark.parametrize(
    ("model", "names"),
    [
        ("C(8,5)-P2-C(16,3)-P2-FC128-FC10", "C(8,5) P2 C(16,3) P2 Flatten FC128 ReLU FC10"),
        ("C(8,5)-P2-P2-FC10", "C(8,5) P2 P2 Flatten FC10"),
        ("C(8,5)-P3-P2-FC10", "C(8,5) P3 P2 ReLU Flatten FC10"),
    ],
)
def test_fast_pooling_by_2_has_the_relu_in_it(model: str, names: str) -> None:
    assert [str(operation) for operation in plan(parse(model), fast=True)] == names.split()


def test_an_operation_knows_its_layer_and_its_input() -> None:
    operations = plan(parse("C(8,5)-P2-FC10"))
    assert [operation.number for operation in operations] == [1, 2, 1, 3, 3]
    assert [operation.input_shape for operation in operations] == [
        (1, 28, 28),
        (8, 24, 24),
        (8, 12, 12),
        (8, 12, 12),
        (8, 12, 12),
    ]
    assert [str(operation.spec) for operation in operations if operation.spec] == ["C(8,5)", "P2", "FC10"]


def test_a_kernel_reads_as_its_operation() -> None:
    for operation in plan(parse("C(8,5)-P2-FC5-FC10")):
        assert repr(operation.build(1, Buffers())) == str(operation)
