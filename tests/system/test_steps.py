"""Long work in steps."""

import pytest

from system.steps import Steps, between, finish


def work(fail: bool = False) -> Steps[str]:
    """Two steps and a result."""
    yield 1
    if fail:
        raise ZeroDivisionError
    yield 2
    return "done"


def test_the_result_is_that_of_the_last_step() -> None:
    assert finish(work()) == "done"


def test_what_a_step_raises_is_raised() -> None:
    with pytest.raises(ZeroDivisionError):
        finish(work(fail=True))


def test_what_is_done_is_counted_between_two_numbers() -> None:
    assert list(between(3, 7, work(), 4)) == [4, 5]
    assert finish(between(0, 1, work())) == "done"
