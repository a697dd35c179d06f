"""Training a new model."""

import argparse
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from rich.console import Console

from cnn.architecture import EXAMPLE, Specs
from cnn.checkpoint import Checkpoint
from cnn.model import Model
from cnn.recipe import SETTINGS, Recipe, Setting
from menu import conversions, options, prompts
from menu.epochs import epoch_heading, epoch_line
from menu.progress import Follower
from menu.render import (
    INCOMPLETE,
    INTERRUPTED,
    MISTAKE,
    OK,
    complain,
    layers_table,
    say,
    say_figure,
    say_note,
)
from routines.answers import Constant
from routines.events import EpochDone, Event, Figure, Noted, Stopped, Trained, TrainingStarted, Unsaved
from routines.figures import draw_training
from routines.models import weight_path
from routines.places import Places
from routines.train import TrainRequest, train
from routines.train_files import check_output
from system.text import percent

EXAMPLES = (
    'train --model "C(8,5)-P2-FC32-FC10" --epochs 10 --seed 1',
    'train --model "C(8,5)-P2-FC10" --data mine.npz --output mine_weights.npz --no-augment --json',
)


def ask(console: Console, places: Places, model: Model | None = None) -> None:
    """Ask for a model string, and train it; what else is to be asked, the routine asks."""
    specs = prompts.ask(console, "Model string, such as", conversions.digit_model, EXAMPLE)
    follower = Follower(console)
    request = TrainRequest(specs, weight_path(places, specs), resume=None)
    answers, shown = Prompts(console, places, request, follower), partial(show, console)
    follower.follow(train(request, places, answers, follower.stop), shown)
    if trained := follower.last(Trained):
        follower.follow(draw_training(trained, request.data), shown)
    elif follower.last(Stopped):
        say(console, "No weights were saved.")


class Prompts:
    """The questions of a training, asked at prompts."""

    def __init__(self, console: Console, places: Places, request: TrainRequest, follower: Follower) -> None:
        self._console, self._places, self._request, self._follower = console, places, request, follower

    def replace(self, path: Path) -> bool:
        """Ask whether a finished model may be replaced."""
        with self._follower.pause():
            return prompts.confirm(self._console, f"{path.name} exists. Replace it when trained?", False)

    def go_on(self, checkpoint: Checkpoint) -> bool:
        """Ask whether to go on from a checkpoint."""
        done, epochs = len(checkpoint.results), checkpoint.recipe.epochs
        question = f"Its training was interrupted after epoch {done} of {epochs}. Go on from there?"
        with self._follower.pause():
            return prompts.confirm(self._console, question, True)

    def recipe(self, recipe: Recipe) -> Recipe:
        """Ask for the settings that have a question; for some of them, where more are wanted."""
        questions = [setting for setting in SETTINGS if setting.asked]
        with self._follower.pause():
            asked = {setting.name: self._ask(setting) for setting in questions if not setting.more}
            if prompts.confirm(self._console, "More settings?", False):
                asked |= {setting.name: self._ask(setting) for setting in questions if setting.more}
        return replace(recipe, **asked)

    def _ask(self, setting: Setting) -> Any:
        if setting.kind is bool:
            return prompts.confirm(self._console, setting.asked, setting.default)
        says = f"{setting.help}, {setting.range}"
        return prompts.ask(self._console, setting.asked, setting.convert, f"{setting.default:g}", says)

    def keep_unfinished(self, path: Path, epochs: int) -> bool:
        """Ask whether to save a model as it is; where nobody answers, it is saved if it has learned for an epoch."""
        try:
            with self._follower.pause():
                return prompts.confirm(self._console, f"Save the network as it is, as {path.name}?", epochs > 0)
        except prompts.Back:
            return epochs > 0
        except (EOFError, KeyboardInterrupt):
            self._console.print()  # the cursor is still behind the question
            return epochs > 0

    def another_place(self) -> Path | None:
        """Ask for another file; None where nobody answers."""
        convert = partial(_output, places=self._places, specs=self._request.specs)
        try:
            with self._follower.pause():
                return prompts.ask(self._console, "Another .npz file", convert)
        except prompts.Back:
            return None
        except (EOFError, KeyboardInterrupt):
            self._console.print()
            return None


