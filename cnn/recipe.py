"""The recipe of a training: every setting with its default, range, and what it is for."""

import re
from dataclasses import Field, asdict, dataclass, field, fields
from typing import Any

import numpy as np

from system.errors import UserError, quote


class RecipeError(UserError):
    """A setting out of its range; the message says which, and what to do."""


def _setting(default: float, title: str, help: str, lowest: float, highest: float, **more: Any) -> Any:
    return field(default=default, metadata={"title": title, "help": help, "lowest": lowest, "highest": highest, **more})


@dataclass(frozen=True)
class Recipe:
    """How a model is trained. A setting is a line here: prompts, flags, checkpoints and checks are made from it.

    learning_rate: for batches of 32 images (see `cnn.optimizer.scale_learning_rate`), the peak of the schedule.
    epochs: passes over all training images. batch_size: images a step. seed: of all that is random.
    augment: whether each image is changed anew each time, as its data set says.
    validation: share of the training images, of each class, that is held out and read after each epoch.
    weight_decay: by how much of the learning rate the parameters shrink in a step.
    averaging: the power of the step with which it weighs in the running mean of the parameters.
    warm_up, cool_down: shares of the steps, from 0 to 1, on which the learning rate goes up and down.

    Raises:
        RecipeError: for a setting out of its range.
    """

    learning_rate: float = _setting(
        0.001, "A learning rate", "for batches of 32 images", 0, 1, above=True, asked="Learning rate"
    )
    epochs: int = _setting(5, "The number of epochs", "passes over all training images", 1, 1000, asked="Epochs")
    # Ctrl-C waits for the end of a step, which takes less than a second up to here.
    batch_size: int = _setting(
        128, "The number of images in a batch", "images a step", 1, 4096, asked="Batch size (images a step)", more=True
    )
    seed: int = _setting(
        0, "The seed", "of all that is random", 0, 10**18 - 1, asked="Seed (of all that is random)", more=True
    )
    augment: bool = _setting(
        True, "Augmentation", "train on the images as they are", False, True, asked="Distort the images?", more=True
    )
    validation: float = _setting(
        0.0, "A validation share", "share of the images to hold out", 0, 0.5, asked="Share to validate on", more=True
    )
    weight_decay: float = _setting(0.1, "A weight decay", "by which share of the rate parameters shrink", 0, 10)
    averaging: float = _setting(9.0, "An averaging power", "how late the steps are that the mean is of", 0, 1e15)
    warm_up: float = _setting(0.05, "A warm-up", "share of the steps on which the rate goes up", 0, 1)
    cool_down: float = _setting(0.05, "A cool-down", "share of the steps on which the rate goes down", 0, 1)

    def __post_init__(self) -> None:
        for setting in SETTINGS:
            object.__setattr__(self, setting.name, setting.check(getattr(self, setting.name)))

    def to_json(self) -> dict[str, Any]:
        """Return the settings by name, as JSON has them."""
        return asdict(self)

    @classmethod
    def from_json(cls, stored: Any) -> "Recipe":
        """Return the recipe of what `to_json` returned, with other keys left out and defaults for missing ones.

        Raises:
            RecipeError: for settings of another type, or out of their range.
        """
        if not isinstance(stored, dict):
            raise RecipeError(f"A recipe is a JSON object: {type(stored).__name__} was given.")
        return cls(**{setting.name: stored[setting.name] for setting in SETTINGS if setting.name in stored})


# By the kind of a setting, what a value may be; the bools of Python are no whole numbers, though they are ints.
_TAKEN: dict[type, tuple[type, ...]] = {
    bool: (bool, np.bool_),
    int: (int, np.integer),
    float: (int, np.integer, float, np.floating),
}


@dataclass(frozen=True)
class Setting:
    """A setting of the recipe, for prompts, flags and checks.

    kind: int, float or bool. title: how an error begins. help: what it is for. asked: the question in the menu, empty
    where it has none. more: whether it is asked only of those who want more settings. flag: on the command line; of a
    bool, for what is not the default.
    lowest, highest: its range, both included; with `above`, the lowest is not.
    """

    name: str
    kind: type
    default: Any
    title: str
    help: str
    lowest: float
    highest: float
    above: bool = False
    asked: str = ""
    more: bool = False

    @property
    def flag(self) -> str:
        """How it is spelled on the command line."""
        return ("--no-" if self.default is True else "--") + self.name.replace("_", "-")

    @property
    def range(self) -> str:
        """What values it takes, in words."""
        lowest, highest = (f"{each:,}" if self.kind is int else f"{each:g}" for each in (self.lowest, self.highest))
        return f"above {lowest}, at most {highest}" if self.above else f"{lowest} to {highest}"

    def convert(self, text: str) -> Any:
        """Return the value that a text stands for.

        Raises:
            RecipeError: where it stands for none, or for one out of range.
        """
        return self.check(whole_number(text) if self.kind is int else self._number(text))

    def check(self, value: Any) -> Any:
        """Return a value, which may be a number of NumPy, in the setting's own type.

        Raises:
            RecipeError: for one of another type, or out of range.
        """
        fits = isinstance(value, _TAKEN[self.kind]) and (self.kind is bool or not isinstance(value, bool))
        fits = fits and not (isinstance(value, int) and value.bit_length() > 63)  # which is no float, nor soon printed
        given = f"the {'text' if isinstance(value, str) else type(value).__name__} {quote(str(value))}"
        if fits:
            value = self.kind(value)
            if self.lowest <= value <= self.highest and not (self.above and value == self.lowest):
                return value
            given = f"{value:,}" if self.kind is int else f"{value:g}"
        if self.kind is bool:
            raise RecipeError(f"{self.title} is True or False: {given} was given. Choose one of them.")
        if self.kind is int:
            raise RecipeError(
                f"{self.title} is from {self.lowest:,} to {self.highest:,}: {given} was given. Choose another."
            )
        lowest = f"above {self.lowest:g} and at most" if self.above else f"from {self.lowest:g} to"
        raise RecipeError(f"{self.title} is {lowest} {self.highest:g}: {given} was given. Try {self.default:g}.")

    def _number(self, text: str) -> float:
        if _THOUSANDS.fullmatch(text.strip()):
            point, none = (quote(text.strip().replace(",", each)) for each in (".", ""))
            raise RecipeError(
                f"{self.title} is a number, but the comma of {quote(text)} may be a decimal point, or stand between "
                f"thousands. Type {point} or {none}."
            )
        try:
            return float(text.replace(",", ".") if text.count(",") == 1 and "." not in text else text)
        except ValueError:
            raise RecipeError(f"{self.title} is a number: {quote(text)} was given. Try {self.default:g}.") from None


# With one comma, which a reader of English takes for that between thousands; not so in 0,001 or 1,5.
_THOUSANDS = re.compile(r"[+-]?(?!0)\d{1,3},\d{3}(e[+-]?\d+)?", re.IGNORECASE)


def whole_number(text: str) -> int:
    """Return a whole number from 0 up, given in plain digits.

    Raises:
        RecipeError: for another text.
    """
    if not (text.isascii() and text.isdigit() and len(text) <= 18):
        raise RecipeError(f"This is a whole number, such as 5: {quote(text)} was given. Type digits only.")
    return int(text)


def _describe(each: "Field[Any]") -> Setting:
    return Setting(each.name, type(each.default), each.default, **each.metadata)


SETTINGS: tuple[Setting, ...] = tuple(map(_describe, fields(Recipe)))
