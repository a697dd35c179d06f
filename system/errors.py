"""What a user can mend: errors whose message is one sentence for them."""


class UserError(Exception):
    """A rule that was broken: the message gives the rule, what was received, and what to do.

    It is no ValueError, so that a mistake of the program is never shown as the user's.
    """


def quote(text: str) -> str:
    """Return anybody's text in quotes, on one line: control characters escaped, cut where it is long."""
    return repr(text if len(text) <= 60 else text[:57] + "...")
