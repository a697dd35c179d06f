"""Training on small data made here; what needs MNIST is in tests/test_mnist_accuracy.py."""

from typing import Any, ClassVar

import numpy as np
import pytest
from threadpoolctl import threadpool_info

from cnn import Array
from cnn.architecture import parse
from cnn.augmentation import Augmentation
from cnn.loss import cross_entropy
from cnn.network import Network
from cnn.optimizer import AveragedAdam
from cnn.training import (
    MAX_BATCH_SIZE,
    MAX_EPOCHS,
    EpochResult,
    TrainingError,
    check_settings,
    images_per_pass,
    train,
)
from cnn.workers import Workers
from tests.squares import squares


def trained(count: int = 200, seed: int = 0, **settings: Any) -> tuple[Network, list[EpochResult]]:
    """A small network after training on some squares."""
    generator = np.random.default_rng(seed)
    network = Network(parse("C(4,5)-P4-FC10"), images_per_pass(settings.get("batch_size", 128)))
    network.initialize(generator)
    return network, list(train(network, *squares(count), generator, **settings))


def test_a_network_learns() -> None:
    network, results = trained(500, epochs=6, batch_size=20, learning_rate=0.003)
    images, labels = squares(300, seed=1)
    assert (network.probabilities(images).argmax(axis=1) == labels).mean() > 0.95
    assert results[-1].mean_loss < results[0].mean_loss / 3
    assert results[-1].accuracy > 0.95


def test_the_same_seed_gives_the_same_bits() -> None:
    first, second, other = (trained(seed=seed, epochs=2)[0].parameters for seed in (3, 3, 4))
    assert first.tobytes() == second.tobytes()
    assert first.tobytes() != other.tobytes()


def test_every_image_is_trained_on_once_an_epoch_the_last_smaller_batch_too() -> None:
    seen: list[int] = []
    _, results = trained(70, epochs=2, batch_size=32, progress=lambda images, loss: seen.append(images))
    assert seen == [32, 64, 70] * 2
    assert [(result.epoch, result.epochs) for result in results] == [(1, 2), (2, 2)]


def test_results_summarize_the_images_as_they_were_trained_on() -> None:
    generator = np.random.default_rng(0)
    images, labels = squares(50)
    network = Network(parse("FC10"), 25)
    network.initialize(generator)
    losses, _ = cross_entropy(Network.forward(before := Network(parse("FC10"), 50), images), labels)
    assert losses.mean() == pytest.approx(np.log(10))  # all parameters 0
    before.parameters[...] = network.parameters
    logits = before.forward(images)
    losses, _ = cross_entropy(logits, labels)
    (result,) = train(network, images, labels, generator, epochs=1, batch_size=50)
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
    with pytest.raises(TrainingError, match=message):
        train(Network(parse("FC10")), *squares(5), np.random.default_rng(0), **settings)


def test_what_is_left_is_the_running_mean_of_the_parameters_however_training_ends() -> None:
    generator = np.random.default_rng(0)
    network = Network(parse("FC10"))
    network.initialize(generator)
    optimizer = AveragedAdam(network.parameters)
    training = train(network, *squares(300), generator, epochs=3, optimizer=optimizer)
    next(training)
    assert network.parameters.tobytes() != optimizer.average.tobytes()
    training.close()  # type: ignore[attr-defined]
    assert network.parameters.tobytes() == optimizer.average.tobytes()
    for _ in train(network, *squares(300), generator, epochs=2, optimizer=optimizer):
        pass
    assert network.parameters.tobytes() == optimizer.average.tobytes()


@pytest.mark.parametrize("batch", [1, 3])
def test_a_loss_that_is_no_number_ends_training_with_the_last_good_parameters(batch: int) -> None:
    """After the first of three batches, or the last, whose loss nobody sees any more."""
    generator = np.random.default_rng(0)
    network = Network(parse("FC10"))
    network.initialize(generator)
    optimizer = AveragedAdam(network.parameters)
    kept: list[Array] = []

    def spoil(images: int, loss: float) -> None:
        if kept and images == min(batch * 128, 300):
            network.parameters[0] = np.nan

    training = train(network, *squares(300), generator, epochs=3, optimizer=optimizer, progress=spoil)
    next(training)
    kept.append(optimizer.average.copy())
    with pytest.raises(TrainingError, match=r"not in epoch 2: .*0\.001 is too high\. Try 0\.0001"):
        next(training)
    assert network.parameters.tobytes() == kept[0].tobytes()


def test_settings_at_the_ends_of_their_ranges_are_taken() -> None:
    check_settings(1.0, MAX_EPOCHS, MAX_BATCH_SIZE)
    check_settings(1e-300, 1, 1)


def test_blas_has_one_thread_in_training_and_its_own_number_back_between_epochs() -> None:
    def threads() -> list[int]:
        return [library["num_threads"] for library in threadpool_info() if library["user_api"] == "blas"]

    before, within = threads(), []
    generator = np.random.default_rng(0)
    training = train(
        Network(parse("FC10")),
        *squares(20),
        generator,
        epochs=2,
        progress=lambda images, loss: within.extend(threads()),
    )
    next(training)
    assert threads() == before
    assert set(within) == {1}


