"""Text that is safe to print, whoever wrote it."""


def literal(text: str) -> str:
    """Anybody's text on one line: control characters, and what is no text, escaped."""
    return "".join(letter if letter.isprintable() else repr(letter)[1:-1] for letter in text)


def percent(share: float) -> str:
    """A share from 0 to 1 as a percentage with two decimals; 100% only where it is all."""
    return "99.99%" if 0.9999 < share < 1 else f"{share:.2%}"
