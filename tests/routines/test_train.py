"""A training as a routine: in any thread or process, stopped by a flag, and gone on with."""

import multiprocessing
import pickle
import threading
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pytest
from numpy.random import Generator

from cnn import Model, Recipe
from cnn.architecture import parse
from cnn.weights import WeightFileError
from preprocessing.datasets import Dataset
from routines.answers import Answers, Constant
from routines.events import (
    Checkpointed,
    EpochDone,
    Event,
    Interrupted,
    Noted,
    Progressed,
    Stopped,
    Trained,
    TrainingStarted,
    Unsaved,
)
from routines.places import Places
from routines.train import TrainRequest, train
from system.arrays import Array
from system.errors import UserError
from system.npz import write_npz
from tests.routines.conftest import MODEL
from tests.squares import dataset

RECIPE = Recipe(learning_rate=0.01, epochs=3, batch_size=20)


def request(output: Path, **more: object) -> TrainRequest:
    return TrainRequest(parse(MODEL), output, **{"recipe": RECIPE, "workers": 1, **more})  # type: ignore[arg-type]


def run(
    request: TrainRequest,
    places: Places,
    answers: Answers | None = None,
    stop_when: Callable[[Event], bool] = lambda event: False,
    data: Dataset | None = None,
) -> list[Event]:
    """Train, and set the flag when an event asks for it."""
    stop, events = threading.Event(), []
    for event in train(request, places, answers or Constant(), stop, data):
        events.append(event)
        if stop_when(event):
            stop.set()
    return events


def parameters(path: Path) -> bytes:
    return Model.load(path).parameters.tobytes()


def in_epoch_2(event: Event) -> bool:
    return isinstance(event, Progressed) and event.stage == "Epoch 2/3" and event.done > 340


def test_events_tell_the_whole_story_and_go_through_a_pipe(places: Places, tmp_path: Path) -> None:
    events = pickle.loads(pickle.dumps(run(request(tmp_path / "a.npz"), places)))  # noqa: S301
    told = [type(event) for event in events if not isinstance(event, Progressed)][1:]
    assert told == [TrainingStarted, *[Checkpointed, EpochDone] * 3, Trained]
    batches = [event for event in events if isinstance(event, Progressed) and event.note]
    assert [event.done for event in batches] == list(range(20, 901, 20))
    assert {(event.total, event.things) for event in batches} == {(900, "images")}
    trained = events[-1]
    assert trained.output == tmp_path / "a.npz" and trained.results[-1].epoch == 3
    assert trained.model.parameters.tobytes() == parameters(trained.output)


def test_a_training_stops_in_another_thread_and_goes_on_in_a_third_with_the_same_bits(
    places: Places, tmp_path: Path
) -> None:
    run(request(tmp_path / "whole.npz"), places)
    for workers in (1, 2):
        output = tmp_path / f"{workers}.npz"
        run(request(tmp_path / f"whole_{workers}.npz", workers=workers), places)
        with ThreadPoolExecutor(1) as threads:
            events = threads.submit(run, request(output, workers=workers), places, None, in_epoch_2).result()
        (stopped,) = (event for event in events if isinstance(event, Stopped))
        assert stopped == Stopped("Interrupted in epoch 2 of 3.", True, 1)
        assert not output.exists()
        assert Model.load(tmp_path / f"unfinished_{workers}.npz").metadata["epochs"] == 1
        with ThreadPoolExecutor(1) as threads:
            events = threads.submit(run, request(output, resume=True), places).result()
        assert [event.result.epoch for event in events if isinstance(event, EpochDone)] == [2, 3]
        assert parameters(output) == parameters(tmp_path / f"whole_{workers}.npz")
        assert not (tmp_path / f"checkpoint_{workers}.npz").exists()


