"""A convolutional network written by hand in NumPy: `Model`, `Recipe`, `train`, `epochs` and `evaluate`."""

from cnn.evaluation import evaluate
from cnn.model import Model
from cnn.recipe import Recipe
from cnn.training import epochs, train

__all__ = ["Model", "Recipe", "epochs", "evaluate", "train"]
