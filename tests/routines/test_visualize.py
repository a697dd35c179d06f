"""The files that are written for a channel, a layer and an image, and the image of a picture."""

import pickle
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from threading import Event as Flag

import numpy as np
import pytest
from PIL import Image

from cnn.layer_info import LayerError
from cnn.model import Model
from cnn.network import IMAGES_PER_PASS, Network
from cnn.recipe import Recipe
from cnn.training import train
from feature_visualize.ascent import SETTINGS
from feature_visualize.channel_images import ChannelError
from feature_visualize.objectives import WHOLE_LAYER
from figures.files import OutputError
from preprocessing.datasets import Dataset
from preprocessing.make_samples import INPUT_INDEX
from preprocessing.mnist import load_mnist
from preprocessing.picture import PictureError
from routines.events import Event, Interrupted, Progressed, Written
from routines.places import PLACES
from routines.visualize import VisualizeRequest, visualize_channel, visualize_image
from routines.visualize_input import read_input
from tests.shipped import shipped_models
from tests.squares import dataset

Requests = Callable[[int], VisualizeRequest]

QUICK = replace(SETTINGS, steps=8)

# What a channel, a layer as a whole, and five channels of an image have.
CHANNEL = [
    "feature_visualize_1.jpg",
    "feature_visualize_1_labelled.jpg",
    "sheet.jpg",
    "diversity.jpg",
    "spectrum.jpg",
    "together.jpg",
]
WHOLE = CHANNEL[:3]
FIVE = [f"feature_visualize_{place}{more}.jpg" for place in range(1, 6) for more in ("", "_labelled")]


@pytest.fixture(scope="module")
def data() -> Dataset:
    return dataset()


@pytest.fixture(scope="module")
def model(data: Dataset) -> Model:
    model = Model.create("C(4,5)-P4-FC10", seed=0)
    train(model, data, Recipe(learning_rate=0.01, epochs=4, batch_size=20, augment=False))
    first = model.arrays()[1]
    first["weight"][3], first["bias"][3] = 0, -1  # channel 3 is dead
    return model


@pytest.fixture
def request_for(model: Model, tmp_path: Path) -> Requests:
    return lambda layer: VisualizeRequest(model, layer, tmp_path / "new" / "output", settings=QUICK)


def written(events: Iterator[Event]) -> list[Written]:
    return [event for event in events if isinstance(event, Written)]


def names(events: Iterator[Event]) -> list[str]:
    return [each.file.name for each in written(events)]


def stop_at(stage: str, done: float, run: Callable[[Flag], Iterator[Event]]) -> list[str]:
    """Set the flag when more than so many of a stage are done, and return the names of what was written."""
    stop, found = Flag(), []
    with pytest.raises(Interrupted):
        for event in run(stop):
            if isinstance(event, Progressed) and event.stage == stage and event.done > done:
                stop.set()
            if isinstance(event, Written):
                found.append(event.file.name)
    return found


def test_a_channel_has_its_image_a_sheet_and_studies(request_for: Requests, data: Dataset) -> None:
    found = written(visualize_channel(request_for(1), 2, data.x_test, Flag()))
    assert [each.file.name for each in found] == CHANNEL
    assert all(each.file.is_absolute() and (each.layer, each.channel) == (1, 2) for each in found)
    for each in found:
        with Image.open(each.file) as picture:
            picture.load()
            assert picture.format == "JPEG"


def test_each_stage_counts_to_its_end(request_for: Requests, data: Dataset) -> None:
    stages: dict[str, Progressed] = {}
    for event in visualize_channel(request_for(1), 2, data.x_test, Flag()):
        if isinstance(event, Progressed):
            stages[event.stage] = event
    assert [(each.stage, each.done, each.total, each.things) for each in stages.values()] == [
        ("Reading test digits", 100, 100, "images"),
        ("Ascent", 8, 8, "steps"),
        ("Ascent for the sheet", 16, 16, "steps"),
        ("Ascent for four pictures", 8, 8, "steps"),
        ("Ascent for two channels", 8, 8, "steps"),
        ("Drawing", 4, 4, "pictures"),
    ]


def test_the_activation_is_that_of_the_file(request_for: Requests, model: Model, data: Dataset) -> None:
    found, *_ = written(visualize_channel(request_for(1), 2, data.x_test, Flag()))
    with Image.open(found.file) as picture:
        image = np.asarray(picture.resize((28, 28), Image.Resampling.BOX))
    assert found.activation == pytest.approx(model.activations(image, 1)[0, 2].mean(), rel=0.01)


