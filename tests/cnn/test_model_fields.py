"""What a model is made of, and what it is saved with: what is taken, and what is refused in a sentence."""

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cnn.architecture import parse
from cnn.inputs import InputError
from cnn.model import Model

STRING = "C(4,5)-P4-FC10"
LETTERS = tuple("abcdefghij")


@pytest.mark.parametrize("names", [LETTERS, list(LETTERS), np.array(LETTERS), (letter for letter in LETTERS)])
def test_class_names_are_whatever_yields_texts(names: Any) -> None:
    found = Model.create(STRING, class_names=names).class_names
    assert found == LETTERS and isinstance(found, tuple)


def test_class_names_may_be_whole_numbers() -> None:
    assert Model.create(STRING, class_names=np.arange(10)).class_names == tuple("0123456789")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("names", "given"),
    [
        (5, "'5'"),
        ([], "an empty list"),
        (["a"] * 10, "'a' twice"),
        (["1", 1], "'1' twice"),
        ([*LETTERS[1:], "a\n"], r"'a\n'"),
        ([*LETTERS[1:], ""], "''"),
        ([None] * 10, "'None'"),
        ([True, *LETTERS[1:]], "'True'"),
        (np.arange(10.0), "'0.0'"),
    ],
)
def test_other_class_names_are_refused(names: Any, given: str) -> None:
    sentence = f"Class names are different texts that can be printed: {given} was given. Give a list of them, or none."
    with pytest.raises(InputError, match=f"^{re.escape(sentence)}$"):
        Model.create(STRING, class_names=names)


@pytest.mark.parametrize("dtype", [np.float32, "float64", np.dtype("f4"), float])
def test_the_numbers_of_a_model_have_32_or_64_bits(dtype: Any) -> None:
    assert Model.create(STRING, dtype=dtype).parameters.dtype == dtype


@pytest.mark.parametrize("dtype", [np.float16, int, np.complex128, ">f4", "x", object()])
def test_no_other_type_is_taken(dtype: Any) -> None:
    with pytest.raises(
        InputError, match=r"^The type of a model is float32 or float64: .* was given\. Try 'float32'\.$"
    ):
        Model.create(STRING, dtype=dtype)


@pytest.mark.parametrize(
    ("parameters", "names", "rule"),
    [
        (np.zeros(3), LETTERS, "C(4,5)-P4-FC10 has 1,554 parameters: the shape (3,) was given."),
        (np.zeros((1, 1554)), LETTERS, "C(4,5)-P4-FC10 has 1,554 parameters: the shape (1, 1554) was given."),
        (np.zeros(1554), LETTERS[:9], "C(4,5)-P4-FC10 has 10 class names: the shape (9,) was given."),
        (np.zeros(1554), None, "C(4,5)-P4-FC10 has 10 class names: the shape () was given."),
    ],
)
def test_parameters_and_names_are_as_many_as_the_layers_have(parameters: Any, names: Any, rule: str) -> None:
    with pytest.raises(InputError, match=f"^{re.escape(rule)}"):
        Model(parse(STRING), parameters, names)


@pytest.mark.parametrize(
    ("metadata", "message"),
    [
        ([1], r"Metadata have names: '\[1\]' was given"),
        ({"a": np.int64(1)}, "Metadata are what JSON holds, .* int64"),
        ({"a": {"b": float("nan")}}, "Metadata are what JSON holds"),
        ({"a": "x" * 200_000}, "Metadata are at most 150,000 characters: 200,0.. were given"),
    ],
)
def test_metadata_that_could_not_be_read_again_are_not_written(metadata: Any, message: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=message):
        Model.create(STRING).save(tmp_path / "w.npz", metadata)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("value", [np.nan, np.inf, 1e300])
def test_parameters_that_could_not_be_read_again_are_not_written(value: float, tmp_path: Path) -> None:
    model = Model.create(STRING, dtype=np.float64)
    model.parameters[7] = value
    with pytest.raises(InputError, match="finite numbers of 32 bits: 1 of 1,554 parameters are none"):
        model.save(tmp_path / "w.npz")
    assert list(tmp_path.iterdir()) == []


def test_logits_may_be_lists() -> None:
    found = Model.create(STRING).to_probabilities([[0] * 10, [1] * 10])  # type: ignore[arg-type]
    np.testing.assert_allclose(found, np.full((2, 10), 0.1))
    for logits, message in (([[1, 2]], r"\(n, 10\): \(1, 2\) was given"), (None, "an array of numbers: NoneType")):
        with pytest.raises(InputError, match=f"^Logits .*{message}"):
            Model.create(STRING).to_probabilities(logits)  # type: ignore[arg-type]
