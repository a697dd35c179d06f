"""The files of a visualization: each picture is written into one folder, and told of."""

from contextlib import suppress
from pathlib import Path
from shutil import copyfile
from typing import Any

from cnn.model import Model
from feature_visualize.channel_images import ChannelImage
from figures.files import OutputError, save_figure, save_image
from routines.events import Written
from routines.models import model_file
from routines.places import Places

MARKED = 5  # channels that are shown of those that an image excites


def kept_folder(places: Places, model: Model, layer: int, about: str) -> Path:
    """Return where the pictures of a visualization stay: a folder for each model, layer, and channel or picture."""
    name = model_file(model).stem.removeprefix("weight_details")
    return places.visualizations / name / f"layer_{layer}_{about}"


class VisualizationFolder:
    """A folder that the pictures of a layer go to, made where it is missing.

    kept: another, which the next visualization leaves as it is, for a copy of each.

    Raises:
        OutputError: where none can be made.
    """

    def __init__(self, path: Path, layer: int, kept: Path | None = None) -> None:
        self.path, self.layer, self._kept = path.absolute(), layer, kept
        try:
            for folder in (path, kept or path):
                folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise OutputError(
                f"{path}: pictures go into a folder, but none can be made there ({error.strerror}). "
                "Choose another place."
            ) from error

    def save_channel_image(self, made: ChannelImage, place: int, of_image: float | None = None) -> Written:
        """Write the image of a channel as feature_visualize_{place}.jpg.

        of_image: the channel's activation by a given image, where there is one.

        Raises:
            OutputError: where it cannot be written.
        """
        path = self._channel_path(place)
        save_image(path, made.image)
        self._keep(path)
        title = "dead" if made.dead else f"reaches {made.activation:.3g}, test digits {made.highest:.3g}"
        if of_image is not None:
            title = f"Channel {made.channel}, which the image excites to {of_image:.3g}; {title}"
        details = {
            "optimised_activation": made.activation,
            "highest_test_activation": made.highest,
            "dead": made.dead,
        }
        activation = made.activation if of_image is None else of_image
        return Written(path, title[:1].upper() + title[1:], self.layer, made.channel, activation, details)

    def remove_channel_images(self, first: int) -> None:
        """Remove what an earlier run left of feature_visualize_N.jpg, from a number on: it would belong to this one."""
        for place in range(first, MARKED + 1):
            with suppress(OSError):
                self._channel_path(place).unlink()

    def save(self, figure: Any, name: str, title: str, **more: Any) -> Written:
        """Write a figure.

        more: fields of Written; the layer is that of the folder where none is given.

        Raises:
            OutputError: where it cannot be written.
        """
        path = self.path / name
        save_figure(path, figure)
        self._keep(path)
        return Written(path, title, **{"layer": self.layer, **more})

    def _keep(self, path: Path) -> None:
        if self._kept:
            try:
                copyfile(path, self._kept / path.name)
            except OSError as error:
                raise OutputError(f"{self._kept / path.name}: cannot be written ({error.strerror}).") from error

    def _channel_path(self, place: int) -> Path:
        return self.path / f"feature_visualize_{place}.jpg"
