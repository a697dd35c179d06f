"""ONNX files, read by onnxruntime, which no one here wrote."""

import builtins
import json
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest

from cnn.exchange import ExchangeError
from cnn.exchange.onnx_file import NODES, read_probabilities, write_onnx
from cnn.layers import KINDS
from tests.cnn.exchange.models import EVERY_KIND, STRINGS, filled, images


def test_every_kind_has_a_node() -> None:
    assert set(NODES) == set(KINDS)


@pytest.mark.parametrize("string", STRINGS)
def test_another_program_reads_the_same_probabilities(string: str, tmp_path: Path) -> None:
    model, path = filled(string, temperature=1.5), tmp_path / "m.onnx"
    write_onnx(path, model)
    session = onnxruntime.InferenceSession(str(path))
    for count in (1, 20):  # the batch dimension varies
        pixels = images(count)[:, np.newaxis].astype(np.float32) / 255
        (found,) = session.run(None, {"image": pixels})
        np.testing.assert_allclose(found, model.probabilities(images(count)), atol=1e-5)
    np.testing.assert_allclose(read_probabilities(path, images(3)), model.probabilities(images(3)), atol=1e-5)


def test_the_file_says_what_it_is(tmp_path: Path) -> None:
    model, path = filled(EVERY_KIND), tmp_path / "m.onnx"
    model = type(model)(
        model.specs, model.parameters, tuple("abcdefghij"), 1.25, {"accuracy": 0.98765, "epochs": 5}, state=model.state
    )
    write_onnx(path, model)
    made = onnx.load(path)
    assert made.opset_import[0].version >= 17
    said = {each.key: each.value for each in made.metadata_props}
    assert said["model"] == EVERY_KIND and json.loads(said["class_names"]) == list("abcdefghij")
    assert (said["temperature"], said["epochs"]) == ("1.25", "5")
    assert "98.77%" in made.doc_string and "a, b, c" in made.doc_string and EVERY_KIND in made.doc_string
    (image,), (output,) = made.graph.input, made.graph.output
    assert [each.dim_param or each.dim_value for each in image.type.tensor_type.shape.dim] == ["N", 1, 28, 28]
    assert [each.dim_param or each.dim_value for each in output.type.tensor_type.shape.dim] == ["N", 10]
    assert made.graph.node[0].name == "1 C(8,3,p1)" and made.graph.node[1].name == "2 BN"
    assert {each.name for each in made.graph.initializer} >= {"weight_1", "bias_1", "gamma_2", "variance_2"}


def test_without_the_package_a_sentence_says_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    imported = builtins.__import__

    def missing(name: str, *more: Any) -> Any:
        if name.split(".")[0] == "onnx":
            raise ImportError(name)
        return imported(name, *more)

    monkeypatch.setattr(builtins, "__import__", missing)
    with pytest.raises(ExchangeError, match=r"not installed\. Install it: python -m pip install onnx\.$"):
        write_onnx(tmp_path / "m.onnx", filled("FC10"))


def test_a_place_that_cannot_be_written_to_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(ExchangeError, match=r"m\.onnx: the model could not be written \(.*\)\. Choose another place\."):
        write_onnx(tmp_path / "nowhere" / "m.onnx", filled("FC10"))
