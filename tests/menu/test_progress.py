"""Following a routine: its bar, Ctrl-C as its flag, and what else it says."""

import io
import signal
from collections.abc import Iterator

import pytest
from rich.console import Console

from menu.progress import Follower
from routines.events import Busy, Event, Interrupted, Noted, Progressed
from tests.menu.conftest import press_ctrl_c


def follow(follower: Follower, events: Iterator[Event]) -> list[Event]:
    shown: list[Event] = []
    follower.follow(events, shown.append)
    return shown


@pytest.fixture
def follower() -> Follower:
    return Follower(Console(file=io.StringIO()))


def test_ctrl_c_sets_the_flag_and_the_routine_ends_as_it_sees_fit(follower: Follower) -> None:
    def routine() -> Iterator[Event]:
        assert not follower.stop.is_set()
        press_ctrl_c()
        assert follower.stop.is_set()
        yield Noted("kept")

    assert follow(follower, routine()) == [Noted("kept")]


def test_a_routine_that_has_nothing_to_keep_ends_in_an_interrupt(follower: Follower) -> None:
    def routine() -> Iterator[Event]:
        press_ctrl_c()
        yield Progressed("Reading", 1, 2, "pictures")
        raise Interrupted

    with pytest.raises(KeyboardInterrupt):
        follow(follower, routine())


def test_the_second_does_not_wait(follower: Follower) -> None:
    closed: list[bool] = []

    def routine() -> Iterator[Event]:
        press_ctrl_c()
        try:
            yield Noted("still here")
        finally:
            closed.append(True)

    with pytest.raises(KeyboardInterrupt):
        follower.follow(routine(), lambda event: press_ctrl_c())
    assert closed == [True]


def test_ctrl_c_is_as_before_in_a_question_and_afterwards(follower: Follower) -> None:
    before = signal.getsignal(signal.SIGINT)

    def routine() -> Iterator[Event]:
        assert signal.getsignal(signal.SIGINT) is not before
        with follower.pause():
            assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
        assert signal.getsignal(signal.SIGINT) is not before
        yield Noted("asked")

    follow(follower, routine())
    assert signal.getsignal(signal.SIGINT) is before


def test_a_terminal_shows_each_stage_from_its_beginning_with_count_and_note() -> None:
    screen = io.StringIO()
    console = Console(file=screen, width=120, force_terminal=True, color_system=None)

    def routine() -> Iterator[Event]:
        yield Busy("Loading the data")
        yield Progressed("Epoch 1/2", 0, 20, "images")
        yield Progressed("Epoch 1/2", 10, 20, "images", "loss 2.0000")
        yield Noted("a sentence")
        yield Progressed("Drawing", 1, 4, "pictures")

    assert follow(Follower(console), routine()) == [Noted("a sentence")]
    for words in ("Loading the data", "Drawing", "1/4"):
        assert words in screen.getvalue(), words
