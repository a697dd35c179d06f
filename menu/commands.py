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
from cnn.weights import WeightFile, load
from cnn.workers import available_cores
from menu import actions, prompts
from menu.catalog import find_model, weight_path
from menu.render import FAILURES, explain, say

T = TypeVar("T")

OK, MISTAKE, INTERRUPTED = 0, 2, 130


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
        type=_argument(prompts.count),
        help="processes that share each batch; else one for each core",
    )
    train.add_argument("--no-augment", action="store_true", help="pictures as they are, which is all there is so far")
    train.add_argument("--output", type=Path, metavar="FILE.npz", help="where the weights go")

    evaluate = commands.add_parser("evaluate", help="evaluate a network on the test images")
    evaluate.set_defaults(command=_evaluate)
    weights = evaluate.add_mutually_exclusive_group(required=True)
    weights.add_argument("--model", type=_argument(prompts.model), help="model string of a network in weight_output")
    weights.add_argument("--weights", type=Path, metavar="FILE.npz", help="any weight file")

    for command in (train, evaluate):
        command.add_argument("--data", type=Path, metavar="FILE.npz", help="other data than MNIST, of its form")
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
    settings = actions.TrainingSettings(
        specs=options.model,
        learning_rate=options.learning_rate,
        epochs=options.epochs,
        batch_size=options.batch_size,
        seed=options.seed,
        workers=options.workers or available_cores(),
        data=options.data,
        output=(options.output or weight_path(options.model)).absolute(),
    )
    data = actions.load_data(console, settings.data)
    run = actions.run_training(
        console, settings, data, lambda result: _print_json(asdict(result)) if options.json else None
    )
    output = settings.output
    if run.stopped:
        say(console, run.stopped, "yellow")
        output = actions.unfinished_output(output)
        if not run.worth_keeping:
            return MISTAKE
    evaluation = actions.finish_training(console, settings, data, run, output)
    if run.stopped:
        return INTERRUPTED if run.interrupted else MISTAKE
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
        actions.draw_training(console, run, output)
    return OK


def _evaluate(console: Console, options: argparse.Namespace) -> int:
    weights = load(options.weights) if options.weights else find_model(options.model)
    data = actions.load_data(console, options.data)
    evaluation = actions.evaluate_model(console, weights, data)
    if options.json:
        _print_json(_evaluation_object(weights, evaluation))
    else:
        actions.draw_evaluation(console, weights, data, evaluation)
    return OK


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
