"""What a user can mend: errors whose message is one sentence for them."""


class UserError(ValueError):
    """A rule that was broken: the message gives the rule, what was received, and what to do."""


def quote(text: str) -> str:
    """Anybody's text in quotes, on one line: control characters escaped, cut where it is long."""
    return repr(text if len(text) <= 60 else text[:57] + "...")
