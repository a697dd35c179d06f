"""The model as a record: how it comes into being, what it says of itself, and who may read with it."""

import json
import pickle
import re
import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from threading import Barrier
from typing import Any

import numpy as np
import pytest

from cnn.architecture import parse
from cnn.layer_info import LayerError
from cnn.layers.base import ModelStringError
from cnn.model import Model
from cnn.recipe import Recipe
from cnn.training import train
from tests.squares import squares

STRING = "C(3,5)-P2-FC7-FC10"
LETTERS = tuple("abcdefghijklmnopqrstuvwxyz")


def test_a_new_model_is_never_zeros() -> None:
    for arrays in Model.create(STRING).arrays().values():
        assert arrays["weight"].all() and arrays["weight"].std() > 0.01
        assert not arrays["bias"].any()


def test_the_same_seed_gives_the_same_bits() -> None:
    first, again, other = (Model.create(STRING, seed).parameters.tobytes() for seed in (3, 3, 4))
    assert first == again != other
    assert Model.create(parse(STRING), np.random.default_rng(3)).parameters.tobytes() == first


def test_a_generator_goes_on_from_where_it_stands() -> None:
    generator = np.random.default_rng(0)
    first, second = (Model.create("FC10", generator).parameters for _ in range(2))
    assert first.tobytes() != second.tobytes()


def test_the_arrays_are_views_in_the_shapes_of_the_file() -> None:
    model = Model.create(STRING)
    shapes = {number: {name: array.shape for name, array in layer.items()} for number, layer in model.arrays().items()}
    assert shapes == {
        1: {"weight": (3, 1, 5, 5), "bias": (3,)},
        3: {"weight": (7, 432), "bias": (7,)},
        4: {"weight": (10, 7), "bias": (10,)},
    }
    sizes = [array.size for layer in model.arrays().values() for array in layer.values()]
    assert sum(sizes) == model.parameter_count == len(model.parameters)
    for layer in model.arrays().values():
        for array in layer.values():
            array[...] = 5
    assert (model.parameters == 5).all()


def test_a_model_says_what_it_is() -> None:
    model = Model.create(" c(3,5)-p2-fc7-fc10 ")
    assert (model.string, model.classes, model.class_names) == (STRING, 10, tuple("0123456789"))
    assert repr(model) == f"Model({STRING})"


def test_layers_say_what_they_are() -> None:
    layers = Model.create(STRING).layers
    assert [layer.number for layer in layers] == [1, 2, 3, 4]
    assert [layer.shape for layer in layers] == [(3, 24, 24), (3, 12, 12), (7,), (10,)]
    assert [layer.channels for layer in layers] == [3, 3, 7, 10]
    assert [layer.unit for layer in layers] == ["channel", "channel", "unit", "digit"]
    assert [layer.is_output for layer in layers] == [False, False, False, True]
    assert [str(layer.spec) for layer in layers] == STRING.split("-")
    assert Model.create("FC26", class_names=LETTERS).layer(1).unit == "class"
    assert Model.create("FC10", class_names=LETTERS[:10]).layer(1).unit == "class"


@pytest.mark.parametrize("number", [0, -1, 5, 1.5, "2", None, True])
def test_a_layer_that_is_not_there_is_refused(number: object) -> None:
    given = number if type(number) is int else f"'{number}'"
    rule = f"Layers of this model are numbered from 1 to 4: {given} was given. Choose another."
    with pytest.raises(LayerError, match=f"^{re.escape(rule)}$"):
        Model.create(STRING).layer(number)  # type: ignore[arg-type]


def test_a_layer_has_a_number_of_python() -> None:
    layer = Model.create(STRING).layer(np.int64(4))
    assert layer == Model.create(STRING).layers[3]
    assert (type(layer.number), type(layer.is_output)) == (int, bool)


def test_classes_have_names() -> None:
    assert Model.create("FC26", class_names=LETTERS).class_names == LETTERS
    assert Model.create("FC3").class_names == ("0", "1", "2")
    with pytest.raises(ModelStringError, match="FC26 must be the last token, one unit for each class"):
        Model.create("FC10", class_names=LETTERS)


def test_a_last_layer_that_is_no_class_each_is_refused() -> None:
    with pytest.raises(ModelStringError, match="must be the last token"):
        Model.create("C(8,5)-P2")
    with pytest.raises(ModelStringError, match="must be the last token"):
        Model.create(parse("C(8,5)-P2-FC10")[:2])


@pytest.mark.parametrize(
    ("specs", "message"),
    [
        ((), "at least one layer: nothing was given"),
        ((parse(STRING)[-1], parse(STRING)[0], parse(STRING)[-1]), "gone after FC"),
        ((1, 2), "Token 1, '1', of '1-2'"),
    ],
)
def test_specs_keep_the_rules_of_a_model_string(specs: Any, message: str) -> None:
    with pytest.raises(ModelStringError, match=message):
        Model.create(specs)


def test_names_and_temperature_are_saved_and_loaded(tmp_path: Path) -> None:
    model = replace(Model.create("FC26", class_names=LETTERS), temperature=1.5)
    model.save(tmp_path / "w.npz", {"accuracy": 0.5})
    for path in (tmp_path / "w.npz", str(tmp_path / "w.npz")):
        loaded = Model.load(path)
        assert (loaded.class_names, loaded.temperature, loaded.metadata["accuracy"]) == (LETTERS, 1.5, 0.5)
        assert loaded.parameters.tobytes() == model.parameters.tobytes()
        assert loaded.path == tmp_path / "w.npz"


