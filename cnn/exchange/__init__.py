"""Models in the files of other programs, written and read."""

from cnn.inputs import InputError


class ExchangeError(InputError):
    """A file of another program that cannot be written or taken; the message says what, why, and what to do."""
