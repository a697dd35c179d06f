"""Which settings of learning teach a style, and what is forgotten, on images that no model has seen.

python -m benchmarks.learning_settings [--model M] [--rates R ...] [--images N ...] [--styles S ...] [--misread]
    [--shown N] [--seeds N]

A parent is trained on the first 50,000 of MNIST's training images, as those that ship are on all, and kept among the
results; the last 10,000, which say how good the settings are, are new to it and to what it becomes. They are one block,
as training images lie in the order of their writers: drawn at random, they would share writers with the others, as the
test set does not, and say that less is forgotten than is. The test set is not read.
"""

import argparse
from dataclasses import replace
from threading import Event as Flag

import numpy as np
from rich.console import Console

from benchmarks.learning import READ, STYLES, hand_of, right, shown_of
from benchmarks.results import RESULTS
from cnn.architecture import parse
from cnn.model import Model
from cnn.recipe import Recipe
from cnn.training import train
from cnn.weights import file_name
from preprocessing.datasets import Dataset
from preprocessing.mnist import load_mnist
from routines.fine_tune import RECIPE, TRAINING_IMAGES, between, fine_tune, largest_step, rehearse
from routines.make_models import EPOCHS, HELD_OUT
from routines.models import SHIPPED
from system.processes import available_cores
from system.steps import finish


def last_apart(data: Dataset) -> Dataset:
    """Return the training images, the last of them in the place of the test images."""
    images, labels = data.x_train, data.y_train
    return replace(
        data,
        x_train=images[:-HELD_OUT],
        y_train=labels[:-HELD_OUT],
        x_test=images[-HELD_OUT:],
        y_test=labels[-HELD_OUT:],
    )


def make_parent(string: str, data: Dataset) -> Model:
    """Return a model of a form, trained on the training images of some data; it is made once."""
    path = RESULTS / f"parent_of_the_first_{file_name(parse(string))}"
    if not path.exists():
        RESULTS.mkdir(exist_ok=True)
        parent = Model.create(parse(string))
        train(parent, data, Recipe(epochs=EPOCHS), workers=available_cores())
        parent.save(path)
    return Model.load(path)


def main() -> None:
    """Measure and publish."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default=SHIPPED[0])
    parser.add_argument("--rates", nargs="+", type=float, default=[RECIPE.learning_rate])
    parser.add_argument("--images", nargs="+", type=int, default=[TRAINING_IMAGES])
    parser.add_argument("--styles", nargs="*", default=list(STYLES), choices=list(STYLES))
    parser.add_argument("--misread", action="store_true", help="show only what the parent misreads")
    parser.add_argument("--shown", type=int, default=10)
    parser.add_argument("--seeds", type=int, default=3)
    options = parser.parse_args()
    data = last_apart(load_mnist())
    parent = make_parent(options.model, data)
    known = right(parent, data.x_test, data.y_test)
    lines = ["| rate | images | hand | error before | all the way | as chosen | new images, all the way | as chosen |"]
    lines.append("|---|---|---|---|---|---|---|---|")
    for rate, count, style in [(r, c, s) for r in options.rates for c in options.images for s in options.styles]:
        rows = []
        for seed in range(options.seeds):
            generator = np.random.default_rng(seed)
            learned = shown_of(data, style, options.shown, generator, parent if options.misread else None)
            read = hand_of(style, data.x_test, data.y_test, READ, generator)
            rehearsal = rehearse(data, generator)
            part = replace(
                rehearsal.data, x_train=rehearsal.data.x_train[:count], y_train=rehearsal.data.y_train[:count]
            )
            rehearsal, recipe = replace(rehearsal, data=part), replace(RECIPE, learning_rate=rate, seed=seed)
            whole = finish(fine_tune(parent, rehearsal, learned, recipe, 1, "", Flag()))
            step, _ = finish(largest_step(parent, whole, rehearsal, Flag()))
            models = parent, whole, between(parent, whole, step, rehearsal)
            errors = [1 - right(model, read.images, read.labels) for model in models]
            rows.append([*errors, *(right(model, data.x_test, data.y_test) - known for model in models[1:]), step])
        before, all_the_way, chosen, lost, lost_chosen, step = np.mean(rows, axis=0)
        errors_said = f"{before:.1%} | {all_the_way:.1%} | {chosen:.1%} ({step:.0%} of the way)"
        lost_said = f"{lost:+.2%} | {lost_chosen:+.2%}, worst {min(row[4] for row in rows):+.2%}"
        lines.append(f"| {rate:g} | {len(part.x_train):,} | {style} | {errors_said} | {lost_said} |")
        Console().print(lines[-1], soft_wrap=True, markup=False, highlight=False)
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "learning_settings.md").write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
