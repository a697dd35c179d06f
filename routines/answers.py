"""The few questions that routines have."""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from cnn.checkpoint import Checkpoint
from cnn.recipe import Recipe
from system.errors import UserError


class Answers(Protocol):
    """Who answers: a person at a prompt, or constants."""

    def replace(self, path: Path) -> bool:
        """Return whether the weights of a finished model may be replaced when training is done."""

    def go_on(self, checkpoint: Checkpoint) -> bool:
        """Return whether to go on from a checkpoint, rather than begin anew."""

    def recipe(self, recipe: Recipe) -> Recipe:
        """Return the recipe to begin anew with, for the one that was asked for."""

    def keep_unfinished(self, path: Path) -> bool:
        """Return whether to save a model whose training ended early, at a path of its own."""

    def another_place(self) -> Path | None:
        """Return another file for weights that could not be written; None: wherever there is room."""


class LayoutAnswers(Protocol):
    """Who answers the question of an import."""

    def layout(self, question: str) -> str:
        """Return in which layout arrays lie, CHANNELS_FIRST or CHANNELS_LAST of `cnn.exchange.foreign_npz`.

        question: a sentence, without its full stop, that says of what file and why it is not known.
        """


@dataclass(frozen=True)
class Constant:
    """The same answers each time: for scripts, threads and clusters."""

    replaced: bool = True
    resume: bool = False
    keep: bool = True
    place: Path | None = None
    channels: str | None = None

    def replace(self, path: Path) -> bool:
        """Return `replaced`."""
        return self.replaced

    def go_on(self, checkpoint: Checkpoint) -> bool:
        """Return `resume`."""
        return self.resume

    def recipe(self, recipe: Recipe) -> Recipe:
        """Return the recipe that was asked for."""
        return recipe

    def keep_unfinished(self, path: Path) -> bool:
        """Return `keep`."""
        return self.keep

    def another_place(self) -> Path | None:
        """Return `place`."""
        return self.place

    def layout(self, question: str) -> str:
        """Return `channels`.

        Raises:
            UserError: where there is none.
        """
        if self.channels is None:
            raise UserError(f"{question}. Add --layout first, or --layout last.")
        return self.channels