def _output(text: str, places: Places, specs: Specs) -> Path:
    """Return a path that a model's weights can be written to."""
    path = Path(text).absolute()
    check_output(places, path, specs)
    return path


def show(console: Console, event: Event) -> None:
    """Print what a training says."""
    match event:
        case TrainingStarted():
            console.print()
            console.print(layers_table(event.model))
            console.print()
            say(console, epoch_heading(event.recipe, console.width), "bold")
            for result in event.results:
                say(console, epoch_line(result, console.width))
        case EpochDone():
            say(console, epoch_line(event.result, console.width))
        case Stopped():
            complain(console, event.reason)
            if event.epochs_kept:
                kept = f"Its state after epoch {event.epochs_kept} is kept, to go on from."
                complain(console, f"{kept} In the menu, train it again; on the command line, add --resume.", "")
        case Unsaved():
            complain(console, event.problem, "red")
        case Noted():
            say_note(console, event)
        case Trained():
            _show_trained(console, event)
        case Figure():
            say_figure(console, event)


def _show_trained(console: Console, event: Trained) -> None:
    evaluation = event.evaluation
    loss = f", final loss {event.results[-1].mean_loss:.4f}" if event.results else ""
    say(
        console,
        f"Test accuracy {percent(evaluation.accuracy)}, precision {percent(evaluation.precision)}{loss}, "
        f"time taken {event.seconds:.1f} s",
        "bold",
    )
    say(console, f"Weights: {event.output}")


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command, one for each setting of the recipe among them."""
    model = options.argument(conversions.model_or_number)
    parser.add_argument("--model", required=True, type=model, help="model string, or the number of one in the menu")
    for setting in SETTINGS:
        if setting.kind is bool:
            other = "store_false" if setting.default else "store_true"
            parser.add_argument(setting.flag, dest=setting.name, action=other, help=setting.help)
        else:
            convert = options.argument(setting.convert)
            says = f"{setting.help} (default: {setting.default:g}; {setting.range})"
            parser.add_argument(setting.flag, default=setting.default, type=convert, help=says)
    parser.add_argument(
        "--workers",
        type=options.argument(conversions.workers),
        help="processes that share each batch (default: one for each core)",
    )
    parser.add_argument("--resume", action="store_true", help="go on after the last epoch of an interrupted training")
    parser.add_argument(
        "--output", type=Path, metavar="FILE.npz", help="where the weights go (default: weight_output/)"
    )
    options.add_data(parser)


def run(console: Console, places: Places, chosen: argparse.Namespace) -> int:
    """Train as the command line says; returns the exit status."""
    specs = options.chosen_specs(chosen.model, places)
    request = TrainRequest(
        specs=specs,
        output=(chosen.output or weight_path(places, specs)).absolute(),
        recipe=Recipe(**{setting.name: getattr(chosen, setting.name) for setting in SETTINGS}),
        data=chosen.data,
        resume=chosen.resume,
    )
    if chosen.workers:
        request = replace(request, workers=chosen.workers)
    follower, shown = Follower(console, chosen.json), partial(show, console)
    follower.follow(train(request, places, Constant(), follower.stop), shown)
    trained, stopped, unsaved = follower.last(Trained), follower.last(Stopped), follower.last(Unsaved)
    if chosen.json:
        if trained and (stopped or unsaved):
            complain(console, f"Weights: {trained.output}")
    elif trained and not stopped:
        follower.follow(draw_training(trained, request.data), shown)
    if stopped:
        return INTERRUPTED if stopped.interrupted else MISTAKE
    return INCOMPLETE if unsaved else OK
