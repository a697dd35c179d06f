"""JSON on standard output: an object a line, for scripts."""

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, astuple
from typing import Any

from cnn.architecture import DIGITS
from preprocessing.prediction import Prediction
from routines.comparison.events import Compared, Picked, TrialDone
from routines.comparison.standings import Standing
from routines.events import EpochDone, Evaluated, Event, Exported, Imported, Learned, Predicted, Trained, Written


def print_event(event: Event) -> None:
    """Print what scripts are told of an event; nothing for others."""
    found = _object(event)
    if found is not None:
        sys.stdout.write(json.dumps(found) + "\n")
        sys.stdout.flush()


def _object(event: Event) -> dict[str, Any] | None:
    match event:
        case EpochDone(result):
            return {name: value for name, value in asdict(result).items() if value is not None}
        case Trained():
            return _trained(event)
        case Evaluated():
            return _evaluated(event)
        case Predicted(prediction):
            return _predicted(prediction)
        case Exported():
            return _exported(event)
        case Learned():
            return _learned(event)
        case Imported():
            return _imported(event)
        case TrialDone():
            return _finished(event)
        case Compared():
            return {
                "standings": [_standing(number, each) for number, each in enumerate(event.standings, 1)],
                "left": event.left,
                "seconds": event.seconds,
                "folder": str(event.folder),
            }
        case Picked():
            return {
                "number": event.number,
                "model": event.model.string,
                "accuracy": event.evaluation.accuracy,
                "weights": str(event.output) if event.output else None,
            }
        case Written():
            names = ("layer", "channel", "activation", "title")
            return {"file": str(event.file), **{name: getattr(event, name) for name in names}, **event.details}
    return None


def _trained(event: Trained) -> dict[str, Any] | None:
    if event.model.metadata["stopped"]:
        return None
    return {
        "model": event.model.string,
        "final_loss": event.results[-1].mean_loss,
        "accuracy": event.evaluation.accuracy,
        "precision": event.evaluation.precision,
        "seconds": event.seconds,
        "weights": str(event.output),
    }


def _exported(event: Exported) -> dict[str, Any]:
    names = ("format", "size", "images", "greatest_difference", "same_answers")
    return {"model": event.model.string, "file": str(event.file), **{name: getattr(event, name) for name in names}}


def _learned(event: Learned) -> dict[str, Any]:
    improvement = asdict(event.improvement)
    return {
        "model": event.parent.string,
        "digit_count": improvement.pop("digits"),
        **improvement,
        "accuracy_before": event.test_before.accuracy,
        "accuracy_after": event.test_after.accuracy,
        "step": event.step,
        "forgotten": event.forgotten,
        "helped": event.output is not None,
        "seconds": event.seconds,
        "weights": str(event.output) if event.output else None,
    }


def _imported(event: Imported) -> dict[str, Any]:
    return {
        "model": event.model.string,
        "parameters": event.model.parameter_count,
        "classes": event.model.classes,
        "layout": event.layout or None,
        "accuracy": event.model.metadata.get("accuracy"),
        "source": str(event.source),
        "weights": str(event.output),
    }


def _finished(event: TrialDone) -> dict[str, Any]:
    outcome, recipe = event.outcome, event.outcome.trial.recipe
    return {
        "model": outcome.trial.model,
        "learning_rate": recipe.learning_rate,
        "epochs": recipe.epochs,
        "seed": recipe.seed,
        "validation_accuracy": outcome.accuracy,
        "seconds": outcome.seconds,
        "problem": outcome.problem or None,
        "before": event.before,
    }


def _standing(number: int, standing: Standing) -> dict[str, Any]:
    names = ("model", "parameters", "multiply_adds", "seconds", "smallest", "fastest")
    difference = standing.difference
    return {
        "number": number,
        **{name: getattr(standing, name) for name in names},
        "learning_rate": standing.recipe.learning_rate,
        "epochs": standing.recipe.epochs,
        "seeds": len(standing.outcomes),
        "validation_accuracy": standing.accuracy,
        "standard_error": standing.error,
        "difference": difference.mean if difference else None,
        "difference_error": difference.error if difference else None,
        "probability": difference.probability if difference else None,
    }


def _evaluated(event: Evaluated) -> dict[str, Any]:
    names = ("images", "correct", "accuracy", "precision", "recall", "f1", "one_vs_rest_accuracy")
    evaluation = event.evaluation
    return {
        "model": event.model.string,
        **{name: getattr(evaluation, name) for name in names},
        "confusion_matrix": evaluation.confusion_matrix.tolist(),
        "per_digit": [
            {"digit": score.digit, **_name(evaluation.class_names, score.digit), **asdict(score)}
            for score in evaluation.per_digit
        ],
        "seconds": evaluation.seconds,
    }


def _predicted(prediction: Prediction) -> dict[str, Any]:
    path = str(prediction.file.path)
    if prediction.file.error:
        return {"file": path, "error": prediction.file.error}
    return {
        "file": path,
        "number": prediction.number,
        "lines": prediction.lines,
        **({"rotated": prediction.rotated} if prediction.rotated else {}),
        "left_out": [astuple(box) for box in prediction.left_out],
        "digits": [
            {
                "digit": digit.digit,
                **_name(digit.class_names, digit.digit),
                "confidence": digit.confidence,
                "probabilities": digit.probabilities.tolist(),
                "box": astuple(digit.found.box),
            }
            for digit in prediction.digits
        ],
        "warnings": prediction.warnings,
    }


def _name(names: Sequence[str], digit: int) -> dict[str, str]:
    """Return a class's name, where classes are no digits."""
    return {} if tuple(names) == DIGITS else {"name": names[digit]}
