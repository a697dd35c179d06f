"""Following a routine: its progress as a bar, Ctrl-C as its flag, JSON, and everything else to whoever shows it."""

import signal
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TypeVar

from rich.console import Console, RenderableType
from rich.progress import BarColumn, Progress, ProgressColumn, Task, TaskID, TextColumn, TimeRemainingColumn
from rich.status import Status
from rich.table import Column
from rich.text import Text

from menu import json_lines
from menu.keyboard import keys_heard, keys_unheard
from menu.sparkline import sparkline
from routines.events import Alongside, Busy, Event, Interrupted, Progressed
from system.text import cut

E = TypeVar("E", bound=Event)
NARROW, BAR = 16, 64  # columns of a name, at least; and of all beside it
VALUES, WIDE = 20, 110  # of a curve; and columns of a terminal that have room for all there is to say


class Follower:
    """Follows one routine; `stop` is its flag, which Ctrl-C sets.

    So a step of training is done wholly or not at all, and no library in the middle of something swallows the
    exception. A second Ctrl-C does not wait.

    json: whether scripts are told of events, on standard output.
    below: what is shown under the bar while there is one, such as a table so far.
    """

    below: RenderableType | None = None

    def __init__(self, console: Console, json: bool = False) -> None:
        self.stop = threading.Event()
        self._console, self._json = console, json
        self._seen: dict[type[Event], Event] = {}
        self._bar: Progress | None = None
        self._task = TaskID(0)
        self._alongside: dict[str, TaskID] = {}
        self._last: Progressed | None = None
        self._values: deque[float] = deque(maxlen=VALUES)
        self._status: Status | None = None

    def follow(self, events: Iterator[Event], show: Callable[[Event], None]) -> None:
        """Show the progress of a routine, and hand each other event to `show`, until it ends.

        Raises:
            KeyboardInterrupt: where it was stopped by Ctrl-C, and has nothing else to say of it.
        """
        with self._interrupts(), keys_unheard():
            try:
                for event in events:
                    self._end_status()
                    match event:
                        case Progressed():
                            self._advance(event)
                        case Alongside(running):
                            self._show_alongside(running)
                        case Busy():
                            self._status = self._console.status(event.stage)
                            self._status.start()
                        case _:
                            self._seen[type(event)] = event
                            show(event)
                            if self._json:
                                json_lines.print_event(event)
            except Interrupted:
                raise KeyboardInterrupt from None
            finally:
                self._end()
                if isinstance(events, Generator):
                    events.close()

    def last(self, kind: type[E]) -> E | None:
        """Return the last event of a kind that was shown."""
        event = self._seen.get(kind)
        return event if isinstance(event, kind) else None

    @contextmanager
    def pause(self) -> Iterator[None]:
        """Give the terminal to a question: without a bar, and with Ctrl-C as it usually is."""
        self._end()
        following = signal.signal(signal.SIGINT, signal.default_int_handler)
        try:
            with keys_heard():
                yield
        finally:
            signal.signal(signal.SIGINT, following)

    def _advance(self, event: Progressed) -> None:
        if self._bar is None:
            self._bar = _progress_bar(self._console, self)
            self._task = self._bar.add_task("", total=1, things="", note="", curve="")
            self._bar.start()
        last, self._last = self._last, event
        # An epoch is a stage of one bar over all of them; what counts other things, or from 0 again, begins anew.
        if not last or (last.things, last.total) != (event.things, event.total) or event.done < last.done:
            self._bar.refresh()  # so that the end of the stage before is seen
            self._bar.reset(self._task, completed=int(event.done))
            self._values.clear()
        if event.value is not None:
            self._values.append(event.value)
        self._bar.update(
            self._task,
            description=event.stage,
            completed=event.done,
            total=event.total,
            things=event.things,
            note=event.note,
            curve=sparkline(self._values),
        )

    def _show_alongside(self, running: Iterable[Progressed]) -> None:
        """Show a bar for each of what runs at once, under the one for all."""
        if self._bar is None:
            return
        by_stage = {event.stage: event for event in running}
        for stage in [stage for stage in self._alongside if stage not in by_stage]:
            self._bar.remove_task(self._alongside.pop(stage))
        for stage, event in by_stage.items():
            if stage not in self._alongside:
                room = max(NARROW, self._console.width - BAR)
                self._alongside[stage] = self._bar.add_task(cut(stage, room), things="", note="", curve="")
            self._bar.update(self._alongside[stage], completed=event.done, total=event.total, note=event.note)

    def _end(self) -> None:
        self._end_status()
        if self._bar:
            self.below = None
            self._bar.stop()
            self._bar = self._last = None
            self._alongside.clear()

    def _end_status(self) -> None:
        if self._status:
            self._status.stop()
            self._status = None

    @contextmanager
    def _interrupts(self) -> Iterator[None]:
        def press(number: int, frame: FrameType | None) -> None:
            if self.stop.is_set():
                raise KeyboardInterrupt
            self.stop.set()

        before = signal.signal(signal.SIGINT, press)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, before)


class _Words(ProgressColumn):
    """What a function says of a task."""

    def __init__(self, describe: Callable[[Task], str]) -> None:
        super().__init__(Column(no_wrap=True))
        self._describe = describe

    def render(self, task: Task) -> Text:
        return Text(self._describe(task))


def _count(task: Task) -> str:
    return f"{task.completed:,.0f}/{task.total:,.0f}"


def _rate(task: Task) -> str:
    speed, things = task.speed or 0, task.fields["things"]
    return f"{speed:,.{0 if speed >= 10 else 1}f} {things}/s" if speed and things else ""


class _Bars(Progress):
    """Bars, and what a follower has below them."""

    follower: Follower | None = None

    def get_renderables(self) -> Iterable[RenderableType]:
        yield from super().get_renderables()
        if self.follower and self.follower.below is not None:
            yield self.follower.below


def _progress_bar(console: Console, follower: Follower) -> Progress:
    """Return a bar with a count, its rate, time left, and what its task calls `note` and `curve`.

    Where a terminal is narrow, a note takes the place of the count, and then of the rate.
    """
    width = console.width
    blocks = 0 if width < 60 else 12 if width < 80 else 16 if width < WIDE else VALUES
    if console.options.ascii_only or console.legacy_windows:
        blocks = 0
    bars = _Bars(
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=20 if width >= WIDE else 10),
        _Words(
            lambda task: _count(task) if task.fields["things"] and (width >= WIDE or not task.fields["note"]) else ""
        ),
        _Words(lambda task: _rate(task) if width >= 80 or not task.fields["note"] else ""),
        TimeRemainingColumn(compact=True),
        TextColumn("{task.fields[note]}"),
        _Words(lambda task: task.fields["curve"][-blocks:] if blocks else ""),
        console=console,
        transient=True,
        disable=not console.is_terminal or console.quiet,
    )
    bars.follower = follower
    return bars