def test_a_layer_as_a_whole_has_an_atlas_and_the_last_the_digits(request_for: Requests, data: Dataset) -> None:
    found = written(visualize_channel(request_for(1), WHOLE_LAYER, data.x_test, Flag()))
    assert [each.file.name for each in found] == [*WHOLE, "filters.jpg", "atlas.jpg"]
    assert found[4].details == {"channels": 4, "finished": 4, "dead": 1}
    whole = names(visualize_channel(request_for(3), WHOLE_LAYER, data.x_test, Flag()))
    assert whole == [*WHOLE, "atlas.jpg", "digits.jpg"]


def test_an_atlas_has_pages_and_what_an_earlier_run_left_of_others_goes(tmp_path: Path, data: Dataset) -> None:
    def atlases(model: str) -> list[str]:
        request = VisualizeRequest(Model.create(model), 1, tmp_path, settings=replace(QUICK, steps=2))
        written = names(visualize_channel(request, WHOLE_LAYER, data.x_test, Flag()))
        assert sorted(path.name for path in tmp_path.glob("atlas*")) == [each for each in written if "atlas" in each]
        return [each for each in written if "atlas" in each]

    assert atlases("FC130-FC10") == ["atlas.jpg", "atlas_2.jpg", "atlas_3.jpg"]
    assert atlases("FC70-FC10") == ["atlas.jpg", "atlas_2.jpg"]
    assert atlases("FC64-FC10") == ["atlas.jpg"]


def test_a_dead_channel_says_so_and_has_no_sheet(request_for: Requests, data: Dataset) -> None:
    found = written(visualize_channel(request_for(1), 3, data.x_test, Flag()))
    assert [each.file.name for each in found] == CHANNEL[:2]
    for each in found:
        assert each.details["dead"] and each.activation == 0
        assert "Channel 3 is dead: no test digit excites it" in each.title
        with Image.open(each.file) as picture:
            assert np.median(np.asarray(picture)) == 255  # words on white, and no black square


def test_an_image_has_its_five_channels_and_four_figures(request_for: Requests, model: Model, data: Dataset) -> None:
    found = written(visualize_image(request_for(3), data.x_test[0], data.x_test, Flag()))
    assert [each.file.name for each in found] == [
        *FIVE,
        "mean_activation_bar.jpg",
        "collaged_feature_visualize.jpg",
        "activation_maps.jpg",
        "why.jpg",
    ]
    logits = model.logits(data.x_test[0])[0]
    assert [each.channel for each in found[:10:2]] == np.argsort(-logits)[:5].tolist()
    assert [each.activation for each in found[:10:2]] == pytest.approx(np.sort(logits)[::-1][:5], rel=1e-4)
    assert found[13].details["digit"] == logits.argmax()
    assert all(each.file.exists() for each in found)


