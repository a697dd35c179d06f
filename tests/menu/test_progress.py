"""Following a routine: its bar, Ctrl-C as its flag, and what else it says."""

import io
import re
import signal
from collections.abc import Iterator

import pytest
from rich.console import Console

from menu.progress import Follower
from menu.sparkline import sparkline
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


def test_a_sparkline_is_as_high_as_the_share_of_the_highest() -> None:
    assert sparkline([4, 2, 1, 0, 4]) == "█▅▃▁█"
    assert sparkline([2.303, 2.302, 2.301]) == "███"
    assert (sparkline([0, 0]), sparkline([])) == ("▁▁", "")


def bar_of_a_training(width: int, encoding: str = "utf-8") -> list[str]:
    """What a terminal shows of a training with a long name, count and rate, each time that the bar is drawn."""
    screen = io.TextIOWrapper(io.BytesIO(), encoding)
    console = Console(file=screen, width=width, force_terminal=True, color_system=None, legacy_windows=False)
    follower = Follower(console)

    def routine() -> Iterator[Event]:
        for epoch in range(10, 13):
            for twentieth in range(20):
                done = 60_000 * (epoch - 1) + 3_000 * twentieth
                value = 2.0 / (twentieth + 1)
                yield Progressed(f"Epoch {epoch}/99", done, 5_940_000, "images", f"loss {value:.4f}", value)
        yield Noted("a line")

    follow(follower, routine())
    screen.seek(0)
    return re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", screen.read()).replace("\r", "\n").splitlines()


@pytest.mark.parametrize(("width", "blocks"), [(40, 0), (60, 12), (80, 16), (120, 20)])
def test_a_curve_of_the_loss_fits_beside_the_bar(width: int, blocks: int) -> None:
    lines = bar_of_a_training(width)
    assert max(map(len, lines)) <= width
    last = [line for line in lines if "Epoch 12/99" in line][-1]
    assert len(re.findall("[▁-█]", last)) == blocks
    assert width < 60 or "loss 0.1000" in last
    assert ("images" in last) == (width >= 80) and ("/5,940,000" in last) == (width >= 110)


def test_a_terminal_without_these_letters_has_no_curve() -> None:
    assert "loss 0.1000" in "".join(lines := bar_of_a_training(120, "ascii"))
    assert not re.findall("[▁-█]", "".join(lines))
