"""The memory that a network needs."""

import tracemalloc

import pytest

from cnn.architecture import ModelStringError, parse
from cnn.memory import VECTORS, memory_required, require_memory
from cnn.network import Network


@pytest.mark.parametrize("model", ["C(8,5)-P2-C(16,3)-P2-FC128-FC10", "C(64,3)-C(64,3)-P2-FC10", "FC2000-FC2000-FC10"])
def test_the_memory_that_is_asked_for_is_the_memory_that_is_taken(model: str) -> None:
    tracemalloc.start()
    network = Network(parse(model))
    taken = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    # Training takes more vectors than parameters and gradient, which the network has.
    taken += (VECTORS - 2) * network.parameters.nbytes
    assert sum(memory_required(parse(model), network.images)) == pytest.approx(taken, rel=0.1)


@pytest.mark.parametrize("model", ["FC9999999999-FC10", f"FC{'9' * 100}-FC10", "C(9999999999,5)-FC10"])
def test_a_network_too_large_for_memory_is_refused_with_its_need(model: str) -> None:
    with pytest.raises(ModelStringError, match=r"^Token [12], .* needs .* GB .* are free\. Use fewer") as caught:
        Network(parse(model))
    assert len(str(caught.value)) < 500


def test_what_fits_is_not_refused() -> None:
    require_memory(parse("C(16,3)-P2-C(32,3)-P2-C(64,3)-P2-FC512-FC10"), 32)
