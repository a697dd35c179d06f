"""Evaluation as a routine: what is said of classes, and where the flag stops it."""

import threading

import pytest

from cnn import Model
from routines.evaluate import EvaluateRequest, evaluate
from routines.events import Evaluated, Event, Figure, Interrupted, Noted
from routines.places import Places
from system.errors import UserError
from tests.routines.conftest import MODEL


def run(model: Model, places: Places, figures: bool = False) -> list[Event]:
    return list(evaluate(EvaluateRequest(model, figures=figures), places, threading.Event()))


def test_classes_of_other_names_are_said_first(places: Places) -> None:
    assert not [event for event in run(Model.create(MODEL), places) if isinstance(event, Noted)]
    names = ["0", "1", "two", *"3456789"]
    events = [event for event in run(Model.create(MODEL, class_names=names), places)]
    noted, evaluated = (event for event in events if isinstance(event, Noted | Evaluated))
    assert noted == Noted(
        "The test images are of other classes than the model's: 'two' is called '2' in the data. Give data of its "
        "classes with --data, or a model trained on these.",
        urgent=True,
    )
    assert isinstance(evaluated, Evaluated)


def test_more_or_fewer_classes_are_refused(places: Places) -> None:
    with pytest.raises(UserError, match=r"^This model tells 26 classes apart, the data have 10: give data of its cl"):
        run(Model.create("FC26"), places)


def test_the_flag_stops_between_two_figures(places: Places) -> None:
    stop, drawn = threading.Event(), []
    with pytest.raises(Interrupted):
        for event in evaluate(EvaluateRequest(Model.create(MODEL)), places, stop):
            if isinstance(event, Figure):
                drawn.append(event.title)
                stop.set()
    assert drawn == ["Confusion matrix"]
