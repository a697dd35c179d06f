"""The table of actions, of which menu and command line are made: one more is a file beside this one, and a line."""

from dataclasses import dataclass
from importlib import import_module
from keyword import iskeyword
from typing import Any


@dataclass(frozen=True)
class Action:
    """What a person can choose.

    key: the number in a model's menu; empty for what needs no model. title: in the menu; empty where it is not there.
    name: on the command line. help: what it does. ask: the function of its module that the menu calls.
    command: whether it is a command; where several lines of the menu share one, the first is.
    """

    key: str
    name: str
    title: str
    help: str
    ask: str = "ask"
    command: bool = True

    @property
    def module(self) -> Any:
        """The module, imported now: `ask`, and of a command `arguments` and `run`.

        `import` is in import_.py, as Python has the word.
        """
        return import_module(f"menu.actions.{self.name}{'_' if iskeyword(self.name) else ''}")


# In the order of the command line; the menu of a model goes by the keys.
ACTIONS = (
    Action("", "train", "Train a new model", "train a new network and save its weights"),
    Action("", "compare", "Compare networks", "train many networks, and say which is best and what is luck"),
    Action("4", "evaluate", "Evaluate on the MNIST test data", "evaluate a network on the test images"),
    Action("3", "predict", "Read the pictures in custom_test_images", "read pictures of digits"),
    Action(
        "2",
        "visualize",
        "Visualize the features of a layer or channel",
        "make pictures of what excites a channel, or of an image",
        "ask_channel",
    ),
    Action(
        "1",
        "visualize",
        "Visualize the features of a given image",
        "make pictures of what it excites, and of why it is read so",
        "ask_image",
        False,
    ),
    Action("8", "manage", "Rename", "give its file a name of your own", "ask_name", False),
    Action("9", "manage", "Write a note", "keep a sentence with it", "ask_note", False),
    Action("10", "manage", "Delete", "remove its file", "ask_deletion", False),
    Action("5", "export", "Export", "write a network for ONNX or Keras"),
    Action("7", "learn", "Teach it your handwriting", "teach a copy of a network the digits of some pictures"),
    Action("", "import", "", "take a network of Keras, or the arrays of another program"),
    Action("6", "page", "Draw digits in the browser", "make a page to draw digits on, which shows how they are read"),
)
