"""A cluster that cannot be used is said in a sentence."""

import sys
from concurrent.futures import CancelledError

import pytest

from routines.cluster import connect, reached
from system.errors import UserError


def test_without_dask_a_sentence_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(UserError, match=r"pip install --requirement requirements-cluster\.txt"):
        connect("tcp://127.0.0.1:8786")


@pytest.mark.parametrize("error", [OSError(), TimeoutError(), CancelledError()])
def test_a_scheduler_that_is_gone_is_said(error: BaseException) -> None:
    with pytest.raises(UserError, match="its scheduler to the end, but it is gone"), reached():
        raise error
