"""A model's file: renamed, noted, deleted."""

from rich.console import Console

from cnn.model import Model
from cnn.weights import given_name
from menu import prompts
from menu.render import model_note, say
from routines.models import check_name, check_note, delete_model, is_shipped, model_file, rename_model, write_note
from routines.places import Places

NO_NOTE = "-"


def ask_name(console: Console, places: Places, model: Model) -> None:
    """Ask for a name, and rename a model's file."""
    question, explanation = "Name, such as My hand", "The name stands behind the model string in the file's name."
    name = prompts.ask(console, question, check_name, given_name(model_file(model)) or None, explanation)
    say(console, f"Renamed: {rename_model(model, name)}")


def ask_note(console: Console, places: Places, model: Model) -> None:
    """Ask for a note, and write it into a model's file."""
    explanation = f"The note is shown below the model; {NO_NOTE} removes it."
    note = prompts.ask(console, "Note", check_note, model_note(model) or None, explanation)
    write_note(model, "" if note == NO_NOTE else note)


def ask_deletion(console: Console, places: Places, model: Model) -> None:
    """Ask whether to delete a model, and do so."""
    back = " It comes with the program: make models trains it again." if is_shipped(model) else ""
    if prompts.confirm(console, f"Delete {model_file(model)}?{back}", False):
        delete_model(model)
        say(console, "Deleted.")
    else:
        say(console, "Nothing was changed.")
