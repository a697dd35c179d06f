"""The settings of a training: ranges, texts, and JSON."""

import json
from dataclasses import asdict, fields
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnn.recipe import SETTINGS, Recipe, RecipeError, Setting

BY_NAME = {setting.name: setting for setting in SETTINGS}
FLOATS = [setting for setting in SETTINGS if setting.kind is float]
WHOLE = [setting for setting in SETTINGS if setting.kind is int]


def test_every_setting_has_its_default_and_is_in_the_table() -> None:
    assert [setting.name for setting in SETTINGS] == [field.name for field in fields(Recipe)]
    assert asdict(Recipe()) == {setting.name: setting.default for setting in SETTINGS}
    assert all(setting.help and setting.title for setting in SETTINGS)


def test_the_menu_asks_for_two_of_them_and_for_four_where_more_are_wanted() -> None:
    assert [setting.asked for setting in SETTINGS if setting.asked and not setting.more] == ["Learning rate", "Epochs"]
    assert [setting.name for setting in SETTINGS if setting.more] == ["batch_size", "seed", "augment", "validation"]
    assert all(setting.asked for setting in SETTINGS if setting.more)


@pytest.mark.parametrize(
    ("name", "flag"), [("learning_rate", "--learning-rate"), ("augment", "--no-augment"), ("cool_down", "--cool-down")]
)
def test_flags_are_spelled_as_the_command_line_has_them(name: str, flag: str) -> None:
    assert BY_NAME[name].flag == flag


@pytest.mark.parametrize(
    ("name", "lowest", "highest"),
    [
        ("epochs", 1, 1000),
        ("batch_size", 1, 4096),
        ("seed", 0, 10**18 - 1),
        ("validation", 0, 0.5),
        ("weight_decay", 0, 10),
        ("averaging", 0, 1e15),
        ("warm_up", 0, 1),
        ("cool_down", 0, 1),
    ],
)
def test_the_ends_of_a_range_are_taken_and_what_lies_behind_is_not(name: str, lowest: Any, highest: Any) -> None:
    value: Any
    for value in (lowest, highest):
        assert getattr(Recipe(**{name: value}), name) == value
    more: Any = 1 if BY_NAME[name].kind is int else 0.01 * highest
    for value in (lowest - more, highest + more):
        with pytest.raises(RecipeError, match=r"was given\. (Choose another|Try .*)\.$"):
            Recipe(**{name: value})


def test_a_learning_rate_is_above_zero() -> None:
    assert Recipe(learning_rate=1).learning_rate == 1
    assert Recipe(learning_rate=1e-300).learning_rate == 1e-300
    with pytest.raises(RecipeError, match=r"^A learning rate is above 0 and at most 1: 0 was given\. Try 0\.001\.$"):
        Recipe(learning_rate=0)


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: str(setting.name))
@pytest.mark.parametrize(
    "value",
    [None, "5", [5], {}, float("nan"), float("inf"), -float("inf"), 1j, b"1", 10**400, -1, "x" * 1000, "a\nb"],
    ids=lambda value: repr(value)[:9],
)
def test_what_is_no_value_of_a_setting_is_refused_in_a_sentence(setting: Setting, value: Any) -> None:
    with pytest.raises(RecipeError) as caught:
        Recipe(**{setting.name: value})
    message = str(caught.value)
    assert setting.title in message and message.isprintable() and message.endswith(".")
    assert len(message) < 300


@pytest.mark.parametrize("setting", WHOLE, ids=lambda setting: str(setting.name))
def test_a_whole_number_is_no_float_and_no_bool(setting: Setting) -> None:
    value: Any
    for value in (5.5, 5.0, True):
        with pytest.raises(RecipeError, match=f"'{value}' was given"):
            Recipe(**{setting.name: value})


@pytest.mark.parametrize("value", [0, 1, 1.0, "True", None])
def test_augmentation_is_true_or_false(value: Any) -> None:
    with pytest.raises(RecipeError, match=rf"^Augmentation is True or False: the \w+ '{value}' was given\. Choose one"):
        Recipe(augment=value)


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        ("5", "The number of epochs is from 1 to 1,000: the text '5' was given. Choose another."),
        (5.0, "The number of epochs is from 1 to 1,000: the float '5.0' was given. Choose another."),
        (None, "The number of epochs is from 1 to 1,000: the NoneType 'None' was given. Choose another."),
        (np.bool_(True), "The number of epochs is from 1 to 1,000: the bool 'True' was given. Choose another."),
    ],
)
def test_what_is_of_another_type_is_said(value: Any, sentence: str) -> None:
    with pytest.raises(RecipeError) as caught:
        Recipe(epochs=value)
    assert str(caught.value).replace("bool_", "bool") == sentence


def test_the_seed_is_called_by_its_name() -> None:
    with pytest.raises(RecipeError, match=r"^The seed is from 0 to "):
        Recipe(seed=-1)


