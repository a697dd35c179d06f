"""Text that is safe to print."""

import pytest

from system.text import literal, percent


def test_literal_text_is_one_line_of_what_can_be_seen() -> None:
    assert literal("größe [b] 数\n\x1b\udcff\u202e") == "größe [b] 数\\n\\x1b\\udcff\\u202e"


@pytest.mark.parametrize(
    ("share", "text"), [(1, "100.00%"), (0.99999, "99.99%"), (0.9968, "99.68%"), (0.5, "50.00%"), (0, "0.00%")]
)
def test_only_all_of_it_is_100_percent(share: float, text: str) -> None:
    assert percent(share) == text
