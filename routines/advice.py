"""What to say of a training that went to its end."""

from cnn.evaluation import Evaluation
from cnn.recipe import Recipe
from routines.events import Noted
from system.text import percent

LEARNED = 0.1  # of the way from guessing to all classes read right
LOW, HIGH = 0.1, 3.0  # times the usual learning rate: beyond, it is the first suspect
FEW_STEPS = 100


def learned_nothing(evaluation: Evaluation, recipe: Recipe, steps: int) -> Noted | None:
    """Return a sentence where a network reads test images hardly better than by guessing, and what to try.

    Measured by the mean of the classes' recalls, which is 1 / classes for whoever guesses, and for one answer to
    everything, however many images a class has.

    steps: how many batches it was trained on.
    """
    chance = 1 / len(evaluation.class_names)
    if evaluation.recall >= chance + LEARNED * (1 - chance):
        return None
    usual = Recipe().learning_rate
    ratio = recipe.learning_rate / usual
    if ratio > HIGH:
        to_do = f"The learning rate of {recipe.learning_rate:g} is probably too high: try {usual:g}"
    elif steps < FEW_STEPS:
        to_do = f"It was trained on {steps} batches only: try more epochs, or smaller batches"
    elif ratio < LOW:
        to_do = f"The learning rate of {recipe.learning_rate:g} is probably too low: try {usual:g}"
    else:
        to_do = f"Try a smaller learning rate, such as {recipe.learning_rate / 10:g}, more epochs or a simpler model"
    return Noted(
        f"This network has learned next to nothing: it reads {percent(evaluation.recall)} of the average class right, "
        f"and guessing among {len(evaluation.class_names)} classes {percent(chance)}. {to_do}.",
        urgent=True,
    )