def test_the_learning_rate_goes_through_one_cycle_of_all_epochs(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[int, int, float]] = []

    def record(step: int, steps: int, peak: float) -> float:
        asked.append((step, steps, peak))
        return peak

    monkeypatch.setattr("cnn.training.one_cycle", record)
    trained(50, epochs=3, batch_size=32, learning_rate=0.01)
    assert asked == [(step, 6, 0.01) for step in range(6)]


class Recorder:
    """An optimizer that keeps the gradients and changes nothing."""

    gradients: ClassVar[list[Array]] = []

    def __init__(self, parameters: Array) -> None:
        self.gradients.clear()
        self.average = parameters

    def step(self, gradient: Array, learning_rate: float) -> None:
        self.gradients.append(gradient.copy())


def test_steps_take_the_mean_gradient_of_their_images_in_a_new_order_each_epoch(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    orders: list[Array] = []
    compute = Workers.gradient

    def spy(team: Workers, chosen: Array, draws: Array | None) -> object:
        assert draws is None
        orders.append(chosen.copy())
        return compute(team, chosen)

    monkeypatch.setattr("cnn.training.AveragedAdam", Recorder)
    monkeypatch.setattr(Workers, "gradient", spy)
    images, labels = squares(5)
    network = Network(parse("FC10"), 3, np.float64)
    network.initialize(np.random.default_rng(0))
    for _ in train(network, images, labels, np.random.default_rng(0), epochs=2, batch_size=3):
        pass
    assert [len(chosen) for chosen in orders] == [3, 2, 3, 2]
    first, second = np.concatenate(orders[:2]), np.concatenate(orders[2:])
    assert sorted(first) == sorted(second) == list(range(5))
    assert first.tolist() != second.tolist()
    for chosen, found in zip(orders, Recorder.gradients, strict=True):
        _, logits_gradient = cross_entropy(network.forward(images[chosen]), labels[chosen])
        network.backward(logits_gradient)
        np.testing.assert_allclose(found, network.gradient / len(chosen))


def test_the_number_of_workers_changes_nothing_but_rounding() -> None:
    one, two, again = (trained(300, epochs=2, workers=workers) for workers in (1, 2, 2))
    assert two[0].parameters.tobytes() == again[0].parameters.tobytes()
    np.testing.assert_allclose(one[0].parameters, two[0].parameters, atol=1e-4)
    assert one[1][-1].mean_loss == pytest.approx(two[1][-1].mean_loss, rel=1e-4)


@pytest.mark.parametrize(
    ("batch_size", "workers", "images"),
    [(1, 1, 1), (32, 1, 32), (33, 1, 17), (128, 1, 32), (100, 1, 25), (60_000, 1, 32), (128, 2, 32), (100, 2, 25)],
)
def test_passes_of_a_share_are_nearly_equal(batch_size: int, workers: int, images: int) -> None:
    assert images_per_pass(batch_size, workers) == images


def draw_darkness(generator: np.random.Generator, count: int) -> Array:
    return generator.integers(1, 4, (count, 1)).astype(np.float32)


def darken(images: Array, draws: Array) -> Array:
    darker: Array = images // draws.astype(np.uint8)[:, :, np.newaxis]
    return darker


@pytest.mark.parametrize("workers", [1, 2])
def test_augmentation_changes_each_image_by_its_own_draw_and_anew_in_each_epoch(
    workers: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps: list[tuple[Array, Array]] = []
    compute = Workers.gradient

    def spy(team: Workers, chosen: Array, draws: Array) -> object:
        steps.append((chosen.copy(), draws.copy()))
        return compute(team, chosen, draws)

    monkeypatch.setattr("cnn.training.AveragedAdam", Recorder)
    monkeypatch.setattr(Workers, "gradient", spy)
    images, labels = squares(6)
    network = Network(parse("FC10"), 2, np.float64)
    network.initialize(np.random.default_rng(0))
    augmentation = Augmentation(draw_darkness, darken)
    for _ in train(
        network,
        images,
        labels,
        np.random.default_rng(0),
        epochs=2,
        batch_size=6,
        workers=workers,
        augmentation=augmentation,
    ):
        pass
    by_image = [draws[np.argsort(chosen), 0].tolist() for chosen, draws in steps]
    assert by_image[0] != by_image[1] and len(set(by_image[0])) > 1
    whole = Network(network.specs, 6, np.float64, network.parameters)
    for (chosen, draws), found in zip(steps, Recorder.gradients, strict=True):
        _, logits_gradient = cross_entropy(whole.forward(darken(images[chosen], draws)), labels[chosen])
        whole.backward(logits_gradient)
        np.testing.assert_allclose(found, whole.gradient / len(chosen))
