"""The files of a visualization: each picture is written into one folder, and told of."""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from shutil import copyfile
from typing import Any

from cnn.model import Model
from feature_visualize.channel_images import ChannelImage
from figures.channels import draw_labelled
from figures.files import OutputError, save_figure, save_image
from figures.style import describe_excitation
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

    def save_channel_image(
        self, model: Model, made: ChannelImage, place: int, of_image: float | None = None
    ) -> Iterator[Written]:
        """Write the image of a channel alone, as feature_visualize_{place}.jpg, and labelled; a dead one only says so.

        of_image: the channel's activation by a given image, where there is one.

        Raises:
            OutputError: where it cannot be written.
        """
        title = describe_excitation(model, made, of_image)
        more: dict[str, Any] = {
            "channel": made.channel,
            "activation": made.activation if of_image is None else of_image,
            "details": {
                "optimised_activation": made.activation,
                "highest_test_activation": made.highest,
                "dead": made.dead,
            },
        }
        alone, labelled = self._channel_paths(place)
        figure = draw_labelled(model, made, of_image)
        if made.dead:
            yield self.save(figure, alone.name, title, **more)
        else:
            save_image(alone, made.image)
            self._keep(alone)
            yield Written(alone, title, self.layer, **more)
        yield self.save(figure, labelled.name, f"{title}, labelled" if made.dead else "The same, labelled", **more)

    def remove_channel_images(self, first: int) -> None:
        """Remove what an earlier run left of feature_visualize_N.jpg, from a number on: it would belong to this one."""
        self._remove(path for place in range(first, MARKED + 1) for path in self._channel_paths(place))

    def remove_pages(self, first: int) -> None:
        """Remove what an earlier run left of the pages of an atlas, from a number on."""
        self._remove(path for path in self.path.glob("atlas_*.jpg") if path.name not in map(page_name, range(1, first)))

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

    def _channel_paths(self, place: int) -> tuple[Path, Path]:
        """Return where the image of a channel goes, alone and labelled."""
        name = f"feature_visualize_{place}"
        return self.path / f"{name}.jpg", self.path / f"{name}_labelled.jpg"

    def _remove(self, paths: Iterable[Path]) -> None:
        for path in list(paths):
            with suppress(OSError):
                path.unlink()


def page_name(number: int) -> str:
    """Return the name of a page of an atlas, from 1: of the first, which most layers have alone, without a number."""
    return f"atlas_{number}.jpg" if number > 1 else "atlas.jpg"
