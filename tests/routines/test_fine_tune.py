"""How far a model may go from its parent without forgetting."""

from dataclasses import replace
from threading import Event as Flag

import numpy as np
import pytest

from cnn.model import Model
from cnn.recipe import Recipe
from cnn.training import train
from routines.events import Interrupted
from routines.fine_tune import Rehearsal, between, largest_step, rehearse
from system.steps import finish
from tests.routines.conftest import MODEL
from tests.squares import dataset


@pytest.fixture(scope="module")
def parent() -> Model:
    """A model that reads squares."""
    model = Model.create(MODEL)
    train(model, dataset(), Recipe(epochs=30, augment=False, learning_rate=0.003))
    return model


@pytest.fixture(scope="module")
def rehearsal() -> Rehearsal:
    """Squares that are learned again, and others."""
    return rehearse(dataset(), np.random.default_rng(0))


def step_of(parent: Model, child: Model, rehearsal: Rehearsal) -> tuple[float, float]:
    found: tuple[float, float] = finish(largest_step(parent, child, rehearsal, Flag()))
    return found


def test_what_is_held_out_is_not_learned_again(rehearsal: Rehearsal) -> None:
    data = dataset()
    assert len(rehearsal.known) == len(data.x_train) // 3
    assert len(rehearsal.data.x_train) == len(data.x_train) - len(rehearsal.known)
    assert len(rehearsal.seen) == len(rehearsal.seen_labels) == 3 * len(rehearsal.known)
    assert (rehearsal.seen[: len(rehearsal.known)] == rehearsal.known).all()


def test_a_step_lies_between(parent: Model, rehearsal: Rehearsal) -> None:
    child = replace(parent, parameters=parent.parameters + 1)
    assert np.allclose(between(parent, child, 0.25, rehearsal).parameters, parent.parameters + 0.25)
    assert between(parent, child, 1.0, rehearsal) is child


def test_who_forgets_nothing_goes_all_the_way_and_who_forgets_all_none(parent: Model, rehearsal: Rehearsal) -> None:
    assert rehearsal.right(parent).mean() > 0.5
    assert step_of(parent, replace(parent, parameters=parent.parameters.copy()), rehearsal) == (1.0, 0.0)
    assert step_of(parent, replace(parent, parameters=-10 * parent.parameters), rehearsal) == (0.0, 0.0)


@pytest.mark.parametrize("gained", [False, True])
def test_who_forgets_on_the_way_stops_before_whatever_it_gains(
    parent: Model, rehearsal: Rehearsal, gained: bool
) -> None:
    others = rehearsal.seen_labels > 0
    others &= parent.logits(rehearsal.seen).argmax(axis=1) == rehearsal.seen_labels
    seen, labels = rehearsal.seen[others], rehearsal.seen_labels[others]
    logits = parent.logits(seen)
    lead = logits[np.arange(len(logits)), labels] - logits[:, 0]
    if gained:  # the same once more as 0s, which only the child takes them for
        seen, labels = np.concatenate((seen, seen)), np.concatenate((labels, np.zeros_like(labels)))
    rehearsal = replace(rehearsal, seen=seen, seen_labels=labels)
    child = replace(parent, parameters=parent.parameters.copy())
    child.arrays()[3]["bias"][0] += 2.2 * lead.min()  # at half of the way a first image is taken for a 0
    assert step_of(parent, child, rehearsal) == (0.4, 0.0)


def test_the_flag_ends_the_search(parent: Model, rehearsal: Rehearsal) -> None:
    stop = Flag()
    stop.set()
    with pytest.raises(Interrupted):
        list(largest_step(parent, parent, rehearsal, stop))
