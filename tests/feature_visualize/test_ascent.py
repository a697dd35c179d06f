"""Gradient ascent on the input."""

from dataclasses import replace

import numpy as np
import pytest

from cnn.model import Model
from feature_visualize import ascent
from feature_visualize.ascent import SETTINGS, Settings, ascend
from feature_visualize.objectives import WHOLE_LAYER, Objectives, mean_weights
from feature_visualize.prior import Prior
from feature_visualize.transformations import Reach
from system.steps import finish

SHORT = replace(SETTINGS, steps=64)


# Any image is as likely as any other.
NO_PRIOR = Prior(np.zeros(784, np.float32), np.zeros((784, 784), np.float32))


def climb(
    model: Model,
    layer: int,
    *channels: int,
    settings: Settings = SHORT,
    seed: int = 0,
    least: bool = False,
    apart: float = 0,
    prior: Prior = NO_PRIOR,
) -> np.ndarray:
    weights = np.stack([mean_weights(model, layer, channel) for channel in channels])
    objectives = Objectives(weights, np.ones(len(channels)), least, apart)
    images, output = finish(ascend(model, layer, objectives, prior, np.random.default_rng(seed), settings))
    np.testing.assert_array_equal(output, model.network(len(images)).forward_to(images, layer))
    return images


def means(model: Model, layer: int, images: np.ndarray) -> np.ndarray:
    output = model.network(len(images)).forward_to(images, layer)
    return np.asarray(output.reshape(*output.shape[:2], -1).mean(axis=2))


@pytest.mark.parametrize("layer", [1, 2, 3])
def test_each_image_excites_its_own_channel_more_than_random_images_do(model: Model, layer: int) -> None:
    images = climb(model, layer, 0, 1, 2)
    assert images.shape == (3, 28, 28) and images.dtype == np.uint8
    found = means(model, layer, images)
    noise = np.random.default_rng(1).integers(0, 256, (4, 28, 28), np.uint8)
    for channel in range(3):
        assert found[channel, channel] > 1.2 * means(model, layer, noise)[:, channel].max()


def test_the_least_is_below_everything(model: Model) -> None:
    (image,) = climb(model, 3, 2, least=True)
    noise = np.random.default_rng(1).integers(0, 256, (4, 28, 28), np.uint8)
    assert means(model, 3, image[np.newaxis])[0, 2] < means(model, 3, noise)[:, 2].min()


def test_the_same_seed_gives_the_same_images_and_another_seed_others(model: Model) -> None:
    first, second, other = climb(model, 1, 0), climb(model, 1, 0), climb(model, 1, 0, seed=1)
    np.testing.assert_array_equal(first, second)
    assert (first != other).any()


def test_an_image_does_not_depend_on_what_is_made_beside_it(model: Model) -> None:
    alone, among = climb(model, 1, 1)[0], climb(model, 1, 0, 1, WHOLE_LAYER)[1]
    # Other products round in another order, which a few pixels on the edge of something show.
    assert np.abs(alone.astype(int) - among).mean() < 2


def test_one_step_goes_up_the_gradient_of_the_objective(model: Model) -> None:
    still = Settings(steps=1, noise=0, reach=Reach(0, 0, 0), total_variation=0)
    images = climb(model, 3, 4, settings=still)
    grey = np.full((1, 28, 28), 0.5, np.float32)
    network = model.network(1)
    network.forward(grey)
    upstream = np.zeros((10, 1), np.float32)
    upstream[4] = 1
    gradient = network.input_gradient(upstream)[0]
    certain = np.abs(gradient) > 1e-5
    assert certain.sum() > 300
    np.testing.assert_array_equal(np.sign(images[0][certain] - 127.5), np.sign(gradient[certain]))


def test_where_nothing_fires_what_is_nearest_to_it_is_pushed() -> None:
    output = np.full((2, 1, 2, 3), -1.0, np.float32)
    output[0, 0, 1, 2] = -0.1
    output[1, 0, 0, 0] = 2
    objectives = Objectives(np.full((2, 1, 2, 3), 0.5, np.float32), np.array([2.0, 1.0]))
    gradient = ascent._objective_gradient(output, objectives, rectified=True)
    assert np.flatnonzero(gradient[0]).tolist() == [5] and gradient[0, 0, 1, 2] == 0.25
    assert np.flatnonzero(gradient[1]).tolist() == [0] and gradient[1, 0, 0, 0] == 0.5


def test_logits_have_no_relu() -> None:
    objectives = Objectives(np.eye(2, 3, dtype=np.float32), np.array([1.0, 4.0]))
    gradient = ascent._objective_gradient(np.full((2, 3), -1.0), objectives, rectified=False)
    np.testing.assert_array_equal(gradient, [[1, 0, 0], [0, 0.25, 0]])


def test_the_gradient_of_the_total_variation_agrees_with_differences() -> None:
    pixels = np.random.default_rng(0).random((2, 784))

    def total(images: np.ndarray) -> float:
        squares = [np.diff(images.reshape(-1, 28, 28), axis=axis) ** 2 for axis in (1, 2)]
        return float(sum(np.sqrt(each + 1e-3).sum() for each in squares))

    gradient = ascent._total_variation_gradient(pixels)
    for place in [(0, 0), (0, 27), (1, 300), (1, 783)]:
        moved = pixels.copy(), pixels.copy()
        moved[0][place] += 1e-5
        moved[1][place] -= 1e-5
        assert gradient[place] == pytest.approx((total(moved[0]) - total(moved[1])) / 2e-5, rel=1e-4)


def test_a_price_of_total_variation_keeps_images_smooth(model: Model) -> None:
    free = climb(model, 3, 0, settings=replace(SHORT, total_variation=0))
    smooth = climb(model, 3, 0, settings=replace(SHORT, total_variation=0.05))
    assert np.abs(np.diff(smooth.astype(int))).sum() < 0.7 * np.abs(np.diff(free.astype(int))).sum()


def test_a_prior_keeps_images_near_the_data(model: Model, prior: Prior) -> None:
    def far(price: float) -> float:
        settings = replace(SHORT, prior=price)
        pixels = climb(model, 3, 0, settings=settings, prior=prior).reshape(784) / 255 - prior.mean
        return float(pixels @ prior.precision @ pixels)

    assert far(0.1) < 0.5 * far(0)


def test_images_that_are_to_be_apart_start_from_noise_of_their_own(model: Model) -> None:
    same, apart = climb(model, 3, 2, 2), climb(model, 3, 2, 2, apart=1e-9)
    np.testing.assert_allclose(same[0], same[1], atol=1)
    assert np.abs(apart[0].astype(int) - apart[1]).mean() > 5


def test_steps_are_counted_and_can_be_left(model: Model) -> None:
    objectives = Objectives(mean_weights(model, 1, 0)[np.newaxis], np.ones(1))
    steps = ascend(model, 1, objectives, NO_PRIOR, np.random.default_rng(0), SHORT)
    assert [next(steps) for _ in range(3)] == [1, 2, 3]
    steps.close()
