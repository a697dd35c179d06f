"""Text that is safe to print, whoever wrote it."""

NAME_LETTERS = 12  # of a class's name, in tables and figures


def literal(text: str) -> str:
    """Return anybody's text on one line: control characters, and what is no text, are escaped."""
    return "".join(letter if letter.isprintable() else repr(letter)[1:-1] for letter in text)


def cut(text: str, letters: int = NAME_LETTERS) -> str:
    """Return a text of at most so many letters; an ellipsis stands for the rest."""
    return text if len(text) <= letters else f"{text[: letters - 1]}…"


def percent(share: float, short: bool = False) -> str:
    """Return a share from 0 to 1 as a percentage with two decimals; 100% only where it is all.

    short: without zeros at its end, and <0.01% for what is almost nothing, as figures have it.
    """
    if short and 0 < share < 0.0001:
        return "<0.01%"
    text = "99.99" if 0.9999 < share < 1 else f"{100 * share:.2f}"
    return f"{text.rstrip('0').rstrip('.') if short else text}%"
