"""The pictures of one channel beside its image: its sheet, others like it, test digits, and its partners."""

from collections.abc import Callable, Generator, Iterator

from feature_visualize.channel_images import ChannelImage
from feature_visualize.channel_report import make_report
from feature_visualize.diverse_images import make_diverse_images
from feature_visualize.interaction import make_interactions
from feature_visualize.objectives import WHOLE_LAYER
from feature_visualize.spectrum import find_spectrum
from figures import channels, studies
from routines.events import Event, Stop, Written, staged
from routines.visualize_files import VisualizationFolder
from routines.visualize_steps import TestImages, VisualizeRequest, draw_all
from system.steps import between


def make_sheet(
    request: VisualizeRequest, folder: VisualizationFolder, made: ChannelImage, test: TestImages, stop: Stop
) -> Iterator[Event]:
    """Make the sheet of a living channel, or of WHOLE_LAYER, and what else there is of a channel."""
    model, settings = request.model, request.settings
    making = make_report(model, made, test.digits, test.images, test.prior, request.seed, settings)
    steps = 2 * settings.steps
    report = yield from staged("Ascent for the sheet", steps, "steps", between(0, steps, making), stop)

    def draw() -> Written:
        return folder.save(
            channels.draw_report(model, report),
            "sheet.jpg",
            "Beside its opposite and test digits",
            channel=made.channel,
            activation=made.activation,
            details={"least_activation": report.least_activation},
        )

    drawings = [draw]
    if made.channel != WHOLE_LAYER:
        drawings += yield from _study(request, folder, made, test, stop)
    yield from draw_all(drawings, stop)


def _study(
    request: VisualizeRequest, folder: VisualizationFolder, made: ChannelImage, test: TestImages, stop: Stop
) -> Generator[Event, None, list[Callable[[], Written]]]:
    """Make what the other pictures of a channel show, and return what draws them."""
    model, layer, channel, seed, settings = request.model, request.layer, made.channel, request.seed, request.settings
    name, steps = "Ascent for four pictures", settings.steps
    making = make_diverse_images(model, made, test.prior, seed, settings)
    diverse = yield from staged(name, steps, "steps", making, stop)
    both = make_interactions(model, made, test.digits, test.prior, seed, settings)
    interactions = yield from staged("Ascent for two channels", steps, "steps", both, stop)

    def draw_diverse() -> Written:
        details = {"activations": list(map(float, diverse.activations))}
        title = "Four pictures that excite it, each in another way"
        return folder.save(
            studies.draw_diverse(model, diverse), "diversity.jpg", title, channel=channel, details=details
        )

    def draw_spectrum() -> Written:
        spectrum = find_spectrum(test.digits, channel, test.images)
        figure = studies.draw_spectrum(model, layer, channel, spectrum)
        return folder.save(figure, "spectrum.jpg", "Test digits from the least to the most", channel=channel)

    def draw_interactions() -> Written:
        details = {"others": [each.other for each in interactions]}
        title = "Together with another channel"
        figure = studies.draw_interactions(model, layer, interactions)
        return folder.save(figure, "together.jpg", title, channel=channel, details=details)

    drawings: list[Callable[[], Written]] = [draw_diverse, draw_spectrum]
    return [*drawings, draw_interactions] if interactions else drawings