def test_few_networks_are_built(request_for: Requests, data: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    def network(model: Model, images: int = IMAGES_PER_PASS) -> Network:
        built.append(images)
        return made(model, images)

    made, built = Model.network, list[int]()
    monkeypatch.setattr(Model, "network", network)
    request = replace(request_for(3), settings=replace(SETTINGS, steps=64))  # enough for one attempt
    fresh = replace(request, model=pickle.loads(pickle.dumps(request.model)))  # noqa: S301 - which has read nothing
    names(visualize_image(fresh, data.x_test[0], data.x_test, Flag()))
    assert sorted(built) == [1, 5, IMAGES_PER_PASS]


def test_a_layer_with_few_channels_has_as_many_pictures(request_for: Requests, data: Dataset) -> None:
    found = names(visualize_image(request_for(2), data.x_test[0], data.x_test, Flag()))
    assert [name for name in found if "_visualize_" in name] == FIVE[:8]


def test_other_files_stay_and_nothing_else_is_left(request_for: Requests, data: Dataset) -> None:
    request = request_for(1)
    request.output.mkdir(parents=True)
    (request.output / "mine.jpg").write_bytes(b"mine")
    (request.output / "sheet.jpg").write_bytes(b"old")
    assert names(visualize_channel(request, 2, data.x_test, Flag())) == CHANNEL
    assert {path.name for path in request.output.iterdir()} == {"mine.jpg", *CHANNEL}
    assert (request.output / "mine.jpg").read_bytes() == b"mine"
    assert (request.output / "sheet.jpg").read_bytes() != b"old"


def test_a_run_removes_the_channel_images_of_the_last_that_it_has_none_for(
    request_for: Requests, data: Dataset
) -> None:
    def images() -> list[str]:
        return sorted(path.name for path in request_for(3).output.glob("feature_visualize_*.jpg"))

    names(visualize_image(request_for(3), data.x_test[0], data.x_test, Flag()))
    assert images() == FIVE
    names(visualize_image(request_for(1), data.x_test[0], data.x_test, Flag()))
    assert images() == FIVE[:8]
    names(visualize_channel(request_for(1), 2, data.x_test, Flag()))
    assert images() == FIVE[:2]


def test_the_flag_while_drawing_stops_after_the_picture(request_for: Requests, data: Dataset) -> None:
    found = stop_at("Drawing", 1, lambda stop: visualize_image(request_for(3), data.x_test[0], data.x_test, stop))
    assert found[-1] == "collaged_feature_visualize.jpg"
    assert {path.name for path in request_for(3).output.iterdir()} == set(found)


def test_the_flag_in_an_atlas_keeps_the_channels_that_are_finished(data: Dataset, tmp_path: Path) -> None:
    model = Model.create("C(40,5)-P4-FC10", seed=0)  # more channels than are made at once
    request = VisualizeRequest(model, 1, tmp_path, settings=QUICK)
    stop, found = Flag(), []
    with pytest.raises(Interrupted):
        for event in visualize_channel(request, WHOLE_LAYER, data.x_test, stop):
            if isinstance(event, Progressed) and event.things == "channels" and 38 < event.done < 40:
                stop.set()
            if isinstance(event, Written):
                found.append(event)
    assert [each.file.name for each in found] == [*WHOLE, "filters.jpg", "atlas.jpg"]
    assert found[-1].details["channels"] == 40 and 0 < found[-1].details["finished"] < 40


def test_the_flag_before_any_channel_is_finished_leaves_no_atlas(request_for: Requests, data: Dataset) -> None:
    request = request_for(3)
    found = stop_at("Reading test digits", 99, lambda stop: visualize_channel(request, -1, data.x_test, stop))
    assert found == []


def test_what_is_not_there_is_refused(request_for: Requests, data: Dataset, tmp_path: Path) -> None:
    with pytest.raises(LayerError, match="from 1 to 3: 4 was given"):
        next(visualize_channel(request_for(4), 0, data.x_test, Flag()))
    with pytest.raises(ChannelError, match="from 0 to 9"):
        next(visualize_channel(request_for(3), 10, data.x_test, Flag()))
    (tmp_path / "new" / "output").rmdir()
    (tmp_path / "new" / "output").write_text("in the way")
    with pytest.raises(OutputError, match="pictures go into a folder, but none can be made there"):
        next(visualize_channel(request_for(1), 0, data.x_test, Flag()))


def test_settings_are_those_that_were_measured() -> None:
    assert (SETTINGS.steps, SETTINGS.learning_rate, SETTINGS.reach.shift) == (256, 0.2, 1.25)


def test_the_shipped_picture_is_read_as_the_digit_that_it_was_made_of() -> None:
    image, label = read_input(PLACES.input).image, load_mnist().y_test[INPUT_INDEX]
    assert image.shape == (28, 28) and image.dtype == np.uint8
    for model in shipped_models():
        assert model.probabilities(image)[0, label] > 0.9


def test_what_is_in_mnist_form_stays_as_it_is(tmp_path: Path) -> None:
    digit = load_mnist().x_test[0]
    Image.fromarray(digit).save(tmp_path / "x.png")
    np.testing.assert_array_equal(read_input(tmp_path / "x.png").image, digit)


@pytest.mark.parametrize("content", [None, b"", b"no picture at all"])
def test_what_is_no_picture_is_a_sentence(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "x.jpg"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(PictureError, match=r"x\.jpg") as caught:
        read_input(path)
    assert str(caught.value).count("\n") == 0


def test_an_empty_page_has_no_digit(tmp_path: Path) -> None:
    Image.new("L", (60, 60), 200).save(tmp_path / "x.png")
    with pytest.raises(PictureError, match=r"x\.png"):
        read_input(tmp_path / "x.png")
