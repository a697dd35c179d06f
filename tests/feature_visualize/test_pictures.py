"""The files that are written for a channel, a layer and an image."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from cnn.network import LayerError
from cnn.weights import WeightFile
from feature_visualize import portraits, study
from feature_visualize.ascent import SETTINGS, ascend
from feature_visualize.channel_pictures import channel_pictures
from feature_visualize.image_pictures import image_pictures
from feature_visualize.picture import OutputError
from feature_visualize.portraits import ChannelError
from feature_visualize.request import Request, Written
from feature_visualize.sheets import draw_filters
from feature_visualize.targets import WHOLE_LAYER
from preprocessing.mnist import Dataset


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Eight steps a climb."""

    def short(*arguments: Any) -> Any:
        network, layer, targets, generator, settings, progress = arguments
        return ascend(network, layer, targets, generator, replace(settings, steps=8), progress)

    for module in (portraits, study):
        monkeypatch.setattr(module, "ascend", short)


def begin(title: str, total: int, things: str) -> Callable[[float], None]:
    return lambda done: None


def names(written: Iterator[Written]) -> list[str]:
    return [each.file.name for each in written]


@pytest.fixture
def request_for(weights: WeightFile, tmp_path: Path) -> Callable[[int], Request]:
    return lambda layer: Request(weights, layer, 0, tmp_path / "new" / "output")


def test_a_channel_has_its_image_and_a_sheet(request_for: Callable[[int], Request], data: Dataset) -> None:
    found = list(channel_pictures(request_for(1), 2, data.x_test, begin))
    assert [each.file.name for each in found] == ["feature_visualize_1.jpg", "sheet.jpg"]
    assert all(each.file.is_absolute() and (each.layer, each.channel) == (1, 2) for each in found)
    for each in found:
        with Image.open(each.file) as picture:
            picture.load()
            assert picture.format == "JPEG"


def test_the_activation_is_that_of_the_file(
    request_for: Callable[[int], Request], weights: WeightFile, data: Dataset
) -> None:
    found = next(channel_pictures(request_for(1), 2, data.x_test, begin))
    with Image.open(found.file) as picture:
        image = np.asarray(picture.resize((28, 28), Image.Resampling.BOX))
    reached = weights.network().activations(image[np.newaxis], 1)[0, 2].mean()
    assert found.activation == pytest.approx(reached, rel=0.01)


def test_a_layer_as_a_whole_has_an_atlas_and_the_last_the_digits(
    request_for: Callable[[int], Request], data: Dataset
) -> None:
    alone = ["feature_visualize_1.jpg", "sheet.jpg", "atlas.jpg"]
    found = list(channel_pictures(request_for(1), WHOLE_LAYER, data.x_test, begin))
    assert [each.file.name for each in found] == [*alone[:2], "filters.jpg", "atlas.jpg"]
    assert found[3].details == {"channels": 4, "finished": 4, "dead": 1}
    assert names(channel_pictures(request_for(3), WHOLE_LAYER, data.x_test, begin)) == [*alone, "digits.jpg"]


def test_a_dead_channel_is_a_black_image_and_no_sheet(request_for: Callable[[int], Request], data: Dataset) -> None:
    (found,) = channel_pictures(request_for(1), 3, data.x_test, begin)
    assert found.details["dead"] and found.activation == 0
    with Image.open(found.file) as picture:
        assert not np.asarray(picture).any()


def test_an_image_has_its_five_channels_and_four_figures(
    request_for: Callable[[int], Request], weights: WeightFile, data: Dataset
) -> None:
    found = list(image_pictures(request_for(3), data.x_test[0], data.x_test, begin))
    assert [each.file.name for each in found] == [
        *(f"feature_visualize_{place}.jpg" for place in range(1, 6)),
        "mean_activation_bar.jpg",
        "collaged_feature_visualize.jpg",
        "activation_maps.jpg",
        "why.jpg",
    ]
    logits = weights.network(1).forward(data.x_test[:1])[:, 0]
    assert [each.channel for each in found[:5]] == np.argsort(-logits)[:5].tolist()
    assert [each.activation for each in found[:5]] == pytest.approx(np.sort(logits)[::-1][:5], rel=1e-4)
    assert found[8].details["digit"] == logits.argmax()
    assert all(each.file.exists() for each in found)


def test_a_layer_with_few_channels_has_as_many_pictures(request_for: Callable[[int], Request], data: Dataset) -> None:
    written = names(image_pictures(request_for(2), data.x_test[0], data.x_test, begin))
    assert [name for name in written if "_visualize_" in name] == [f"feature_visualize_{n}.jpg" for n in range(1, 5)]


