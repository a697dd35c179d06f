"""Images that are held out of a training, and read after each epoch."""

from typing import Any

import numpy as np
import pytest

from cnn.evaluation import evaluate
from cnn.inputs import InputError
from cnn.model import Model
from cnn.recipe import Recipe
from cnn.training import EpochResult, Training
from cnn.validation import hold_out
from tests.squares import squares


def test_every_class_is_held_out_by_its_share() -> None:
    labels = np.repeat([0, 1, 2, 3], [100, 10, 3, 1])
    trained_on, held_out = hold_out(labels, 0.2, 5)
    assert np.bincount(labels[held_out]).tolist() == [20, 2, 1]
    assert sorted([*trained_on, *held_out]) == list(range(114))
    assert held_out.tolist() != [*range(20), 100, 101, 110]


def test_the_same_seed_holds_the_same_images_out() -> None:
    labels = squares(300)[1]
    first, again, other = (hold_out(labels, 0.1, seed)[1].tolist() for seed in (7, 7, 8))
    assert first == again != other


def test_a_share_of_0_holds_none_out() -> None:
    trained_on, held_out = hold_out(squares(30)[1], 0, 1)
    assert trained_on.tolist() == list(range(30)) and not len(held_out)


def test_a_share_that_is_no_image_is_refused() -> None:
    with pytest.raises(InputError, match=r"at least an image of some class: 0\.001 of 30 images was given\. Choose a"):
        Training(Model.create("FC10"), squares(30), Recipe(validation=0.001))


def run(data: Any, workers: int, **more: Any) -> Training:
    model = Model.create("C(4,5)-P4-FC10", 0)
    training = Training(model, data, Recipe(learning_rate=0.01, epochs=3, batch_size=20, **more), workers=workers)
    for _ in training.run():
        pass
    return training


@pytest.mark.parametrize("workers", [1, 2])
def test_the_rest_is_trained_on_as_if_there_were_no_other_images(workers: int) -> None:
    images, labels = squares(300)
    rest, held_out = hold_out(labels, 0.2, 0)
    found = run((images, labels), workers, validation=0.2)
    alone = run((images[rest], labels[rest]), workers)
    assert found.images == len(rest) < 300
    assert found.model.parameters.tobytes() == alone.model.parameters.tobytes()
    assert [each.mean_loss for each in found.results] == [each.mean_loss for each in alone.results]
    assert [each.validation_accuracy for each in alone.results] == [None] * 3
    read = evaluate(found.model, (images[held_out], labels[held_out]))
    assert found.results[-1].validation_accuracy == read.accuracy > 0.5


def test_one_and_two_workers_read_as_much_right() -> None:
    one, two = (run(squares(300), workers, validation=0.2) for workers in (1, 2))
    for first, second in zip(one.results, two.results, strict=True):  # but for rounding, which one image may turn on
        assert first.validation_accuracy == pytest.approx(second.validation_accuracy, abs=0.02)


def test_it_is_the_running_mean_that_reads_them_and_the_parameters_are_back_when_training_goes_on() -> None:
    (images, labels), seen = squares(300), 0
    training = Training(Model.create("FC10"), (images, labels), Recipe(epochs=2, validation=0.2, batch_size=20))
    _, held_out = hold_out(labels, 0.2, 0)
    for each in training.run():
        assert training.model.parameters.tobytes() != training.optimizer.average.tobytes()
        if isinstance(each, EpochResult):
            mean = Model(training.model.specs, training.optimizer.average.copy())
            assert each.validation_accuracy == evaluate(mean, (images[held_out], labels[held_out])).accuracy
            seen += 1
    assert seen == 2
