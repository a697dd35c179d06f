"""How the stages of a visualization go: images of channels that are gathered, and drawings."""

from collections.abc import Callable, Iterator, Sequence

from feature_visualize.channel_images import ChannelImage
from routines.events import Event, Interrupted, Progressed, Stop, Written
from system.steps import Steps


def collect(making: Iterator[float | list[ChannelImage]], made: list[ChannelImage]) -> Steps[None]:
    """Gather the groups of images that are finished, and pass on how many channels are done."""
    for each in making:
        if isinstance(each, list):
            made += each
        else:
            yield each


def draw_all(drawings: Sequence[Callable[[], Written]], stop: Stop) -> Iterator[Event]:
    """Draw and write some pictures as a stage, which the flag stops after any of them."""
    yield Progressed("Drawing", 0, len(drawings), "pictures")
    for done, drawing in enumerate(drawings, 1):
        yield drawing()
        yield Progressed("Drawing", done, len(drawings), "pictures")
        if stop.is_set():
            raise Interrupted