def test_a_model_that_is_saved_again_keeps_its_metadata(tmp_path: Path) -> None:
    Model.create("FC10").save(tmp_path / "w.npz", {"accuracy": 0.5})
    Model.load(tmp_path / "w.npz").save(tmp_path / "again.npz")
    assert Model.load(tmp_path / "again.npz").metadata["accuracy"] == 0.5


def test_temperature_and_names_have_one_home_whatever_the_metadata_said(tmp_path: Path) -> None:
    replace(Model.create("FC26", class_names=LETTERS), temperature=2.0).save(tmp_path / "w.npz")
    loaded = Model.load(tmp_path / "w.npz")
    replace(loaded, temperature=1.0, class_names=LETTERS[::-1]).save(tmp_path / "changed.npz")
    changed = Model.load(tmp_path / "changed.npz")
    assert (changed.temperature, changed.class_names) == (1, LETTERS[::-1])
    changed.save(tmp_path / "said.npz", {"temperature": 3.0, "class_names": ["x"], "model": "FC10"})
    said = Model.load(tmp_path / "said.npz")
    assert (said.temperature, said.class_names, said.string) == (1, LETTERS[::-1], "FC26")


@pytest.mark.parametrize("names", [["a"], [1, 2, 3], "abc", None, {"a": 1}])
def test_names_in_a_file_that_do_not_fit_are_numbers(names: object, tmp_path: Path) -> None:
    arrays = Model.create("FC3").arrays()[1]
    metadata = json.dumps({"model": "FC3", "class_names": names})
    np.savez(tmp_path / "w.npz", weight_1=arrays["weight"], bias_1=arrays["bias"], metadata=np.array(metadata))
    assert Model.load(tmp_path / "w.npz").class_names == ("0", "1", "2")


def test_the_temperature_divides_logits_and_changes_no_answer() -> None:
    images, _ = squares(20)
    model = Model.create(STRING)
    warm = replace(model, temperature=2.0)
    np.testing.assert_array_equal(warm.logits(images), model.logits(images))
    np.testing.assert_allclose(warm.probabilities(images), model.to_probabilities(model.logits(images) / 2), rtol=1e-5)
    np.testing.assert_allclose(warm.activations(images, 4), warm.probabilities(images))
    assert (warm.probabilities(images).argmax(axis=1) == model.probabilities(images).argmax(axis=1)).all()


def test_a_pickled_model_reads_as_the_model_does() -> None:
    images, _ = squares(5)
    model = replace(Model.create("FC26", class_names=LETTERS), temperature=1.5, metadata={"a": 1}, path=Path("w.npz"))
    expected = model.probabilities(images)  # with its readers made, which are no part of it
    copy = pickle.loads(pickle.dumps(model))  # noqa: S301
    np.testing.assert_array_equal(copy.probabilities(images), expected)
    assert (copy.string, copy.class_names, copy.metadata, copy.path) == ("FC26", LETTERS, {"a": 1}, Path("w.npz"))
    copy.parameters[...] = 0
    np.testing.assert_array_equal(model.probabilities(images), expected)


def test_two_threads_read_with_one_model_at_once() -> None:
    model, images = Model.create(STRING), squares(64)[0]
    expected = [model.probabilities(images[first : first + 16]) for first in range(0, 64, 16)]
    barrier = Barrier(4)

    def read(part: int) -> bool:
        barrier.wait(timeout=30)
        mine = images[16 * part : 16 * part + 16]
        return all(np.array_equal(model.probabilities(mine), expected[part]) for _ in range(100))

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(read, range(4))) == [True] * 4


def test_what_was_read_before_is_not_overwritten_and_parameters_are_followed() -> None:
    model, (images, _) = Model.create(STRING), squares(10)
    first = model.logits(images)
    kept = first.copy()
    model.parameters[...] *= 2
    second = model.logits(images)
    np.testing.assert_array_equal(first, kept)
    assert not np.allclose(first, second)


@pytest.mark.parametrize("count", [1, 2, 3, 31, 32, 33, 70])
def test_any_number_of_images_is_read_as_each_alone(count: int) -> None:
    model, (images, _) = Model.create(STRING), squares(count)
    alone = np.concatenate([model.logits(image) for image in images])
    np.testing.assert_allclose(model.logits(images), alone, rtol=1e-4, atol=1e-5)


def test_one_image_takes_the_buffers_of_one_image() -> None:
    images, _ = squares(32)
    taken = []
    for count in (1, 32):
        model = Model.create("C(8,5)-P2-C(16,3)-P2-FC10")
        tracemalloc.start()
        model.logits(images[:count])
        taken.append(tracemalloc.get_traced_memory()[0])
        tracemalloc.stop()
    assert taken[0] < taken[1] / 8


def test_a_model_of_26_classes_trains_and_reads() -> None:
    images, labels = squares(300)
    model = Model.create("C(4,5)-P4-FC26", class_names=LETTERS)
    train(model, (images, labels + 16), Recipe(epochs=8, batch_size=20, learning_rate=0.005))
    images, labels = squares(100, 1)
    probabilities = model.probabilities(images)
    assert probabilities.shape == (100, 26)
    assert (probabilities.argmax(axis=1) == labels + 16).mean() > 0.9
