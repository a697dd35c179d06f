"""What is asked for, and what was written."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cnn.architecture import Specs
from cnn.network import Network
from cnn.weights import WeightFile
from feature_visualize.picture import OutputError, save_figure, save_image
from feature_visualize.portraits import Portrait

SEED = 0
MARKED = 5  # channels that are shown of those that an image excites
OUTPUT = Path(__file__).parent / "output"

# Begins a stage of the work, by its title, how many there are to do, and of what; told how many are done, it may raise
# to stop.
Stages = Callable[[str, int, str], Callable[[float], None]]


@dataclass(frozen=True)
class Written:
    """A picture that was written.

    channel: None where it shows several; layer: None where it shows all.
    activation: of the channel: what a given image reaches where there is one, else what the picture itself does.
    details: whatever else belongs to it, as JSON has it.
    """

    file: Path
    title: str
    layer: int | None
    channel: int | None = None
    activation: float | None = None
    details: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Request:
    """A layer of a model, the seed of what is made, and the folder that pictures go to."""

    weights: WeightFile
    layer: int
    seed: int = SEED
    output: Path = OUTPUT

    @property
    def specs(self) -> Specs:
        """The layers of the model."""
        return self.weights.specs

    def prepare(self) -> Network:
        """The network, for 1 image, after a look at the layer and the folder, which is made where it is missing.

        Raises:
            LayerError, OutputError: where one cannot be used.
        """
        network = self.weights.network(1)
        network.check_layer(self.layer)
        try:
            self.output.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise OutputError(
                f"{self.output}: pictures go into a folder, but none can be made there ({error.strerror}). "
                "Choose another place."
            ) from error
        return network

    def save_portrait(self, portrait: Portrait, place: int, of_image: float | None = None) -> Written:
        """Write a portrait as feature_visualize_{place}.jpg.

        of_image: the channel's activation by a given image, where there is one.
        """
        path = self._path(f"feature_visualize_{place}.jpg")
        save_image(path, portrait.image)
        title = "dead" if portrait.dead else f"reaches {portrait.activation:.3g}, test digits {portrait.highest:.3g}"
        if of_image is not None:
            title = f"Channel {portrait.channel}, which the image excites to {of_image:.3g}; {title}"
        details = {
            "optimised_activation": portrait.activation,
            "highest_test_activation": portrait.highest,
            "dead": portrait.dead,
        }
        activation = portrait.activation if of_image is None else of_image
        return Written(path, title[:1].upper() + title[1:], self.layer, portrait.channel, activation, details)

    def remove_portraits(self, first: int) -> None:
        """Remove what an earlier run left of feature_visualize_N.jpg, from a number on: it would belong to this one."""
        for place in range(first, MARKED + 1):
            with suppress(OSError):
                self._path(f"feature_visualize_{place}.jpg").unlink()

    def save(self, figure: Any, name: str, title: str, **more: Any) -> Written:
        """Write a matplotlib figure.

        more: fields of Written; the layer is that of the request where none is given.
        """
        path = self._path(name)
        save_figure(path, figure)
        return Written(path, title, **{"layer": self.layer, **more})

    def _path(self, name: str) -> Path:
        return self.output.absolute() / name
