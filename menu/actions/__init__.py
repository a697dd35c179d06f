"""The table of actions, of which menu and command line are made: one more is a file beside this one, and a line."""

from dataclasses import dataclass
from importlib import import_module
from keyword import iskeyword
from typing import Any


@dataclass(frozen=True)
class Action:
    """What a person can choose.

    key: the number in a model's menu; empty for what needs no model. title: in the menu; empty where it is not there.
    name: on the command line. help: there; empty where another line has it. ask: the function of its module that the
    menu calls.
    """

    key: str
    name: str
    title: str
    help: str
    ask: str = "ask"

    @property
    def module(self) -> Any:
        """The module, imported now: `ask`, `arguments`, `run`; `import` is in import_.py, as Python has the word."""
        return import_module(f"menu.actions.{self.name}{'_' if iskeyword(self.name) else ''}")


# In the order of the command line; the menu of a model goes by the keys.
ACTIONS = (
    Action("", "train", "To train a new model", "train a new network and save its weights"),
    Action("4", "evaluate", "Evaluate on the MNIST test data", "evaluate a network on the test images"),
    Action("3", "predict", "Predict custom images", "read pictures of digits"),
    Action(
        "2",
        "visualize",
        "Feature visualization for a given layer and channel",
        "make pictures of what excites a channel, or of an image",
        "ask_channel",
    ),
    Action("1", "visualize", "Feature visualization for a given image", "", "ask_image"),
    Action("5", "export", "Export", "write a network for ONNX or Keras"),
    Action("", "import", "", "take a network of Keras, or the arrays of another program"),
    Action("6", "page", "Draw digits in the browser", "make a page to draw digits on, which shows how they are read"),
)