def test_other_files_stay_and_nothing_else_is_left(request_for: Callable[[int], Request], data: Dataset) -> None:
    request = request_for(1)
    request.output.mkdir(parents=True)
    (request.output / "mine.jpg").write_bytes(b"mine")
    (request.output / "sheet.jpg").write_bytes(b"old")
    assert len(list(channel_pictures(request, 2, data.x_test, begin))) == 2
    assert {path.name for path in request.output.iterdir()} == {"mine.jpg", "sheet.jpg", "feature_visualize_1.jpg"}
    assert (request.output / "mine.jpg").read_bytes() == b"mine"
    assert (request.output / "sheet.jpg").read_bytes() != b"old"


def test_a_run_removes_the_portraits_of_the_last_that_it_has_none_for(
    request_for: Callable[[int], Request], data: Dataset
) -> None:
    def portraits() -> list[str]:
        return sorted(path.name for path in request_for(3).output.glob("feature_visualize_*.jpg"))

    list(image_pictures(request_for(3), data.x_test[0], data.x_test, begin))
    assert portraits() == [f"feature_visualize_{place}.jpg" for place in range(1, 6)]
    list(image_pictures(request_for(1), data.x_test[0], data.x_test, begin))
    assert portraits() == [f"feature_visualize_{place}.jpg" for place in range(1, 5)]
    list(channel_pictures(request_for(1), 2, data.x_test, begin))
    assert portraits() == ["feature_visualize_1.jpg"]


def test_ctrl_c_while_drawing_stops_after_the_picture(request_for: Callable[[int], Request], data: Dataset) -> None:
    def stopping(title: str, total: int, things: str) -> Callable[[float], None]:
        def show(done: float) -> None:
            if title == "Drawing" and done == 2:
                raise KeyboardInterrupt

        return show

    found: list[Written] = []
    with pytest.raises(KeyboardInterrupt):
        found.extend(image_pictures(request_for(3), data.x_test[0], data.x_test, stopping))
    names = {path.name for path in request_for(3).output.iterdir()}
    assert "collaged_feature_visualize.jpg" in names and "why.jpg" not in names


def test_the_filters_are_the_weights_of_the_first_layer(weights: WeightFile) -> None:
    filters = weights.arrays[1][0][:, 0]
    figure = draw_filters(weights.specs, filters)
    assert [axes.get_title() for axes in figure.axes] == ["0", "1", "2", "3"]
    for axes, each in zip(figure.axes, filters, strict=True):
        np.testing.assert_array_equal(axes.images[0].get_array(), each)
        assert axes.images[0].get_clim() == pytest.approx((-np.abs(filters).max(), np.abs(filters).max()))


def test_ctrl_c_in_an_atlas_keeps_the_channels_that_are_finished(
    request_for: Callable[[int], Request], data: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("feature_visualize.channel_pictures.CHANNELS_AT_ONCE", 2)

    def stopping(title: str, total: int, things: str) -> Callable[[float], None]:
        def show(done: float) -> None:
            if total == 4 and done > 3:  # in the second of two groups, after the dead channel
                raise KeyboardInterrupt

        return show

    found: list[Written] = []
    with pytest.raises(KeyboardInterrupt):
        found.extend(channel_pictures(request_for(1), WHOLE_LAYER, data.x_test, stopping))
    output = request_for(1).output
    assert {path.name for path in output.iterdir()} == {
        "feature_visualize_1.jpg",
        "sheet.jpg",
        "filters.jpg",
        "atlas.jpg",
    }


def test_what_is_not_there_is_refused(request_for: Callable[[int], Request], data: Dataset, tmp_path: Path) -> None:
    with pytest.raises(LayerError, match="from 1 to 3: 4 was given"):
        next(channel_pictures(request_for(4), 0, data.x_test, begin))
    with pytest.raises(ChannelError, match="from 0 to 9"):
        next(channel_pictures(request_for(3), 10, data.x_test, begin))
    (tmp_path / "new" / "output").rmdir()
    (tmp_path / "new" / "output").write_text("in the way")
    with pytest.raises(OutputError, match="pictures go into a folder, but none can be made there"):
        next(channel_pictures(request_for(1), 0, data.x_test, begin))


def test_settings_are_those_that_were_measured() -> None:
    assert (SETTINGS.steps, SETTINGS.learning_rate, SETTINGS.reach.shift) == (256, 0.2, 1.25)
