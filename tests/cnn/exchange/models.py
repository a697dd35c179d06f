"""Models with numbers in all that they have, of given strings and of random ones."""

from dataclasses import replace

import numpy as np

from cnn import Model
from cnn.architecture import parse
from cnn.layers.base import ModelStringError
from routines.make_models import MODELS
from system.arrays import Array

EVERY_KIND = "C(8,3,p1)-BN-P2-D(0.2)-C(6,5,p2,s2)-BN-A3-FC20-BN-D(0.5)-FC10"


def random_strings(count: int, seed: int = 0) -> list[str]:
    """Model strings of all kinds, short ones."""
    found: list[str] = []
    generator = np.random.default_rng(seed)
    while len(found) < count:
        tokens: list[str] = []
        for _ in range(generator.integers(1, 5)):
            size = generator.integers(1, 6)
            padding, stride = generator.integers(0, size), generator.integers(1, 4)
            convolution = f"C({generator.integers(1, 9)},{size},p{padding},s{stride})"
            tokens += [str(generator.choice([convolution, convolution, f"P{stride}", f"A{size}"]))]
            tokens += ["BN"] * (tokens[-1].startswith("C") and generator.random() < 0.5)
            tokens += ["D(0.25)"] * (generator.random() < 0.2)
        tokens += ["FC12"] * (generator.random() < 0.5)
        tokens += ["BN"] * (tokens[-1] == "FC12" and generator.random() < 0.5)
        try:
            found.append("-".join(map(str, parse("-".join([*tokens, "FC10"])))))
        except ModelStringError:
            continue
    return found


STRINGS = [*MODELS, EVERY_KIND, "FC10", *random_strings(10)]


def filled(string: str, temperature: float = 1.0) -> Model:
    """A model with random numbers in all its arrays."""
    generator = np.random.default_rng(5)
    model = replace(Model.create(string, generator), temperature=temperature)
    for arrays in model.arrays().values():
        for name, array in arrays.items():
            if name != "weight":
                array[...] = generator.uniform(0.2, 0.8, array.shape)
    return model


def images(count: int = 20) -> Array:
    """Noise (N, 28, 28), uint8."""
    return np.random.default_rng(1).integers(0, 256, (count, 28, 28), np.uint8)
