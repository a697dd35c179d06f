"""Weights of other programs, by shape and order."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cnn import Model
from cnn.architecture import parse
from cnn.exchange import ExchangeError
from cnn.exchange.foreign_npz import CHANNELS_FIRST, CHANNELS_LAST, read_npz
from system.npz import NpzError
from tests.cnn.exchange.models import filled, images

STRING = "C(4,5)-P2-C(6,3)-P2-FC20-FC10"
WITH_BN = "C(4,5)-BN-P2-C(4,3)-BN-P4-FC4-BN-FC10"


def never(question: str) -> str:
    raise AssertionError(question)


def laid_out(model: Model, layout: str, turned: bool) -> list[np.ndarray[Any, Any]]:
    """The arrays of a model as another program has them; turned: fully connected layers as (inputs, units)."""
    found = []
    for number, arrays in model.arrays().items():
        for array in arrays.values():
            if array.ndim == 4 and layout == CHANNELS_LAST:
                array = array.transpose(2, 3, 1, 0)
            if array.ndim == 2:
                shape = model.layer(number - 1).shape if number > 1 else (1, 28, 28)
                if len(shape) == 3 and layout == CHANNELS_LAST:
                    array = array.reshape(-1, *shape).transpose(0, 2, 3, 1).reshape(array.shape)
                array = array.T if turned else array
            found.append(array)
    return found


NAMES = {
    "this program's": ["weight_1", "bias_1", "weight_3", "bias_3", "weight_5", "bias_5", "weight_6", "bias_6"],
    "a course's": ["W1", "b1", "W2", "b2", "W3", "b3", "W4", "b4"],
    "PyTorch's": [f"{layer}.{name}" for layer in ("conv1", "conv2", "fc1", "fc2") for name in ("weight", "bias")],
    "nobody's": [f"arr_{number}" for number in range(8)],
}


@pytest.mark.parametrize("names", NAMES.values(), ids=NAMES)
@pytest.mark.parametrize("layout", [CHANNELS_FIRST, CHANNELS_LAST])
@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("dtype", ["f4", "f8"])
def test_names_layout_and_type_may_be_any(
    names: list[str], layout: str, turned: bool, dtype: str, tmp_path: Path
) -> None:
    model, path = filled(STRING), tmp_path / "other.npz"
    arrays: dict[str, Any] = {
        name: array.astype(dtype) for name, array in zip(names, laid_out(model, layout, turned), strict=True)
    }
    np.savez(path, **arrays)
    found, taken = read_npz(path, parse(STRING), never)
    assert taken == layout
    assert found.parameters.tobytes() == model.parameters.tobytes()


@pytest.mark.parametrize("layout", [CHANNELS_FIRST, CHANNELS_LAST])
def test_arrays_of_one_shape_go_by_their_order(layout: str, tmp_path: Path) -> None:
    model, path = filled(WITH_BN), tmp_path / "other.npz"
    arrays: dict[str, Any] = {f"x{number}": array for number, array in enumerate(laid_out(model, layout, True))}
    counters: dict[str, Any] = {"bn1.num_batches_tracked": np.array(7), "note": np.array("mine"), "step": np.array(0.5)}
    np.savez(path, **arrays, **counters)
    found, _ = read_npz(path, parse(WITH_BN), never)
    assert found.parameters.tobytes() == model.parameters.tobytes()
    assert found.state.tobytes() == model.state.tobytes()
    np.testing.assert_allclose(found.probabilities(images()), model.probabilities(images()), atol=1e-6)


def test_numbers_in_names_count_where_the_order_of_the_file_is_by_letters(tmp_path: Path) -> None:
    string, path = "FC10-" * 11 + "FC10", tmp_path / "other.npz"
    model = filled(string)
    by_name: dict[str, Any] = {
        f"{name}_{number}": array for number, each in model.arrays().items() for name, array in each.items()
    }
    np.savez(path, **{name: by_name[name] for name in sorted(by_name)})
    found, _ = read_npz(path, parse(string), never)
    assert found.parameters.tobytes() == model.parameters.tobytes()


@pytest.mark.parametrize("layout", [CHANNELS_FIRST, CHANNELS_LAST])
@pytest.mark.parametrize(
    ("string", "which"), [("C(3,3)-P9-FC10", ""), ("C(1,1)-C(1,1)-FC10", "weight_1"), ("P2-FC5-FC10", "")]
)
def test_where_shapes_do_not_say_somebody_does(string: str, which: str, layout: str, tmp_path: Path) -> None:
    model, path, asked = filled(string), tmp_path / "other.npz", []
    arrays: dict[str, Any] = {f"a{number}": array for number, array in enumerate(laid_out(model, layout, False))}
    np.savez(path, **arrays)

    def ask(question: str) -> str:
        asked.append(question)
        return layout

    found, _ = read_npz(path, parse(string), ask)
    assert found.parameters.tobytes() == model.parameters.tobytes()
    assert bool(asked) == bool(which)
    assert all(which in question and "PyTorch" in question for question in asked)


@pytest.mark.parametrize("layout", [CHANNELS_FIRST, CHANNELS_LAST])
def test_a_kernel_that_fits_both_ways_lies_as_the_others_do(layout: str, tmp_path: Path) -> None:
    model, path = filled("C(3,3)-C(3,3)-P8-FC10"), tmp_path / "other.npz"
    arrays: dict[str, Any] = {f"a{number}": array for number, array in enumerate(laid_out(model, layout, True))}
    np.savez(path, **arrays)
    found, taken = read_npz(path, model.specs, never)
    assert taken == layout and found.parameters.tobytes() == model.parameters.tobytes()


@pytest.mark.parametrize("turned", [False, True])
def test_square_matrices_are_turned_as_the_others_are(turned: bool, tmp_path: Path) -> None:
    model, path = filled("FC7-FC7-FC10"), tmp_path / "other.npz"
    arrays: dict[str, Any] = {f"a{number}": array for number, array in enumerate(laid_out(model, "", turned))}
    np.savez(path, **arrays)
    found, _ = read_npz(path, model.specs, never)
    assert found.parameters.tobytes() == model.parameters.tobytes()


def changed(**changes: Any) -> dict[str, Any]:
    """The arrays of a file that is taken, with some replaced, or left out for None."""
    names = NAMES["a course's"]
    arrays = dict(zip(names, laid_out(filled(STRING), CHANNELS_FIRST, False), strict=True))
    return {name: array for name, array in (arrays | changes).items() if array is not None}


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        (
            changed(b4=None),
            r"the array bias_6 of .* has the shape \(10,\), but of those that are left none fits: none\.",
        ),
        (
            changed(W1=np.zeros((4, 3, 5, 5))),
            r"the array weight_1 of .*: W1 \(4, 3, 5, 5\), b1 \(4,\), .*, and 2 more\.",
        ),
        (changed(W5=np.zeros((10, 10))), r"'W5', \(10, 10\), is one more than C\(4,5\)-P2-.* has\. Check"),
        (changed(b1=np.zeros(4, int)), r"the array bias_1 of .* has the shape \(4,\)"),
        (changed(b1=np.full(4, np.nan)), r"the array 'b1', which would be bias_1, holds numbers that are not finite\."),
        (changed(b1=np.full(4, 1e300)), r"the array 'b1', which would be bias_1, holds numbers that are not finite\."),
        (changed(b1=np.array([None] * 4)), r"the array bias_1 of"),
        ({f"a{number}": np.zeros(1) for number in range(1001)}, r"at most 1,000 arrays"),
    ],
)
def test_what_cannot_be_matched_is_a_sentence(arrays: dict[str, Any], message: str, tmp_path: Path) -> None:
    path = tmp_path / "other.npz"
    np.savez(path, **arrays)
    with pytest.raises(ExchangeError, match=message) as caught:
        read_npz(path, parse(STRING), never)
    assert str(caught.value).startswith(f"{path}: ") and "\n" not in str(caught.value)


def test_a_variance_below_0_is_refused(tmp_path: Path) -> None:
    model = filled("FC4-BN-FC10")
    model.state[-1] = -1
    arrays: dict[str, Any] = {f"a{number}": array for number, array in enumerate(laid_out(model, "", False))}
    np.savez(tmp_path / "a.npz", **arrays)
    with pytest.raises(
        ExchangeError, match=r"'a5', which would be variance_2, holds numbers from 0 up, but this has -1"
    ):
        read_npz(tmp_path / "a.npz", model.specs, never)


def test_a_file_that_is_none_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.npz").write_text("nothing")
    for name in ("a.npz", "b.npz"):
        with pytest.raises(NpzError):
            read_npz(tmp_path / name, parse(STRING), never)
