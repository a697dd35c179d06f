"""Processes and cores."""

import os

from system.processes import available_cores


def test_the_cores_that_may_be_used_are_counted() -> None:
    assert 1 <= available_cores() <= (os.cpu_count() or 1)