def test_the_curve_of_the_loss_has_twenty_points_an_epoch(places: Places, tmp_path: Path) -> None:
    recipe = Recipe(epochs=2, batch_size=4)
    progress = [
        each for each in run(request(tmp_path / "a.npz", recipe=recipe), places) if isinstance(each, Progressed)
    ]
    points = [each for each in progress if each.value is not None]
    assert [each.done for each in points] == [-(-15 * point // 4) * 4 for point in range(1, 41)]
    assert all(each.note == f"loss {each.value:.4f}" for each in points)


def test_images_held_out_are_told_of_and_the_same_when_a_training_goes_on(places: Places, tmp_path: Path) -> None:
    recipe = replace(RECIPE, validation=0.1)
    results = []
    for name, stop in (("whole", None), ("mine", in_epoch_2)):
        events = run(request(tmp_path / f"{name}.npz", recipe=recipe), places, stop_when=stop or (lambda event: False))
        results.append([event.result for event in events if isinstance(event, EpochDone)])
    events = run(request(tmp_path / "mine.npz", resume=True), places)
    results[1] += [event.result for event in events if isinstance(event, EpochDone)]
    accuracies = [[each.validation_accuracy for each in found] for found in results]
    assert accuracies[0] == accuracies[1] and None not in accuracies[0]
    assert parameters(tmp_path / "mine.npz") == parameters(tmp_path / "whole.npz")
    metadata = Model.load(tmp_path / "mine.npz").metadata
    assert metadata["training_images"] + metadata["validation_images"] == 300 and metadata["validation_images"] > 20
    assert [each["validation_accuracy"] for each in metadata["history"]] == pytest.approx(accuracies[0], rel=1e-5)


def test_two_trainings_in_two_threads_do_not_disturb_each_other(places: Places, tmp_path: Path) -> None:
    run(request(tmp_path / "alone.npz"), places)
    with ThreadPoolExecutor(2) as threads:
        both = [threads.submit(run, request(tmp_path / f"{name}.npz"), places) for name in "ab"]
        assert all(isinstance(each.result()[-1], Trained) for each in both)
    assert parameters(tmp_path / "a.npz") == parameters(tmp_path / "b.npz") == parameters(tmp_path / "alone.npz")


def test_a_training_in_another_process_has_the_same_bits(places: Places, tmp_path: Path) -> None:
    run(request(tmp_path / "here.npz"), places)
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as processes:
        events = processes.submit(run, request(tmp_path / "there.npz"), places).result()
    assert isinstance(events[-1], Trained)
    assert parameters(tmp_path / "here.npz") == parameters(tmp_path / "there.npz")


def test_a_flag_before_the_first_batch_leaves_nothing(places: Places, tmp_path: Path) -> None:
    with pytest.raises(Interrupted):
        run(request(tmp_path / "a.npz"), places, stop_when=lambda event: True)
    assert not list(tmp_path.glob("*a.npz"))


@dataclass(frozen=True, eq=False)
class _Impatient(Dataset):
    """Data whose user presses Ctrl-C twice in a batch."""

    presses: list[None] = field(default_factory=lambda: [None] * 17)

    @property
    def augmentation(self) -> "_Impatient":  # type: ignore[override]
        return self

    columns = 1

    def draw(self, generator: Generator, count: int) -> Array:
        if not self.presses:
            raise KeyboardInterrupt
        self.presses.pop()
        return np.zeros((count, 1), np.float32)

    def apply(self, images: Array, draws: Array) -> Array:
        return images


def test_an_interrupt_that_does_not_wait_for_the_batch_keeps_the_network(places: Places, tmp_path: Path) -> None:
    squares = dataset()
    data = _Impatient(squares.x_train, squares.y_train, squares.x_test, squares.y_test)
    events = run(request(tmp_path / "a.npz"), places, data=data)
    assert Stopped("Interrupted in epoch 2 of 3.", True, 1) in events
    assert isinstance(events[-1], Trained) and events[-1].output == tmp_path / "unfinished_a.npz"


def test_a_training_that_diverges_stops_and_keeps_what_it_had_learned(places: Places, tmp_path: Path) -> None:
    recipe = Recipe(learning_rate=1.0, weight_decay=10.0, batch_size=20)
    events = run(request(tmp_path / "a.npz", recipe=recipe), places)
    (stopped,) = (event for event in events if isinstance(event, Stopped))
    assert "the learning rate of 1 is too high" in stopped.reason and not stopped.interrupted
    assert isinstance(events[-1], Trained) and len(events[-1].results) == 1
    assert [path.name for path in tmp_path.glob("*a.npz")] == ["unfinished_a.npz"]


def test_nothing_is_kept_where_the_answer_is_no(places: Places, tmp_path: Path) -> None:
    events = run(request(tmp_path / "a.npz"), places, Constant(keep=False), in_epoch_2)
    assert isinstance(events[-1], Stopped)
    assert [path.name for path in tmp_path.glob("*a.npz")] == ["checkpoint_a.npz"]


def test_a_model_is_replaced_only_where_the_answer_is_yes(places: Places, tmp_path: Path) -> None:
    Model.create(MODEL).save(tmp_path / "a.npz")
    before = parameters(tmp_path / "a.npz")
    events = run(request(tmp_path / "a.npz", resume=None), places, Constant(replaced=False))
    assert events == [Noted("Nothing was changed.")] and parameters(tmp_path / "a.npz") == before
    run(request(tmp_path / "a.npz", resume=None), places, Constant())
    assert parameters(tmp_path / "a.npz") != before


def test_weights_go_to_the_place_that_is_answered_or_to_any_other(places: Places, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()

    def vanish(event: Event) -> bool:
        if isinstance(event, EpochDone) and event.result.epoch == 3:
            (tmp_path / "folder").rename(tmp_path / "gone")
        return False

    answers = Constant(place=tmp_path / "other.npz")
    events = run(request(tmp_path / "folder" / "a.npz"), places, answers, vanish)
    assert any(isinstance(event, Unsaved) for event in events)
    assert isinstance(events[-1], Trained) and events[-1].output == tmp_path / "other.npz"


def test_class_names_and_metadata_go_into_the_file(places: Places, tmp_path: Path) -> None:
    data, names = dataset(), np.array([f"kind {letter}" for letter in "abcdefghij"])
    train, test = {"x_train": data.x_train, "y_train": data.y_train}, {"x_test": data.x_test, "y_test": data.y_test}
    write_npz(tmp_path / "named.npz", {**train, **test, "class_names": names})
    run(request(tmp_path / "a.npz", data=tmp_path / "named.npz", more={"said": "more"}), places)
    model = Model.load(tmp_path / "a.npz")
    assert model.class_names == tuple(names)
    assert list(model.metadata) == [
        "model", "class_names", "data", "training_images", "validation_images", "test_images", "epochs",
        "learning_rate", "batch_size", "seed", "workers", "augmentation", "recipe", "stopped", "final_loss", "seconds",
        "date", "history", "versions", "said", "accuracy", "precision",
    ]  # fmt: skip
    assert (model.metadata["data"], model.metadata["training_images"]) == ("named.npz", 300)


@pytest.mark.parametrize(
    ("model", "output", "message"),
    [
        ("FC9", "a.npz", "FC10 must be the last token"),
        (MODEL, "a.txt", "weights go into an .npz file"),
        (MODEL, "gone/a.npz", "in a folder that is there"),
        (MODEL, "squares.npz", "only weights are replaced by weights"),
        (MODEL, "weight_detailsFC10.npz", "holds the one that is trained"),
    ],
)
def test_what_makes_no_sense_is_said_before_training(
    model: str, output: str, message: str, places: Places, tmp_path: Path
) -> None:
    with pytest.raises(UserError, match=message):
        run(TrainRequest(parse(model), tmp_path / output), places)


def test_where_nothing_can_be_written_the_routine_says_so(
    places: Places, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(file: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr("os.fsync", refuse)
    with pytest.raises(WeightFileError, match="the weights could not be written"):
        run(request(tmp_path / "a.npz"), places)
