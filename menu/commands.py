"""The command line: every action of the menu for scripts, with JSON on standard output where that is asked for."""

import argparse
import json
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any, NoReturn, TypeVar

from rich.console import Console

from cnn.errors import UserError
from cnn.evaluation import Evaluation
from cnn.training import BATCH_SIZE, EPOCHS, LEARNING_RATE, SEED
from cnn.weights import WeightFile, WeightFileError, load
from cnn.workers import available_cores
from feature_visualize.request import OUTPUT, Request, Written
from menu import actions, pictures, prediction, prompts, training, training_settings
from menu.catalog import find_model, weight_path
from menu.render import FAILURES, explain, say
from menu.visualization import channel_number, say_written, visualize_channel, visualize_image
from preprocessing.prediction import Prediction

T = TypeVar("T")

OK, INCOMPLETE, MISTAKE, INTERRUPTED = 0, 1, 2, 130


class _UsageError(UserError):
    """A command line that breaks a rule."""


class _Parser(argparse.ArgumentParser):
    """An argument parser whose complaint is one sentence."""

    def error(self, message: str) -> NoReturn:
        raise _UsageError(f"{message[:1].upper()}{message[1:].rstrip('.')}. See '{self.prog} --help'.")


def run(arguments: list[str]) -> int:
    """Run one subcommand; returns the exit status."""
    messages = Console(stderr=True)
    try:
        options = _parser().parse_args(arguments)
        # With --json, standard output holds JSON and nothing else.
        console = messages if options.json else Console()
        status: int = options.command(console, options)
        return status
    except BrokenPipeError:
        raise
    except FAILURES as error:
        say(messages, explain(error), "red")
        return MISTAKE
    except KeyboardInterrupt:
        say(messages, "\nInterrupted.")
        return INTERRUPTED


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="main.py", description="A convolutional network in NumPy that reads handwritten digits.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND", parser_class=_Parser)

    train = commands.add_parser("train", help="train a new network and save its weights")
    train.set_defaults(command=_train)
    train.add_argument("--model", required=True, type=_argument(prompts.model), help="model string")
    train.add_argument("--learning-rate", default=LEARNING_RATE, type=_argument(prompts.learning_rate))
    train.add_argument("--epochs", default=EPOCHS, type=_argument(prompts.epochs))
    train.add_argument("--batch-size", default=BATCH_SIZE, type=_argument(prompts.batch_size))
    train.add_argument("--seed", default=SEED, type=_argument(prompts.whole_number))
    train.add_argument(
        "--workers",
        type=_argument(prompts.workers),
        help="processes that share each batch; else one for each core",
    )
    train.add_argument("--no-augment", action="store_true", help="train on the images as they are")
    train.add_argument("--resume", action="store_true", help="go on after the last epoch of an interrupted training")
    train.add_argument("--output", type=Path, metavar="FILE.npz", help="where the weights go")

    evaluate = commands.add_parser("evaluate", help="evaluate a network on the test images")
    evaluate.set_defaults(command=_evaluate)

    predict = commands.add_parser("predict", help="read pictures of digits")
    predict.set_defaults(command=_predict)
    predict.add_argument(
        "paths", type=Path, nargs="*", metavar="PATH", help="picture or folder; else custom_test_images"
    )

    visualize = commands.add_parser("visualize", help="make pictures of what excites a channel, or of an image")
    visualize.set_defaults(command=_visualize)
    visualize.add_argument("--layer", required=True, type=_argument(prompts.whole_number), help="its number, from 1")
    about = visualize.add_mutually_exclusive_group(required=True)
    about.add_argument("--channel", type=_argument(channel_number), help="its number, from 0; -1 for the whole layer")
    about.add_argument("--image", type=Path, metavar="PATH", help="a picture of a digit")
    visualize.add_argument("--seed", default=SEED, type=_argument(prompts.whole_number))
    visualize.add_argument("--output", default=OUTPUT, type=Path, metavar="FOLDER", help="where the pictures go")

    for command in (evaluate, predict, visualize):
        weights = command.add_mutually_exclusive_group(required=True)
        weights.add_argument("--model", type=_argument(prompts.model), help="model string, of weight_output")
        weights.add_argument("--weights", type=Path, metavar="FILE.npz", help="any weight file")
    for command in (train, evaluate):
        command.add_argument("--data", type=Path, metavar="FILE.npz", help="other data than MNIST, of its form")
    for command in (train, evaluate, predict, visualize):
        command.add_argument("--json", action="store_true", help="JSON on standard output, messages on standard error")
    return parser


