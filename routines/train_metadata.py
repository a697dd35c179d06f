"""What a weight file says of how it came to be."""

import platform
from collections.abc import Sequence
from datetime import datetime, timezone
from typing import Any

import numpy as np

from cnn.optimizer import REFERENCE_BATCH
from cnn.training import EpochResult, Training
from preprocessing.datasets import Dataset


def describe(training: Training, data: Dataset, data_name: str, stopped: str, seconds: float) -> dict[str, Any]:
    """Return what a weight file says of its training, as JSON has it.

    stopped: why it ended early; empty where it did not.
    """
    recipe, results = training.recipe, training.results
    return {
        "data": data_name,
        "training_images": training.images,
        "validation_images": len(data.x_train) - training.images,
        "test_images": len(data.x_test),
        "epochs": len(results),
        "learning_rate": recipe.learning_rate,
        "batch_size": recipe.batch_size,
        "seed": recipe.seed,
        "workers": training.workers,
        "augmentation": recipe.augment,
        "recipe": {
            **recipe.to_json(),
            "optimizer": "Adam",
            "schedule": f"up over {recipe.warm_up:.0%} of the steps, down over the last {recipe.cool_down:.0%}",
            "learning_rate_is_for": f"batches of {REFERENCE_BATCH}, and goes with the square root",
            "kept": f"running mean of the parameters, of which step t weighs about t^{recipe.averaging:g}",
        },
        "stopped": stopped,
        "final_loss": results[-1].mean_loss if results else None,
        "seconds": seconds,
        "date": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        "history": history(results),
        "versions": {"python": platform.python_version(), "numpy": np.__version__},
    }


def history(results: Sequence[EpochResult]) -> list[dict[str, float]]:
    """Return losses and accuracies of each epoch, to six digits: as much of the longest training as metadata hold."""
    names = ("mean_loss", "median_loss", "accuracy", "validation_accuracy")
    found = ({name: getattr(result, name) for name in names} for result in results)
    return [{name: float(f"{value:.6g}") for name, value in each.items() if value is not None} for each in found]
