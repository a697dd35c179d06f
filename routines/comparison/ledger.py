"""The ledger of a comparison: a line for each training that is finished, which outlives the program."""

import json
import os
from pathlib import Path

from routines.comparison.trials import Outcome
from system.errors import UserError

NAME = "comparison.jsonl"


class Ledger:
    """A file of lines, each one JSON object; what was added is on the disk before `add` returns.

    outcomes: of each training by its key.

    Raises:
        UserError: where the file cannot be read, or a line holds something else.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / NAME
        self.outcomes: dict[str, Outcome] = {}
        lines = self._lines()
        for number, line in enumerate(lines, 1):
            try:
                outcome = Outcome.from_json(json.loads(line))
            except (ValueError, KeyError, TypeError, UserError) as error:
                raise UserError(
                    f"{self.path}: each line of a ledger is what came of a training, but line {number} is not. Remove "
                    "that line, or choose another folder."
                ) from error
            self.outcomes.setdefault(outcome.trial.key, outcome)

    def add(self, outcome: Outcome) -> None:
        """Write down what came of a training.

        Raises:
            UserError: where that cannot be written.
        """
        try:
            with self.path.open("ab") as file:
                file.write(json.dumps(outcome.to_json()).encode() + b"\n")
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise UserError(
                f"{self.path}: the ledger cannot be written ({error.strerror}). Make room, and start again: what is in "
                "it is not repeated."
            ) from error
        self.outcomes[outcome.trial.key] = outcome

    def _lines(self) -> list[bytes]:
        """Return the lines; one without an end was being written when the program was killed, and is cut off."""
        try:
            if not self.path.exists():
                return []
            content = self.path.read_bytes()
            whole = content[: content.rfind(b"\n") + 1]
            if len(whole) < len(content):
                with self.path.open("r+b") as file:
                    file.truncate(len(whole))
        except OSError as error:
            raise UserError(
                f"{self.path}: the ledger cannot be read ({error.strerror}). Choose another folder."
            ) from error
        return [line for line in whole.splitlines() if line.strip()]
