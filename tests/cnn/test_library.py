"""The network as a library: what a stranger types after `from cnn import ...`."""

import re
from collections.abc import Callable
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from cnn import Model, Recipe, epochs, evaluate, train
from cnn.inputs import InputError
from cnn.recipe import RecipeError
from cnn.training import EpochResult
from system.errors import UserError
from system.processes import SPAWN
from system.threads import single_threaded_blas
from tests.cnn.test_augmentation import Darkening
from tests.squares import dataset, squares

STRING = "C(4,5)-P4-FC10"
RECIPE = Recipe(epochs=2, batch_size=32)


def trained() -> tuple[bytes, list[float]]:
    """The parameters, and the losses of the epochs, of a small training."""
    model = Model.create(STRING, seed=0)
    results = train(model, squares(150), RECIPE)
    return model.parameters.tobytes(), [result.mean_loss for result in results]


def test_a_model_is_trained_and_evaluated_in_a_few_lines(tmp_path: Path) -> None:
    model = Model.create(STRING, seed=0)
    history = train(model, squares(500), Recipe(epochs=6, batch_size=20, learning_rate=0.003))
    assert [result.epoch for result in history] == [1, 2, 3, 4, 5, 6]
    assert evaluate(model, squares(200, 1)).accuracy > 0.95
    model.save(tmp_path / "mine.npz")
    images, labels = squares(5, 2)
    assert Model.load(tmp_path / "mine.npz").probabilities(images).argmax(axis=1).tolist() == labels.tolist()


def test_lists_will_do() -> None:
    images, labels = squares(150)
    models = [Model.create(STRING) for _ in range(2)]
    train(models[0], (images, labels), RECIPE)
    train(models[1], [images.tolist(), labels.tolist()], RECIPE)
    assert models[0].parameters.tobytes() == models[1].parameters.tobytes()
    accuracy = evaluate(models[0], (images, labels)).accuracy
    assert evaluate(models[1], (images.reshape(-1, 784).tolist(), labels.tolist())).accuracy == accuracy


def test_a_data_set_is_trained_on_its_training_images_and_evaluated_on_its_test_images() -> None:
    data = dataset(200, 50)
    first, second = Model.create(STRING), Model.create(STRING)
    plain = Recipe(epochs=2, augment=False)
    train(first, data, plain)
    train(second, (data.x_train, data.y_train), plain)
    assert first.parameters.tobytes() == second.parameters.tobytes()
    assert evaluate(first, data).images == 50
    assert evaluate(first, data).accuracy == evaluate(first, (data.x_test, data.y_test)).accuracy


def test_data_with_an_augmentation_are_changed_unless_the_recipe_says_no() -> None:
    images, labels = squares(100)
    plain = SimpleNamespace(x_train=images, y_train=labels)
    dark = SimpleNamespace(x_train=images, y_train=labels, augmentation=Darkening())
    bits = []
    for data, augment in ((plain, True), (dark, False), (dark, True)):
        model = Model.create("FC10")
        train(model, data, Recipe(epochs=1, augment=augment))
        bits.append(model.parameters.tobytes())
    assert bits[0] == bits[1] != bits[2]


@pytest.mark.parametrize("form", ["float32", "float64", "float16", "lists"])
def test_floats_are_augmented_as_whole_numbers_are(form: str) -> None:
    data = dataset(100)
    floats: Any = data.x_train / 255
    floats = floats.tolist() if form == "lists" else floats.astype(form)
    models = [Model.create("FC10") for _ in range(2)]
    histories = [
        train(model, replace(data, x_train=images), RECIPE)
        for model, images in zip(models, (data.x_train, floats), strict=True)
    ]
    assert [result.mean_loss for result in histories[0]] == [result.mean_loss for result in histories[1]]
    assert models[0].parameters.tobytes() == models[1].parameters.tobytes()


def test_without_a_recipe_it_is_the_default_one() -> None:
    first, second = Model.create("FC10"), Model.create("FC10")
    assert len(train(first, squares(20))) == Recipe().epochs
    train(second, squares(20), Recipe())
    assert first.parameters.tobytes() == second.parameters.tobytes()


def test_epochs_can_be_left_at_any_time() -> None:
    model = Model.create("FC10")
    for result in epochs(model, squares(50), Recipe(epochs=1000)):
        assert isinstance(result, EpochResult)
        if result.epoch == 2:
            break
    assert np.isfinite(model.parameters).all()


def test_the_mean_is_left_where_epochs_are_no_longer_asked_for() -> None:
    whole, left = Model.create("FC10"), Model.create("FC10")
    train(whole, squares(50), Recipe(epochs=1, warm_up=0.0, cool_down=0.0))
    running = epochs(left, squares(50), Recipe(epochs=3, warm_up=0.0, cool_down=0.0))
    next(running)
    assert left.parameters.tobytes() != whole.parameters.tobytes()
    running.close()  # type: ignore[attr-defined]
    assert left.parameters.tobytes() == whole.parameters.tobytes()


