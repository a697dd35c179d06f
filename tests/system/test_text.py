"""Text that is safe to print."""

import pytest

from system.text import cut, literal, percent


def test_literal_text_is_one_line_of_what_can_be_seen() -> None:
    assert literal("größe [b] 数\n\x1b\udcff\u202e") == "größe [b] 数\\n\\x1b\\udcff\\u202e"


@pytest.mark.parametrize(
    ("share", "text"), [(1, "100.00%"), (0.99999, "99.99%"), (0.9968, "99.68%"), (0.5, "50.00%"), (0, "0.00%")]
)
def test_only_all_of_it_is_100_percent(share: float, text: str) -> None:
    assert percent(share) == text


def test_what_is_almost_nothing_is_said_so_where_zeros_are_left_out() -> None:
    shares = (0, 1e-6, 0.5, 0.12345, 0.99999, 1)
    assert [percent(share, short=True) for share in shares] == ["0%", "<0.01%", "50%", "12.35%", "99.99%", "100%"]


def test_long_text_ends_in_an_ellipsis() -> None:
    assert [cut(text, 5) for text in ("", "abcde", "abcdef")] == ["", "abcde", "abcd…"]
