"""What is said of a training that learned nothing."""

from pathlib import Path

import numpy as np
import pytest

from cnn import Recipe
from cnn.evaluation import Evaluation
from routines.advice import learned_nothing
from routines.events import Noted
from routines.places import Places
from system.arrays import Array
from tests.routines.test_train import in_epoch_2, request, run


def evaluation(matrix: Array) -> Evaluation:
    names = tuple(map(str, range(len(matrix))))
    return Evaluation(np.zeros(0, np.int64), np.zeros(0), np.asarray(matrix), names, 1.0)


def said(matrix: Array, steps: int = 100, **settings: float) -> str:
    note = learned_nothing(evaluation(matrix), Recipe(**settings), steps)  # type: ignore[arg-type]
    assert note is None or note.urgent
    return note.text if note else ""


def reading(share: float, classes: int = 10) -> Array:
    """A confusion matrix of 1,000 images of each class, that share read right and the rest as the next class."""
    right = round(1000 * share)
    same = np.eye(classes, dtype=int)
    return np.asarray(same * right + np.roll(same, 1, axis=1) * (1000 - right))


def test_what_reads_no_better_than_by_guessing_has_learned_nothing() -> None:
    assert said(reading(0.1)) == (
        "This network has learned next to nothing: it reads 10.00% of the average class right, and guessing among 10 "
        "classes 10.00%. Try a smaller learning rate, such as 0.0001, more epochs or a simpler model."
    )
    assert said(reading(0.18)) and not said(reading(0.2)) and not said(reading(1.0))


def test_chance_is_by_the_number_of_classes() -> None:
    assert said(reading(0.54, 2)) and not said(reading(0.56, 2))
    assert said(reading(0.13, 26)) and not said(reading(0.14, 26))


def test_one_answer_to_everything_is_guessing_however_common_it_is() -> None:
    assert "50.00% of the average class right, and guessing among 2 classes 50.00%" in said(
        np.array([[950, 0], [50, 0]])
    )


def test_few_steps_are_the_first_suspect_unless_the_rate_is_high() -> None:
    assert said(reading(0.1), 99).endswith(". It was trained on 99 batches only: try more epochs, or smaller batches.")
    assert "too high" in said(reading(0.1), 99, learning_rate=1)


@pytest.mark.parametrize(
    ("rate", "advice"),
    [
        (1, "The learning rate of 1 is probably too high: try 0.001."),
        (0.03, "The learning rate of 0.03 is probably too high: try 0.001."),
        (0.002, "Try a smaller learning rate, such as 0.0002, more epochs or a simpler model."),
        (1e-7, "The learning rate of 1e-07 is probably too low: try 0.001."),
    ],
)
def test_the_learning_rate_is_the_first_suspect(rate: float, advice: str) -> None:
    assert said(reading(0.1), learning_rate=rate).endswith(f". {advice}")


def test_it_is_said_after_a_hopeless_training_and_not_after_another_or_an_interrupted_one(
    places: Places, tmp_path: Path
) -> None:
    hopeless = Recipe(learning_rate=1e-9, epochs=3, batch_size=20)
    events = run(request(tmp_path / "a.npz", recipe=hopeless), places)
    assert isinstance(events[-1], Noted) and "learned next to nothing" in events[-1].text
    for recipe, stop in ((Recipe(learning_rate=0.01, epochs=3, batch_size=20), False), (hopeless, True)):
        events = run(
            request(tmp_path / "a.npz", recipe=recipe), places, stop_when=in_epoch_2 if stop else lambda event: False
        )
        assert not [event for event in events if isinstance(event, Noted) and event.urgent]
