"""Training on small data made here; what needs MNIST is in tests/test_mnist_accuracy.py."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from cnn.loss import cross_entropy
from cnn.model import Model
from cnn.network import Network
from cnn.optimizer import AveragedAdam
from cnn.recipe import Recipe, RecipeError
from cnn.training import EpochResult, Step, Training, TrainingError, epochs, images_per_pass, train
from system.arrays import Array
from tests.blas import blas_threads
from tests.squares import squares


def trained(
    count: int = 200, seed: int = 0, workers: int = 1, **settings: Any
) -> tuple[Model, tuple[EpochResult, ...]]:
    """A small model after training on some squares."""
    model = Model.create("C(4,5)-P4-FC10", seed)
    return model, train(model, squares(count), Recipe(seed=seed, **settings), workers=workers)


def test_a_model_learns() -> None:
    model, results = trained(500, epochs=6, batch_size=20, learning_rate=0.003)
    images, labels = squares(300, seed=1)
    assert (model.probabilities(images).argmax(axis=1) == labels).mean() > 0.95
    assert results[-1].mean_loss < results[0].mean_loss / 3
    assert results[-1].accuracy > 0.95


def test_the_same_seed_gives_the_same_bits() -> None:
    first, second, other = (trained(seed=seed, epochs=2)[0].parameters for seed in (3, 3, 4))
    assert first.tobytes() == second.tobytes()
    assert first.tobytes() != other.tobytes()


def test_every_image_is_trained_on_once_an_epoch_the_last_smaller_batch_too() -> None:
    training = Training(Model.create("FC10"), squares(70), Recipe(epochs=2, batch_size=32))
    seen = list(training.run())
    assert [each.images for each in seen if isinstance(each, Step)] == [32, 64, 70] * 2
    assert [type(each) for each in seen] == [Step, Step, Step, EpochResult] * 2
    assert [(result.epoch, result.epochs) for result in training.results] == [(1, 2), (2, 2)]


def test_results_summarize_the_images_as_they_were_trained_on() -> None:
    images, labels = squares(50)
    model = Model.create("FC10")
    logits = model.network(50).forward(images).copy()
    losses, _ = cross_entropy(logits, labels)
    (result,) = train(model, (images, labels), Recipe(epochs=1, batch_size=50))
    assert result.mean_loss == pytest.approx(losses.mean(), rel=1e-5)
    assert result.median_loss == pytest.approx(np.median(losses), rel=1e-5)
    assert result.accuracy == pytest.approx((logits.argmax(axis=0) == labels).mean())
    assert result.images_per_second == pytest.approx(50 / result.seconds)
    assert 0 < result.seconds < 60


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"learning_rate": 0}, "above 0 and at most 1: 0 was given"),
        ({"learning_rate": -1}, "above 0 and at most 1: -1 was given"),
        ({"learning_rate": 1000}, "above 0 and at most 1: 1000 was given"),
        ({"learning_rate": float("nan")}, "above 0 and at most 1: nan was given"),
        ({"epochs": 0}, "epochs is from 1 to 1,000: 0 was given"),
        ({"epochs": 1001}, "epochs is from 1 to 1,000: 1,001 was given"),
        ({"batch_size": 0}, "images in a batch is from 1 to 4,096: 0 was given"),
        ({"batch_size": 4097}, "images in a batch is from 1 to 4,096: 4,097 was given"),
    ],
)
def test_settings_out_of_sense_are_refused_before_anything_is_trained(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(RecipeError, match=message):
        Recipe(**settings)


def test_settings_at_the_ends_of_their_ranges_are_taken() -> None:
    Recipe(learning_rate=1.0, epochs=1000, batch_size=4096, warm_up=0.0, cool_down=1.0)
    Recipe(learning_rate=1e-300, epochs=1, batch_size=1)


def test_what_is_left_is_the_running_mean_of_the_parameters_however_training_ends() -> None:
    model = Model.create("FC10")
    training = Training(model, squares(300), Recipe(epochs=3))
    running = training.run()
    while not isinstance(next(running), EpochResult):
        pass
    assert model.parameters.tobytes() != training.optimizer.average.tobytes()
    running.close()
    assert model.parameters.tobytes() == training.optimizer.average.tobytes()
    assert [each.epoch for each in training.run() if isinstance(each, EpochResult)] == [2, 3]
    assert model.parameters.tobytes() == training.optimizer.average.tobytes()


@pytest.mark.parametrize("batch", [1, 3])
def test_a_loss_that_is_no_number_ends_training_with_the_last_good_parameters(batch: int) -> None:
    """After the first of three batches, or the last, whose loss nobody sees any more."""
    model = Model.create("FC10")
    training = Training(model, squares(300), Recipe(epochs=3))
    kept: list[Array] = []
    with pytest.raises(TrainingError, match=r"not in epoch 2: .*0\.001 is too high\. Try 0\.0001"):
        for each in training.run():
            if isinstance(each, EpochResult):
                kept.append(training.optimizer.average.copy())
            elif kept and each.images == min(batch * 128, 300):
                model.parameters[0] = np.nan
    assert len(kept) == 1
    assert model.parameters.tobytes() == kept[0].tobytes()


@dataclass(frozen=True)
class Spy:
    """An augmentation that changes nothing, and is told of the images."""

    told: Callable[[], None]
    columns: int = 0

    @property
    def draw(self) -> Callable[[np.random.Generator, int], Array]:
        return lambda generator, count: np.zeros((count, 0), np.float32)

    @property
    def apply(self) -> Callable[[Array, Array], Array]:
        def apply(images: Array, draws: Array) -> Array:
            self.told()
            return images

        return apply


def test_blas_has_one_thread_in_a_step_and_its_own_number_back_afterwards() -> None:
    before, within = blas_threads(), list[int]()
    spy = Spy(lambda: within.extend(blas_threads()))
    for _ in Training(Model.create("FC10"), squares(20), Recipe(epochs=2), augmentation=spy).run():
        assert blas_threads() == before
    assert set(within) == {1}


class Recorder(AveragedAdam):
    """An optimizer that keeps gradients and rates, and changes nothing."""

    def __init__(self, parameters: Array) -> None:
        super().__init__(parameters, 0, 0)
        self.gradients: list[Array] = []
        self.rates: list[float] = []

    def step(self, gradient: Array, learning_rate: float, part: slice = slice(None)) -> None:
        self.gradients.append(gradient.copy())
        self.rates.append(learning_rate)


def recorded(training: Training) -> Recorder:
    """What a training asks of its optimizer."""
    recorder = Recorder(training.model.parameters)
    training.optimizer = recorder
    for _ in training.run():
        pass
    return recorder


def test_the_learning_rate_goes_through_one_cycle_of_all_epochs() -> None:
    recipe = Recipe(epochs=3, batch_size=32, learning_rate=0.01, warm_up=0.5, cool_down=0.5)
    rates = recorded(Training(Model.create("FC10"), squares(50), recipe)).rates
    assert rates == pytest.approx([0.01 * share for share in (1 / 4, 2 / 4, 3 / 4, 1, 2 / 3, 1 / 3)])


def expected_order(seed: int, count: int, epochs: int) -> list[Array]:
    generator = np.random.default_rng([seed, 1])
    return [generator.permutation(count) for _ in range(epochs)]


def test_steps_take_the_mean_gradient_of_their_images_in_a_new_order_each_epoch() -> None:
    images, labels = squares(5)
    model = Model.create("FC10", dtype=np.float64)
    gradients = recorded(Training(model, (images, labels), Recipe(epochs=2, batch_size=3))).gradients
    first, second = expected_order(0, 5, 2)
    assert first.tolist() != second.tolist()
    network = Network(model, 5)
    for chosen, found in zip((first[:3], first[3:], second[:3], second[3:]), gradients, strict=True):
        _, logits_gradient = cross_entropy(network.forward(images[chosen]), labels[chosen])
        network.backward(logits_gradient)
        np.testing.assert_allclose(found, network.gradient / len(chosen))


def test_the_number_of_workers_changes_nothing_but_rounding() -> None:
    one, two, again = (trained(300, epochs=2, workers=workers) for workers in (1, 2, 2))
    assert two[0].parameters.tobytes() == again[0].parameters.tobytes()
    np.testing.assert_allclose(one[0].parameters, two[0].parameters, atol=1e-4)
    assert one[1][-1].mean_loss == pytest.approx(two[1][-1].mean_loss, rel=1e-4)


ALL_KINDS = "C(4,5,p1)-BN-P2-D(0.3)-C(4,3,s2)-A2-FC8-BN-D(0.5)-FC10"


@pytest.mark.parametrize("batch_size", [20, 70, 128])
def test_so_it_is_with_layers_that_are_random_and_that_compute_images_together(batch_size: int) -> None:
    (images, labels), found = squares(300), []
    for workers in (1, 2, 3):
        model = Model.create(ALL_KINDS)
        results = train(model, (images, labels), Recipe(epochs=1, batch_size=batch_size), workers=workers)
        # Not the parameters: the bias before BN changes nothing, and goes where rounding goes.
        found.append((results[0].mean_loss, model.logits(images)))
    for loss, logits in found[1:]:
        assert loss == pytest.approx(found[0][0], rel=1e-5)
        np.testing.assert_allclose(logits, found[0][1], rtol=1e-3, atol=1e-3)


def test_what_is_random_is_so_anew_in_each_step_and_by_the_seed() -> None:
    losses = []
    for seed in (3, 3, 4):
        model = Model.create("D(0.5)-FC10", 0)
        training = Training(model, squares(40), Recipe(epochs=2, learning_rate=1e-9, batch_size=40, seed=seed))
        losses.append([each.mean_loss for each in training.run() if isinstance(each, EpochResult)])
    assert losses[0] == losses[1] != losses[2]
    assert losses[0][0] != pytest.approx(losses[0][1], rel=1e-4)  # of the same images and weights


def test_a_model_with_every_kind_learns_and_reads_by_what_it_keeps() -> None:
    model = Model.create("C(4,5,p1)-BN-P2-C(4,3,s2)-A2-FC16-BN-D(0.2)-FC10")
    assert model.state.tolist() == [0] * 4 + [1] * 4 + [0] * 16 + [1] * 16
    (images, labels), recipe = squares(300, seed=1), Recipe(epochs=6, batch_size=32, learning_rate=0.003)

    def accuracy() -> float:
        return float((model.logits(images).argmax(axis=1) == labels).mean())

    accuracies = [accuracy() for _ in epochs(model, squares(600), recipe)]  # of the last step of each
    assert accuracies[-1] > 0.9
    assert accuracy() > 0.9


def test_what_is_kept_is_of_the_training_images_and_the_mean_of_the_parameters() -> None:
    model, (images, labels) = Model.create("C(3,5,s2)-BN-FC10"), squares(200)
    train(model, (images, labels), Recipe(epochs=1))
    convolved = model.activations(images, 1)
    mean, variance = model.state.reshape(2, -1)
    np.testing.assert_allclose(mean, convolved.mean(axis=(0, 2, 3)), rtol=1e-3, atol=1e-4)
    np.testing.assert_allclose(variance, convolved.var(axis=(0, 2, 3)), rtol=0.05)
    normalised = model.network(64).forward_to(images[:64], 2)
    gamma, beta = model.arrays()[2]["gamma"], model.arrays()[2]["beta"]
    np.testing.assert_allclose(normalised.mean(axis=(0, 2, 3)), beta, atol=0.05)
    np.testing.assert_allclose(normalised.std(axis=(0, 2, 3)), np.abs(gamma), rtol=0.1)


@pytest.mark.parametrize(
    ("batch_size", "workers", "images"),
    [(128, 1, 64), (128, 2, 64), (128, 4, 32), (128, 9, 32), (100, 1, 50), (33, 2, 32), (20, 2, 20), (1, 1, 1)],
)
def test_a_pass_has_room_for_whole_groups(batch_size: int, workers: int, images: int) -> None:
    assert images_per_pass(batch_size, workers, 32) == images


@pytest.mark.parametrize(
    ("batch_size", "workers", "images"),
    [(1, 1, 1), (64, 1, 64), (65, 1, 33), (256, 1, 64), (100, 1, 50), (60_000, 1, 64), (256, 2, 64), (200, 2, 50)],
)
def test_passes_of_a_share_are_nearly_equal(batch_size: int, workers: int, images: int) -> None:
    assert images_per_pass(batch_size, workers) == images


def test_epochs_is_the_iterator() -> None:
    model = Model.create("FC10")
    running = epochs(model, squares(50), Recipe(epochs=3))
    before = model.parameters.copy()
    assert next(running).epoch == 1
    assert (model.parameters != before).any()
    assert [result.epoch for result in running] == [2, 3]
