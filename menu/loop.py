"""The menu: tables of (key, title, action), shown again until somebody leaves."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from rich.console import Console

from cnn.architecture import EXAMPLE, Specs
from cnn.checkpoint import Checkpoint
from cnn.errors import quote
from cnn.npz import NpzError
from cnn.training import BATCH_SIZE, EPOCHS, LEARNING_RATE, SEED
from cnn.weights import WeightFile, WeightFileError
from cnn.workers import available_cores
from menu import actions, pictures, prediction, prompts, training, training_settings, visualization
from menu.catalog import read_catalog, weight_path
from menu.render import FAILURES, explain, model_name, say, show_models


@dataclass(frozen=True)
class Option:
    """A line of a menu; without an action it is the way out."""

    key: str
    title: str
    action: Callable[[Console], None] | None = None


def run(console: Console) -> int:
    """The main menu until somebody leaves; returns the exit status."""
    say(console, "A convolutional network in NumPy that reads handwritten digits", "bold")
    try:
        while _one_choice(console):
            pass
    except EOFError:
        say(console, "\nEnd of input: goodbye.")
    except KeyboardInterrupt:
        say(console, "\nInterrupted: goodbye.")
        return 130
    return 0


def _one_choice(console: Console) -> bool:
    catalog = read_catalog()
    console.print()
    show_models(console, catalog)
    options = [
        Option(str(number), model_name(model), partial(_model_menu, model=model))
        for number, model in enumerate(catalog.models, 1)
    ]
    fixed = [Option(str(len(options) + 1), "To train a new model", _train), Option(str(len(options) + 2), "To leave")]
    for option in fixed:
        say(console, f"{option.key}  {option.title}")
    return _run_option(console, options + fixed)


def _model_menu(console: Console, model: WeightFile) -> None:
    options = [
        Option("1", "Feature visualization for a given image", partial(visualization.ask_image, model=model)),
        Option(
            "2",
            "Feature visualization for a given layer and channel",
            partial(visualization.ask_channel, model=model),
        ),
        Option("3", "Predict custom images", partial(_predict, model=model)),
        Option("4", "Evaluate on the MNIST test data", partial(_evaluate, model=model)),
        Option("0", "Back"),
    ]
    while True:
        say(console, f"\n{model_name(model)}", "bold")
        for option in options:
            say(console, f"{option.key}  {option.title}")
        if not _run_option(console, options):
            return


def _run_option(console: Console, options: list[Option]) -> bool:
    """Ask for one of the options and do it; False for the way out. Its failures end here, in a sentence."""
    by_key = {option.key: option for option in options}

    def chosen(text: str) -> Option:
        if text not in by_key:
            raise ValueError(
                f"A choice is a number from {min(by_key, key=int)} to {max(by_key, key=int)}: {quote(text)} was given. "
                "Type one of them."
            )
        return by_key[text]

    action = prompts.ask(console, "Choose", chosen).action
    if action is None:
        return False
    try:
        action(console)
    except FAILURES as error:
        say(console, explain(error), "red")
    except KeyboardInterrupt:
        say(console, "\nInterrupted: back to the menu.", "yellow")
    return True


def _train(console: Console) -> None:
    specs = prompts.ask(console, "Model string, such as", prompts.model, EXAMPLE)
    output = weight_path(specs)
    if output.exists() and not prompts.confirm(console, f"{output.name} exists. Replace it when trained?", False):
        say(console, "Nothing was changed.")
        return
    settings = training_settings.TrainingSettings(
        specs=specs,
        learning_rate=LEARNING_RATE,
        epochs=EPOCHS,
        batch_size=BATCH_SIZE,
        seed=SEED,
        workers=available_cores(),
        augment=True,
        data=None,
        output=output,
    )
    checkpoint = _checkpoint(console, settings)
    if checkpoint:
        settings = training_settings.settings_of(settings, checkpoint)
    else:
        settings = replace(
            settings,
            learning_rate=prompts.ask(console, "Learning rate", prompts.learning_rate, f"{LEARNING_RATE:g}"),
            epochs=prompts.ask(console, "Epochs", prompts.epochs, str(EPOCHS)),
        )
    data = actions.load_data(console, None)
    run = training.run_training(console, settings, data, checkpoint)
    if run.stopped:
        training.say_stopped(console, settings, run)
        output = training_settings.unfinished_output(output)
        if not (run.worth_keeping and _wants(console, f"Save the network as it is, as {output.name}?")):
            say(console, "No weights were saved.")
            return
    while True:
        try:
            training.finish_training(console, settings, data, run, output)
            break
        except WeightFileError as error:
            say(console, str(error), "red")
        try:
            output = prompts.ask(console, "Another .npz file", partial(_place, specs=specs))
        except (EOFError, KeyboardInterrupt):  # nobody answers: once more, and no more than that
            output = training_settings.refuge(output)
            training.finish_training(console, settings, data, run, output)
            break
    training.draw_training(console, run, output)


def _checkpoint(console: Console, settings: training_settings.TrainingSettings) -> Checkpoint | None:
    """The checkpoint that somebody wants to go on from, if there is one."""
    try:
        checkpoint = training_settings.find_checkpoint(settings)
        if checkpoint:
            of = training_settings.settings_of(settings, checkpoint)
            question = (
                f"Its training was interrupted after epoch {len(checkpoint.results)} of {of.epochs}. Go on from there?"
            )
            return checkpoint if prompts.confirm(console, question, True) else None
    except NpzError as error:
        say(console, f"{error} Until then, training begins anew.", "yellow")
    return None


def _place(text: str, specs: Specs) -> Path:
    """A path that a model's weights can be written to."""
    path = Path(text).absolute()
    training_settings.check_output(path, specs)
    return path


def _wants(console: Console, question: str) -> bool:
    """Whether somebody says yes, or, pressing Ctrl-C again or being gone, does not say no."""
    try:
        return prompts.confirm(console, question, True)
    except (EOFError, KeyboardInterrupt):
        return True


def _evaluate(console: Console, model: WeightFile) -> None:
    data = actions.load_data(console, None)
    evaluation = actions.evaluate_model(console, model, data)
    actions.draw_evaluation(console, model, data, evaluation)


def _predict(console: Console, model: WeightFile) -> None:
    prediction.predict_pictures(console, model, [pictures.PICTURE_FOLDER])