def _argument(convert: Callable[[str], T]) -> Callable[[str], T]:
    """A conversion whose own sentence argparse repeats."""

    def converted(text: str) -> T:
        try:
            return convert(text)
        except ValueError as error:
            raise argparse.ArgumentTypeError(str(error)) from error

    return converted


def _train(console: Console, options: argparse.Namespace) -> int:
    settings = training_settings.TrainingSettings(
        specs=options.model,
        learning_rate=options.learning_rate,
        epochs=options.epochs,
        batch_size=options.batch_size,
        seed=options.seed,
        workers=options.workers or available_cores(),
        augment=not options.no_augment,
        data=options.data,
        output=(options.output or weight_path(options.model)).absolute(),
    )
    checkpoint = training_settings.find_checkpoint(settings) if options.resume else None
    if checkpoint:
        settings = training_settings.settings_of(settings, checkpoint)
    elif options.resume:
        raise UserError(
            f"Only a training that was interrupted after an epoch can go on, but there is no checkpoint beside "
            f"{settings.output}. Leave --resume out."
        )
    data = actions.load_data(console, settings.data)
    run = training.run_training(
        console, settings, data, checkpoint, lambda result: _print_json(asdict(result)) if options.json else None
    )
    output = settings.output
    if run.stopped:
        training.say_stopped(console, settings, run)
        output = training_settings.unfinished_output(output)
        if not run.worth_keeping:
            return MISTAKE
    status = (INTERRUPTED if run.interrupted else MISTAKE) if run.stopped else OK
    try:
        evaluation = training.finish_training(console, settings, data, run, output)
    except WeightFileError as error:
        say(console, str(error), "red")
        output, status = training_settings.refuge(output), status or INCOMPLETE
        evaluation = training.finish_training(console, settings, data, run, output)
    if run.stopped:
        return status
    if options.json:
        _print_json(
            {
                "model": settings.model,
                "final_loss": run.results[-1].mean_loss,
                "accuracy": evaluation.accuracy,
                "precision": evaluation.precision,
                "seconds": run.seconds,
                "weights": str(output),
            }
        )
    else:
        training.draw_training(console, run, output)
    return status


def _weights(options: argparse.Namespace) -> WeightFile:
    return load(options.weights) if options.weights else find_model(options.model)


def _evaluate(console: Console, options: argparse.Namespace) -> int:
    weights = _weights(options)
    data = actions.load_data(console, options.data)
    evaluation = actions.evaluate_model(console, weights, data)
    if options.json:
        _print_json(_evaluation_object(weights, evaluation))
    else:
        actions.draw_evaluation(console, weights, data, evaluation)
    return OK


def _predict(console: Console, options: argparse.Namespace) -> int:
    counts = prediction.predict_pictures(
        console,
        _weights(options),
        options.paths or [pictures.PICTURE_FOLDER],
        lambda read: _print_json(_prediction_object(read)) if options.json else None,
    )
    return INCOMPLETE if counts.refused else OK


def _prediction_object(read: Prediction) -> dict[str, Any]:
    path = str(read.file.path)
    if read.file.error:
        return {"file": path, "error": read.file.error}
    return {
        "file": path,
        "number": read.number,
        "digits": [
            {
                "digit": digit.digit,
                "confidence": digit.confidence,
                "probabilities": digit.probabilities.tolist(),
                "box": digit.found.box,
            }
            for digit in read.digits
        ],
        "warnings": read.warnings,
    }


def _visualize(console: Console, options: argparse.Namespace) -> int:
    request = Request(_weights(options), options.layer, options.seed, options.output)

    def report(written: Written) -> None:
        if options.json:
            _print_json(_written_object(written))
        else:
            say_written(console, written)

    if options.image is None:
        visualize_channel(console, request, options.channel, report)
    else:
        visualize_image(console, request, options.image, report)
    return OK


def _written_object(written: Written) -> dict[str, Any]:
    names = ("layer", "channel", "activation", "title")
    return {"file": str(written.file), **{name: getattr(written, name) for name in names}, **written.details}


def _evaluation_object(weights: WeightFile, evaluation: Evaluation) -> dict[str, Any]:
    names = ("images", "correct", "accuracy", "precision", "recall", "f1", "one_vs_rest_accuracy")
    return {
        "model": weights.model,
        **{name: getattr(evaluation, name) for name in names},
        "confusion_matrix": evaluation.confusion_matrix.tolist(),
        "per_digit": [asdict(score) for score in evaluation.per_digit],
        "seconds": evaluation.seconds,
    }


def _print_json(value: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(value) + "\n")
    sys.stdout.flush()
