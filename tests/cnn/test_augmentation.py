"""Augmentation in training: who draws, who applies, and what is seen."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest

from cnn.loss import cross_entropy
from cnn.model import Model
from cnn.network import Network
from cnn.recipe import Recipe
from cnn.training import Training
from system.arrays import Array
from tests.cnn.test_training import recorded
from tests.squares import squares


def draw_darkness(generator: np.random.Generator, count: int) -> Array:
    return generator.integers(1, 4, (count, 1)).astype(np.float32)


def darken(images: Array, draws: Array) -> Array:
    darker: Array = images // draws.astype(np.uint8)[:, :, np.newaxis]
    return darker


@dataclass(frozen=True)
class Darkening:
    """An augmentation."""

    columns: int = 1
    draw: Callable[[np.random.Generator, int], Array] = draw_darkness
    apply: Callable[[Array, Array], Array] = darken


@pytest.mark.parametrize("workers", [1, 2])
def test_augmentation_changes_each_image_by_its_own_draw_and_anew_in_each_epoch(workers: int) -> None:
    images, labels = squares(6)
    model = Model.create("FC10", dtype=np.float64)
    recipe = Recipe(epochs=2, batch_size=6)
    training = Training(model, (images, labels), recipe, workers=workers, augmentation=Darkening())
    gradients = recorded(training).gradients
    generator, seen = np.random.default_rng([0, 1]), []
    whole = Network(model, 6)
    for found in gradients:
        chosen, draws = generator.permutation(6), draw_darkness(generator, 6)
        seen.append(draws[np.argsort(chosen), 0].tolist())
        _, logits_gradient = cross_entropy(whole.forward(darken(images[chosen], draws)), labels[chosen])
        whole.backward(logits_gradient)
        np.testing.assert_allclose(found, whole.gradient[: len(found)] / len(chosen))  # the part of the first process
    assert seen[0] != seen[1] and len(set(seen[0])) > 1


def test_without_augmentation_in_the_recipe_images_stay_as_they_are() -> None:
    plain, changed = (
        recorded(
            Training(Model.create("FC10"), squares(6), Recipe(epochs=1, augment=augment), augmentation=Darkening())
        ).gradients
        for augment in (False, True)
    )
    without = recorded(Training(Model.create("FC10"), squares(6), Recipe(epochs=1))).gradients
    assert plain[0].tobytes() == without[0].tobytes() != changed[0].tobytes()
