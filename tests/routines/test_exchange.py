"""Export and import, from request to events."""

from dataclasses import replace
from pathlib import Path
from threading import Event as Flag
from typing import Any

import numpy as np
import pytest

from cnn import Model
from cnn.architecture import parse
from cnn.exchange import ExchangeError
from cnn.exchange.foreign_npz import CHANNELS_LAST
from cnn.weights import WeightFileError
from routines import export as exporting
from routines.answers import Constant
from routines.events import Event, Exported, Imported, Interrupted, Noted
from routines.export import ExportRequest, export
from routines.import_model import ImportRequest, import_model
from routines.places import Places
from system.arrays import Array
from system.errors import UserError
from tests.cnn.exchange.models import EVERY_KIND, filled


def exported(model: Model, places: Places, *files: Path) -> list[Event]:
    return [event for event in export(ExportRequest(model, files), places, Flag()) if isinstance(event, Exported)]


def imported(request: ImportRequest, places: Places, answers: Constant = Constant()) -> Imported:  # noqa: B008
    (done,) = (each for each in import_model(request, places, answers, Flag()) if isinstance(each, Imported))
    return done


def test_files_are_written_read_again_and_compared(places: Places, tmp_path: Path) -> None:
    model, files = filled(EVERY_KIND, temperature=1.5), (tmp_path / "m.onnx", tmp_path / "m.KERAS")
    events = exported(model, places, *files)
    assert [(event.format, event.file, event.size) for event in events if isinstance(event, Exported)] == [
        (name, path, path.stat().st_size) for name, path in zip(("ONNX", "Keras"), files, strict=True)
    ]
    for event in events:
        assert isinstance(event, Exported)
        assert 0 <= event.greatest_difference < 1e-5 and event.images == event.same_answers == 100


@pytest.mark.parametrize("wrong", [0.01, np.nan])
def test_a_file_that_gives_other_probabilities_is_said_to(
    wrong: float, places: Places, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read(path: Path, images: Array) -> Array:
        return filled("FC10").probabilities(images) + wrong

    (_, keras) = exporting.FORMATS
    monkeypatch.setattr(exporting, "FORMATS", (replace(keras, read=read),))
    with pytest.raises(UserError, match=r"m\.keras: .* read again this gives others, by up to (1\.0e-02|nan)\."):
        exported(filled("FC10"), places, tmp_path / "m.keras")


def test_another_ending_is_refused_before_anything_is_written(places: Places, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"ends in \.onnx, for ONNX or \.keras, for Keras\. Choose another name"):
        exported(filled("FC10"), places, tmp_path / "m.keras", tmp_path / "m.h5")
    assert not (tmp_path / "m.keras").exists()


def test_the_flag_stops_an_export(places: Places, tmp_path: Path) -> None:
    stop = Flag()
    stop.set()
    with pytest.raises(Interrupted):
        list(export(ExportRequest(filled("FC10"), (tmp_path / "m.keras",)), places, stop))
    assert not (tmp_path / "m.keras").exists()


def test_what_was_exported_is_imported_evaluated_and_saved(places: Places, tmp_path: Path) -> None:
    model, path = filled(EVERY_KIND), tmp_path / "m.keras"
    exported(model, places, path)
    done = imported(ImportRequest(path), places)
    assert done.output == places.weights / f"weight_details{EVERY_KIND}.npz" and done.layout == ""
    loaded = Model.load(done.output)
    assert loaded.metadata["imported"] == "m.keras" and 0 <= loaded.metadata["accuracy"] <= 1
    np.testing.assert_allclose(loaded.parameters, model.parameters, atol=1e-6)
    with pytest.raises(UserError, match=r"there are weights of .* already, .* by --output\."):
        imported(ImportRequest(path), places)
    assert imported(ImportRequest(path, model.specs, tmp_path / "other.npz"), places).output.exists()
    with pytest.raises(UserError, match=r"a \.keras file says itself what its layers are"):
        imported(ImportRequest(path, parse("FC10")), places)


def save_arrays(path: Path, string: str) -> Path:
    arrays: dict[str, Any] = {
        f"{name}{number}": array for number, each in filled(string).arrays().items() for name, array in each.items()
    }
    np.savez(path, **arrays)
    return path


def test_arrays_are_imported_by_the_model_string(places: Places, tmp_path: Path) -> None:
    string = "C(4,3)-P9-FC10"
    path = save_arrays(tmp_path / "a.npz", string)
    with pytest.raises(UserError, match=r"say not what layers they are of\. Add --model\."):
        imported(ImportRequest(path), places)
    done = imported(ImportRequest(path, parse(string)), places)
    assert done.layout == "channels first"
    np.testing.assert_array_equal(Model.load(done.output).parameters, filled(string).parameters)


def test_where_nobody_says_how_arrays_lie_a_sentence_asks_for_it(places: Places, tmp_path: Path) -> None:
    string = "C(1,1)-C(1,1)-FC10"
    request = ImportRequest(save_arrays(tmp_path / "a.npz", string), parse(string))
    with pytest.raises(UserError, match=r"'weight_1' may lie .*\. Add --layout first, or --layout last\."):
        imported(request, places)
    assert imported(request, places, Constant(channels=CHANNELS_LAST)).layout == CHANNELS_LAST


def test_a_model_of_other_classes_is_not_evaluated(places: Places, tmp_path: Path) -> None:
    path = save_arrays(tmp_path / "a.npz", "FC7")
    events = list(import_model(ImportRequest(path, parse("FC7")), places, Constant(), Flag()))
    (note,) = (event for event in events if isinstance(event, Noted))
    assert "tells 7 classes apart, the test images have 10" in note.text
    (done,) = (event for event in events if isinstance(event, Imported))
    assert "accuracy" not in Model.load(done.output).metadata


def test_other_files_and_places_are_refused(places: Places, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"a file to import is \.keras or \.npz\. Save it as one of them\."):
        imported(ImportRequest(tmp_path / "m.h5"), places)
    with pytest.raises(ExchangeError, match="there is no such file"):
        imported(ImportRequest(tmp_path / "m.keras"), places)
    path = save_arrays(tmp_path / "a.npz", "FC10")
    with pytest.raises(WeightFileError, match=r"go into an \.npz file"):
        imported(ImportRequest(path, parse("FC10"), tmp_path / "x.txt"), places)
