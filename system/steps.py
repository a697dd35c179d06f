"""Long work in steps: a generator that yields how much is done and returns its result."""

from collections.abc import Generator
from typing import TypeAlias, TypeVar

T = TypeVar("T")

# Yields how much is done, in the unit that the function says; whoever stops asking stops the work.
Steps: TypeAlias = Generator[float, None, T]


def between(start: float, end: float, steps: Steps[T], total: float = 1) -> Steps[T]:
    """Do steps that count from 0 to `total`, and yield how much is done as a number from `start` to `end` instead."""
    try:
        while True:
            yield start + (end - start) * next(steps) / total
    except StopIteration as last:
        result: T = last.value
        return result


def finish(steps: Generator[object, None, T]) -> T:
    """Do all steps, and return the result."""
    results: list[T] = []

    def run() -> Generator[object, None, None]:
        results.append((yield from steps))

    for _ in run():
        pass
    return results[0]