@pytest.mark.parametrize("kind", ["thread", "process"])
def test_a_training_in_a_pool_has_the_bits_of_one_in_the_main_thread(kind: str) -> None:
    pool: Executor = ThreadPoolExecutor(2) if kind == "thread" else ProcessPoolExecutor(2, mp_context=SPAWN)
    with pool:
        found = [future.result(timeout=100) for future in [pool.submit(trained) for _ in range(2)]]
    assert found == [trained()] * 2


def test_a_model_goes_to_another_process_and_comes_back_trained() -> None:
    with ProcessPoolExecutor(1, mp_context=SPAWN) as pool:
        model = pool.submit(trained_model, Model.create(STRING)).result(timeout=100)
    assert model.parameters.tobytes() == trained()[0]


def trained_model(model: Model) -> Model:
    """The model itself, after training."""
    train(model, squares(150), RECIPE)
    return model


def test_blas_may_be_limited_once_for_all() -> None:
    with single_threaded_blas():
        assert trained() == trained()


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ((squares(5)[0], [0, 1, 2, 3]), "each of 5 images"),
        ((squares(5)[0], [0, 1, 2, 3, 10]), "from 0 to 9"),
        ((squares(5)[0], np.eye(10)[:5]), "one-hot"),
        ((squares(5)[0].astype(float), [0] * 5), "Divide by 255"),
        ((np.zeros((5, 32, 32)), [0] * 5), "have the shape"),
        ("mnist.npz", "Data are a pair"),
    ],
)
def test_what_cannot_be_taken_is_refused_before_anything_is_trained(data: Any, message: str) -> None:
    model = Model.create("FC10")
    before = model.parameters.tobytes()
    for use in (train, epochs, evaluate):
        with pytest.raises(InputError, match=message) as caught:
            use(model, data)
        assert isinstance(caught.value, UserError)
    assert model.parameters.tobytes() == before


def test_a_recipe_that_makes_no_sense_is_refused() -> None:
    with pytest.raises(RecipeError, match="The number of epochs is from 1 to 1,000: 0 was given"):
        train(Model.create("FC10"), squares(5), Recipe(epochs=0))


def test_labels_beyond_the_classes_of_a_model_are_refused() -> None:
    images, labels = squares(20)
    with pytest.raises(InputError, match="from 0 to 4, one for each unit of the last layer"):
        train(Model.create("FC5"), (images, labels))
    train(Model.create("FC26"), (images, labels), Recipe(epochs=1))


def test_a_model_of_26_classes_is_evaluated_with_its_names() -> None:
    names = tuple("abcdefghijklmnopqrstuvwxyz")
    model = Model.create("C(4,5)-P4-FC26", class_names=names)
    images, labels = squares(300)
    train(model, (images, labels + 16), Recipe(epochs=8, batch_size=20, learning_rate=0.005))
    found = evaluate(model, (images, labels + 16))
    assert found.class_names == names and found.confusion_matrix.shape == (26, 26)
    assert found.accuracy > 0.9
    assert len(found.per_digit) == 26 and found.per_digit[0].images == 0
    wrong = evaluate(model, (images, labels))
    assert wrong.accuracy < 0.1
    assert wrong.one_vs_rest_accuracy == pytest.approx(1 - 2 / 26 * (1 - wrong.accuracy))


@pytest.mark.parametrize(
    ("call", "rule"),
    [
        (lambda: train("FC10", squares(8)), "A model is trained: 'FC10' was given. "),  # type: ignore[arg-type]
        (lambda: train(Model.create(STRING), squares(8), 5), "Settings of a training are a recipe: '5' was given. "),  # type: ignore[arg-type]
        (lambda: train(Model.create(STRING), squares(8), workers=0), "workers is a whole number from 1 up: '0' was"),
        (lambda: evaluate(Model.create(STRING), squares(8), 1.5), "workers is a whole number from 1 up: '1.5' was"),  # type: ignore[arg-type]
        (lambda: evaluate(None, squares(8)), "A model is evaluated: 'None' was given. "),  # type: ignore[arg-type]
        (lambda: Model.create(5), "A model is created from a model string: '5' was given. "),  # type: ignore[arg-type]
        (lambda: Model.create(STRING, -1), "A seed is a whole number from 0 up: '-1' was given. "),
        (lambda: Model.load(None), "A weight file has a path: 'None' was given. "),  # type: ignore[arg-type]
        (lambda: Model.create(STRING).save(3), "A weight file has a path: '3' was given. "),  # type: ignore[arg-type]
    ],
)
def test_what_is_of_another_type_is_refused_in_a_sentence(call: Callable[[], Any], rule: str) -> None:
    with pytest.raises(InputError, match=re.escape(rule)):
        call()
