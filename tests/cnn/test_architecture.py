"""Model strings."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnn.architecture import (
    check_classes,
    output_shapes,
    parameter_counts,
    parameter_shapes,
    parse,
    to_string,
)
from cnn.layers.base import ModelStringError
from cnn.layers.batch_normalisation import BatchNormalisation
from cnn.layers.convolution import Convolution
from cnn.layers.dropout import Dropout
from cnn.layers.fully_connected import FullyConnected
from cnn.layers.mean_pooling import MeanPooling
from cnn.layers.pooling import Pooling

LARGEST = "C(16,3)-P2-C(32,3)-P2-C(64,3)-P2-FC512-FC10"


def test_each_token_becomes_a_spec() -> None:
    assert parse("C(8,5)-P2-FC128-FC10") == (Convolution(8, 5), Pooling(2), FullyConnected(128), FullyConnected(10))


@pytest.mark.parametrize("text", ["c(8,5)-p2-fc10", " C ( 8 , 5 ) - P 2 - FC 10\n", "C(08,5)-P02-FC010"])
def test_spaces_lower_case_and_leading_zeros_are_forgiven(text: str) -> None:
    assert to_string(parse(text)) == "C(8,5)-P2-FC10"


@pytest.mark.parametrize(
    "text",
    [
        "C(8,5)\u2013P2\u2013FC10",  # en dash
        "C(8,5)\u2014P2\u2212FC10",  # em dash, minus sign
        "\u0421(8,5)-\u0420\u0032-F\u0441\u0031\u0030",  # Cyrillic
        "C(8,5)-\u03a12-FC10",  # Greek
        "\uff23\uff08\uff18\uff0c\uff15\uff09\uff0d\uff30\uff12\uff0d\uff26\uff23\uff11\uff10",  # full width
    ],
)
def test_characters_that_look_alike_are_forgiven(text: str) -> None:
    assert to_string(parse(text)) == "C(8,5)-P2-FC10"


def test_padding_and_stride_are_left_out_where_they_do_nothing() -> None:
    assert to_string(parse("c(8,5,p0,s1)-fc10")) == "C(8,5)-FC10"
    assert to_string(parse("C(8,5,\u04201,S2)-FC10")) == "C(8,5,p1,s2)-FC10"
    assert to_string(parse("fc20-bn-d(.50)-fc10")) == "FC20-BN-D(0.5)-FC10"
    assert to_string(parse("\u04102-C(2,2)-\u0412\u039d-FC10")) == "A2-C(2,2)-BN-FC10"
    assert output_shapes(parse("C(8,3,p1)-C(4,3,s2)-C(2,5,p2,s2)-FC10"))[:3] == ((8, 28, 28), (4, 13, 13), (2, 7, 7))


def test_shapes_follow_the_rules_with_ragged_pooling() -> None:
    assert output_shapes(parse(LARGEST)) == (
        (16, 26, 26),
        (16, 13, 13),
        (32, 11, 11),
        (32, 6, 6),
        (64, 4, 4),
        (64, 2, 2),
        (512,),
        (10,),
    )


def test_parameters_are_counted_by_layer() -> None:
    assert parameter_counts(parse("C(8,5)-P2-C(16,3)-P2-FC128-FC10")) == (208, 0, 1168, 0, 51328, 1290)
    assert parameter_shapes(parse("C(3,5)-P4-FC10")) == {
        1: {"weight": (3, 1, 5, 5), "bias": (3,)},
        3: {"weight": (10, 108), "bias": (10,)},
    }


@pytest.mark.parametrize(
    ("text", "place", "rule", "fix"),
    [
        ("", "", "at least one layer", "Try C(8,5)"),
        ("  ", "", "at least one layer", "Try C(8,5)"),
        ("C(8,5)--FC10", "Token 2, ''", "is empty", "Remove a '-'"),
        ("FC10-", "Token 2, ''", "is empty", "Remove a '-'"),
        ("C(8,5)-X5-FC10", "Token 2, 'X5'", "a token is C(filters,size)", "Write it like"),
        ("C(8)-FC10", "Token 1, 'C(8)'", "a token is C(filters,size)", "Write it like"),
        ("C(-8,5)-FC10", "Token 1, 'C('", "a token is C(filters,size)", "Write it like"),
        ("C(8,5)-P2.5-FC10", "Token 2, 'P2.5'", "a token is C(filters,size)", "Write it like"),
        ("C(\u0668,5)-FC10", "Token 1", "a token is C(filters,size)", "Write it like"),
        ("C(0,5)-FC10", "Token 1, 'C(0,5)'", "at least 1", "Give a positive number"),
        ("C(8,5)-P0-FC10", "Token 2, 'P0'", "at least 1", "Give a positive number"),
        ("FC0-FC10", "Token 1, 'FC0'", "at least 1", "Give a positive number"),
        ("FC20-C(8,5)-FC10", "Token 2, 'C(8,5)'", "gone after FC", "Move it before"),
        ("FC20-P2-FC10", "Token 2, 'P2'", "gone after FC", "Move it before"),
        ("P4-C(8,8)-FC10", "Token 2, 'C(8,8)'", "8x8 is larger than 7x7", "Use a smaller filter"),
        ("C(8,29)-FC10", "Token 1, 'C(8,29)'", "29x29 is larger than 28x28", "Use a smaller filter"),
        ("P29-FC10", "Token 1, 'P29'", "at most 28", "Use a smaller one"),
        (f"P{'9' * 90}-FC10", "Token 1", "a number of 90 digits", "Use a smaller one"),
        ("C(8,5,p1,s0)-FC10", "Token 1, 'C(8,5,P1,S0)'", "at least 1", "Give a positive number"),
        ("C(8,5,s2,p1)-FC10", "Token 1, 'C(8,5,S2,P1)'", "C(filters,size,p1,s2)", "Write it like"),
        ("C(8,5,p)-FC10", "Token 1, 'C(8,5,P)'", "C(filters,size,p1,s2)", "Write it like"),
        ("C(8,5,p5)-FC10", "Token 1, 'C(8,5,p5)'", "padding is narrower than the filter", "Use at most half"),
        (f"C(8,5,p{'9' * 90})-FC10", "Token 1", "a number of 90 digits is not below 5", "p2"),
        (f"C(8,{'9' * 90},p{'9' * 89})-FC10", "Token 1", "a number of 90 digits", "Use a smaller filter"),
        ("P4-C(8,9,p0)-FC10", "Token 2, 'C(8,9)'", "9x9 is larger than 7x7", "Use a smaller filter"),
        ("P4-C(8,10,p1)-FC10", "Token 2, 'C(8,10,p1)'", "larger than 9x9 with its padding", "Use a smaller filter"),
        ("P4-C(8,3,s7)-FC10", "Token 2, 'C(8,3,s7)'", "after a step of 7 nothing is left of 7x7", "such as s2"),
        (f"C(8,3,s{'9' * 90})-FC10", "Token 1", "step of a number of 90 digits", "such as s2"),
        ("A0-FC10", "Token 1, 'A0'", "at least 1", "Give a positive number"),
        ("FC20-A2-FC10", "Token 2, 'A2'", "gone after FC", "Move it before"),
        ("A29-FC10", "Token 1, 'A29'", "at most 28", "such as A2"),
        ("BN-C(8,5)-FC10", "Token 1, 'BN'", "right behind C or FC", "nothing stands before it. Move it"),
        ("C(8,5)-P2-BN-FC10", "Token 3, 'BN'", "right behind C or FC", "P2 stands before it. Move it"),
        ("C(8,5)-BN-BN-FC10", "Token 3, 'BN'", "right behind C or FC", "BN stands before it. Move it"),
        ("C(8,5)-D(0.5)-BN-FC10", "Token 3, 'BN'", "right behind C or FC", "D(0.5) stands before it. Move it"),
        ("C(8,5)-FC10-BN", "Token 3, 'BN'", "FC10 must be the last token", "Add -FC10"),
        ("C(8,5)-BN2-FC10", "Token 2, 'BN2'", "a token is C(filters,size)", "Write it like"),
        ("D(1.5)-FC10", "Token 1, 'D(1.5)'", "above 0 and below 1, but this is 1.5", "such as D(0.5)"),
        ("D(1)-FC10", "Token 1, 'D(1)'", "above 0 and below 1, but this is 1", "such as D(0.5)"),
        ("D(0.0)-FC10", "Token 1, 'D(0)'", "above 0 and below 1, but this is 0", "such as D(0.5)"),
        (f"D({'9' * 190})-FC10", "Token 1", "above 0 and below 1, but this is 1e+190", "such as D(0.5)"),
        ("D(-0.5)-FC10", "Token 1, 'D('", "a token is C(filters,size)", "Write it like"),
        ("D(0,5)-FC10", "Token 1, 'D(0,5)'", "D(share)", "Write it like"),
        ("C(8,5)-P2", "Token 2, 'P2'", "FC10 must be the last token", "Add -FC10"),
        ("FC11", "Token 1, 'FC11'", "FC10 must be the last token", "Add -FC10"),
        ("P1-" * 100 + "FC10", "", "at most 200 characters", "Use fewer layers"),
        ("\x1b[31mFC10", "Token 1, '\\x1b[31MFC10'", "a token is C(filters,size)", "Write it like"),
    ],
)
def test_a_broken_rule_is_named_with_token_position_and_fix(text: str, place: str, rule: str, fix: str) -> None:
    with pytest.raises(ModelStringError) as caught:
        parse(text, classes=10)
    message = str(caught.value)
    assert place in message and rule in message and fix in message
    assert "\n" not in message and message.isprintable() and len(message) < 500


def test_the_last_layer_has_a_unit_for_each_class_where_they_are_known() -> None:
    letters = parse("C(8,5)-FC26")
    check_classes(letters)
    check_classes(letters, 26)
    with pytest.raises(
        ModelStringError, match=r"^Token 2, 'FC26', of 'C\(8,5\)-FC26': FC10 must be the last .* digit\."
    ):
        check_classes(letters, 10)
    with pytest.raises(ModelStringError, match=r"FC47 must be the last token, one unit for each class\. Add -FC47\."):
        parse("C(8,5)-FC26", 47)


def test_pooling_windows_may_be_larger_than_their_input() -> None:
    assert output_shapes(parse("C(2,20)-P28-FC10"))[1] == (2, 1, 1)


sizes = st.integers(1, 300)
tokens = st.one_of(
    st.builds(Convolution, sizes, st.integers(1, 9), st.integers(0, 4), st.integers(1, 3)),
    st.builds(Pooling, st.integers(1, 5)),
    st.builds(MeanPooling, st.integers(1, 5)),
    st.builds(BatchNormalisation),
    st.builds(Dropout, st.floats(0, 1, exclude_min=True, exclude_max=True)),
    st.builds(FullyConnected, sizes),
)


@given(st.lists(tokens, max_size=8))
def test_what_a_tuple_of_specs_prints_parses_to_it_or_breaks_a_rule(specs: list[object]) -> None:
    text = "-".join(map(str, [*specs, FullyConnected(10)]))
    try:
        parsed = parse(text)
    except ModelStringError as error:
        assert re.search(
            "gone after FC|is larger than|narrower than|nothing is left|right behind C|200 characters", str(error)
        )
    else:
        assert parsed == (*specs, FullyConnected(10))
        assert to_string(parsed) == text
        assert parse(to_string(parsed)) == parsed


@given(st.text())
def test_any_text_is_a_model_or_breaks_a_rule(text: str) -> None:
    try:
        specs = parse(text)
    except ModelStringError as error:
        assert str(error).isprintable()
    else:
        assert parse(to_string(specs)) == specs
