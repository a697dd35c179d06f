"""The memory that a network needs."""

import re
import tracemalloc
from types import SimpleNamespace

import pytest

from cnn.architecture import parse
from cnn.buffers import BLOCK
from cnn.layers.base import ModelStringError
from cnn.memory import VECTORS, memory_required, require_memory
from cnn.model import Model
from cnn.network import Network


@pytest.mark.parametrize("model", ["C(8,5)-P2-C(16,3)-P2-FC128-FC10", "C(64,3)-C(64,3)-P2-FC10", "FC2000-FC2000-FC10"])
def test_the_memory_that_is_asked_for_is_the_memory_that_is_taken(model: str) -> None:
    tracemalloc.start()
    network = Network(Model.create(model))
    taken = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    # Training takes more vectors than parameters and gradient, which the network has.
    taken += (VECTORS - 2) * network.gradient.nbytes
    assert sum(memory_required(parse(model), network.images)) == pytest.approx(taken, rel=0.1, abs=BLOCK)


@pytest.mark.parametrize("model", ["FC9999999999-FC10", f"FC{'9' * 100}-FC10", "C(9999999999,5)-FC10"])
def test_a_network_too_large_for_memory_is_refused_with_its_need(model: str) -> None:
    with pytest.raises(ModelStringError, match=r"^Token [12], .* needs .* GB .* are free\. Use fewer") as caught:
        Model.create(model)
    assert len(str(caught.value)) < 500


@pytest.mark.parametrize(
    ("count", "text"), [(1_540_000_000, "1.5 GB"), (2_500_000_000_000, "2,500.0 GB"), (2 * 10**26, "2e+17 GB")]
)
def test_bytes_are_said_in_gigabytes(count: int, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("psutil.virtual_memory", lambda: SimpleNamespace(available=1_000_000))
    monkeypatch.setattr("cnn.memory.memory_required", lambda *arguments: (1_000_000, count - 1_000_000))
    with pytest.raises(ModelStringError, match=f"needs {re.escape(text)} .* for this token\\), and 0.0 GB are free"):
        require_memory(parse("FC5-FC10"), 32)


def test_what_fits_is_not_refused() -> None:
    require_memory(parse("C(16,3)-P2-C(32,3)-P2-C(64,3)-P2-FC512-FC10"), 32)