def test_numbers_of_numpy_become_numbers_of_python() -> None:
    recipe = Recipe(epochs=np.int64(5), learning_rate=np.float32(0.5), averaging=np.int64(3), augment=np.bool_(False))  # type: ignore[arg-type]
    assert recipe == Recipe(epochs=5, learning_rate=0.5, averaging=3, augment=False)
    assert all(type(getattr(recipe, setting.name)) is setting.kind for setting in SETTINGS)
    assert Recipe.from_json(json.loads(json.dumps(recipe.to_json()))) == recipe
    with pytest.raises(RecipeError, match="The number of epochs is from 1 to 1,000: 1,001 was given"):
        Recipe(epochs=np.int64(1001))


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("learning_rate", "0.01", 0.01),
        ("learning_rate", " 1e-3 ", 0.001),
        ("learning_rate", "0,001", 0.001),
        ("learning_rate", " ,01", 0.01),
        ("learning_rate", "1,5e-3", 0.0015),
        ("weight_decay", "1,5", 1.5),
        ("weight_decay", "1,0000", 1),
        ("validation", "0,125", 0.125),
        ("averaging", "1000,5", 1000.5),
        ("epochs", "07", 7),
        ("averaging", "9", 9),
    ],
)
def test_texts_become_values(name: str, text: str, value: float) -> None:
    found = BY_NAME[name].convert(text)
    assert found == value and type(found) is BY_NAME[name].kind


THOUSANDS = (
    "{} is a number, but the comma of '{}' may be a decimal point, or stand between thousands. Type '{}' or '{}'."
)


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("learning_rate", "fast", "A learning rate is a number: 'fast' was given. Try 0.001."),
        ("learning_rate", "", "A learning rate is a number: '' was given. Try 0.001."),
        ("learning_rate", "0", "A learning rate is above 0 and at most 1: 0 was given. Try 0.001."),
        ("learning_rate", "1000", "A learning rate is above 0 and at most 1: 1000 was given. Try 0.001."),
        ("learning_rate", "nan", "A learning rate is above 0 and at most 1: nan was given. Try 0.001."),
        ("learning_rate", "0,1,5", "A learning rate is a number: '0,1,5' was given. Try 0.001."),
        ("learning_rate", "0,1.5", "A learning rate is a number: '0,1.5' was given. Try 0.001."),
        ("averaging", "1,000,000", "An averaging power is a number: '1,000,000' was given. Try 9."),
        ("averaging", "1,000", THOUSANDS.format("An averaging power", "1,000", "1.000", "1000")),
        ("weight_decay", " 1,000 ", THOUSANDS.format("A weight decay", " 1,000 ", "1.000", "1000")),
        ("weight_decay", "-12,345", THOUSANDS.format("A weight decay", "-12,345", "-12.345", "-12345")),
        ("learning_rate", "1,000E-3", THOUSANDS.format("A learning rate", "1,000E-3", "1.000E-3", "1000E-3")),
        ("epochs", "1,000", "This is a whole number, such as 5: '1,000' was given. Type digits only."),
        ("batch_size", "64,0", "This is a whole number, such as 5: '64,0' was given. Type digits only."),
        ("epochs", "1.5", "This is a whole number, such as 5: '1.5' was given. Type digits only."),
        ("epochs", "-1", "This is a whole number, such as 5: '-1' was given. Type digits only."),
        ("epochs", "\u0665", "This is a whole number, such as 5: '\u0665' was given. Type digits only."),
        ("epochs", "0", "The number of epochs is from 1 to 1,000: 0 was given. Choose another."),
        ("epochs", "1001", "The number of epochs is from 1 to 1,000: 1,001 was given. Choose another."),
        ("batch_size", "4097", "The number of images in a batch is from 1 to 4,096: 4,097 was given. Choose another."),
        ("seed", "9" * 19, f"This is a whole number, such as 5: '{'9' * 19}' was given. Type digits only."),
        ("warm_up", "2", "A warm-up is from 0 to 1: 2 was given. Try 0.05."),
    ],
)
def test_texts_that_stand_for_no_value_are_refused_with_the_sentence(name: str, text: str, sentence: str) -> None:
    with pytest.raises(RecipeError) as caught:
        BY_NAME[name].convert(text)
    assert str(caught.value) == sentence


@given(st.text(), st.sampled_from([*FLOATS, *WHOLE]))
def test_any_text_is_a_value_in_range_or_a_sentence(text: str, setting: Setting) -> None:
    try:
        value = setting.convert(text)
    except RecipeError as error:
        assert str(error).isprintable() and str(error).endswith(".")
    else:
        assert setting.lowest <= value <= setting.highest


def values(setting: Setting) -> st.SearchStrategy[Any]:
    if setting.kind is bool:
        return st.booleans()
    if setting.kind is int:
        return st.integers(int(setting.lowest), int(setting.highest))
    return st.floats(setting.lowest, setting.highest, exclude_min=setting.above)


@given(st.fixed_dictionaries({setting.name: values(setting) for setting in SETTINGS}))
def test_a_recipe_goes_through_json_and_comes_back(chosen: dict[str, Any]) -> None:
    recipe = Recipe(**chosen)
    assert Recipe.from_json(json.loads(json.dumps(recipe.to_json()))) == recipe


def test_unknown_keys_are_ignored_and_missing_ones_are_defaults() -> None:
    assert Recipe.from_json({"epochs": 3, "workers": 2, "x": None}) == Recipe(epochs=3)
    assert Recipe.from_json({}) == Recipe()


@pytest.mark.parametrize("stored", [None, 3, [], "x", {"epochs": "3"}, {"epochs": None}, {"seed": -1}])
def test_json_of_another_kind_is_refused_in_a_sentence(stored: Any) -> None:
    with pytest.raises(RecipeError, match=r"was given\."):
        Recipe.from_json(stored)
