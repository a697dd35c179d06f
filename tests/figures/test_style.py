"""How figures speak."""

import pytest

from cnn.model import Model
from feature_visualize.objectives import WHOLE_LAYER
from figures.style import describe, number, short_name
from system.text import percent


@pytest.mark.parametrize(
    ("value", "text"), [(0, "0"), (1, "1.00"), (-12.345, "\N{MINUS SIGN}12.3"), (123.4, "123"), (0.00012, "1e-04")]
)
def test_a_number_has_three_figures(value: float, text: str) -> None:
    assert number(value) == text


@pytest.mark.parametrize(
    ("share", "text"),
    [(0, "0%"), (1, "100%"), (0.99999, "99.99%"), (0.5, "50%"), (0.12345, "12.35%"), (1e-6, "<0.01%")],
)
def test_only_certainty_is_a_hundred_percent(share: float, text: str) -> None:
    assert percent(share, short=True) == text


def test_channels_are_called_what_they_are() -> None:
    model = Model.create("C(4,5)-FC8-FC10")
    assert describe(model, 1) == "Layer 1, C(4,5)"
    assert describe(model, 1, WHOLE_LAYER) == "Layer 1, C(4,5), as a whole"
    assert [describe(model, layer, 3).split(", ")[-1] for layer in (1, 2, 3)] == ["channel 3", "unit 3", "digit 3"]
    named = Model.create("FC2", class_names=("cat", "dog"))
    assert describe(named, 1, 1) == "Layer 1, FC2, class dog"


def test_names_of_classes_are_short_and_begin_no_formula() -> None:
    assert [short_name(name) for name in ("7", "ankle boots of another sort", "$x$", "a\x1b")] == [
        "7",
        "ankle boots…",
        r"\$x\$",
        r"a\x1b",
    ]
