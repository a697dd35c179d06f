"""Errors for users."""

from system.errors import UserError, quote


def test_a_mistake_of_numpy_is_not_the_users() -> None:
    assert not issubclass(UserError, ValueError)


def test_quoted_text_is_short_and_on_one_line() -> None:
    assert quote("a\nb") == "'a\\nb'"
    assert len(quote("x" * 1000)) == 62
