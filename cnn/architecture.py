"""The model string, such as C(8,5)-P2-FC10, to a tuple of layer specs and back."""

import unicodedata
from typing import TypeAlias

from cnn.layers import KINDS
from cnn.layers.base import LayerSpec, ModelStringError, ParameterArray, Shape
from cnn.layers.fully_connected import FullyConnected
from system.errors import quote

IMAGE_SHAPE = (1, 28, 28)  # channels, rows, columns
DIGITS = tuple(map(str, range(10)))  # the classes of MNIST
EXAMPLE = "C(8,5)-P2-C(16,3)-P2-FC128-FC10"

# The string is part of the weight file's name, and file systems end at 255 bytes.
MAX_LENGTH = 200  # characters

# Dashes for '-', and letters of Cyrillic and Greek for those that they look like: Es, Er and Rho, A and Alpha, Ve and
# Beta, Nu.
_LOOK_ALIKES = str.maketrans(
    "\u2010\u2012\u2013\u2014\u2015\u2212\u0421\u0420\u03a1\u0410\u0391\u0412\u0392\u039d", "------CPPAABBN"
)

Specs: TypeAlias = tuple[LayerSpec, ...]


def parse(model: str, classes: int | None = None) -> Specs:
    """Return the specs of the layers that a model string names; spaces, lower case and look-alikes are forgiven.

    classes: how many the data have, where that is known; the last layer has a unit for each.

    Raises:
        ModelStringError: for a string over MAX_LENGTH characters, an empty or unknown token, a size of zero, a layer
            that does not fit behind the one before, or a last token other than FC and the number of classes.
    """
    # NFKC makes plain characters of full-width ones.
    compact = "".join(unicodedata.normalize("NFKC", model).split()).upper().translate(_LOOK_ALIKES)
    if len(compact) > MAX_LENGTH:
        raise ModelStringError(
            f"A model string has at most {MAX_LENGTH} characters: this one has {len(compact):,}. Use fewer layers."
        )
    if not compact:
        raise ModelStringError(f"A model string names at least one layer: nothing was given. Try {EXAMPLE}.")
    tokens = compact.split("-")
    specs = tuple(_parse_token(token, position, model) for position, token in enumerate(tokens, 1))
    shape: Shape = IMAGE_SHAPE
    for position, (spec, before) in enumerate(zip(specs, (None, *specs), strict=False), 1):
        spec.check(shape, _place(spec, position, model), before)
        shape = spec.output_shape(shape)
    check_classes(specs, classes, model)
    return specs


def check_classes(specs: Specs, classes: int | None = None, model: str = "") -> None:
    """Check that the last layer is fully connected and has a unit for each class of the data.

    classes: how many there are; where it is not known, any number will do. model: the string as it was typed.

    Raises:
        ModelStringError: otherwise.
    """
    last = specs[-1]
    if isinstance(last, FullyConnected) and classes in (None, last.units):
        return
    wanted = classes or len(DIGITS)
    of_what = "digit" if wanted == len(DIGITS) else "class"
    raise ModelStringError(
        f"{_place(last, len(specs), model or to_string(specs))}: FC{wanted} must be the last token, one unit for each "
        f"{of_what}. Add -FC{wanted}."
    )


def to_string(specs: Specs) -> str:
    """Return the canonical model string of some specs."""
    return "-".join(map(str, specs))


def input_shapes(specs: Specs) -> tuple[Shape, ...]:
    """Return the shape of each layer's input for one image: (C, H, W), or (units,) once flattened."""
    return (IMAGE_SHAPE, *output_shapes(specs)[:-1])


def output_shapes(specs: Specs) -> tuple[Shape, ...]:
    """Return the shape of each layer's output for one image: (C, H, W), or (units,) once flattened."""
    shapes: list[Shape] = [IMAGE_SHAPE]
    for spec in specs:
        shapes.append(spec.output_shape(shapes[-1]))
    return tuple(shapes[1:])


def arrays(specs: Specs) -> tuple[tuple[ParameterArray, ...], ...]:
    """Return the arrays of each layer, trained and kept ones."""
    return tuple(spec.arrays(shape) for spec, shape in zip(specs, input_shapes(specs), strict=True))


def parameter_shapes(specs: Specs) -> dict[int, dict[str, Shape]]:
    """Return the shapes of each layer's arrays in the weight file, by layer number (from 1) and name; where there are.

    A layer without arrays is left out.
    """
    shapes = {
        number: {array.name: array.shape for array in of_layer} for number, of_layer in enumerate(arrays(specs), 1)
    }
    return {number: of_layer for number, of_layer in shapes.items() if of_layer}


def parameter_counts(specs: Specs) -> tuple[int, ...]:
    """Return the number of parameters of each layer, those that are trained."""
    return _sizes(specs, kept=False)


def state_sizes(specs: Specs) -> tuple[int, ...]:
    """Return how many numbers each layer keeps that are not trained, such as a running mean."""
    return _sizes(specs, kept=True)


def _sizes(specs: Specs, kept: bool) -> tuple[int, ...]:
    return tuple(sum(array.size for array in of_layer if array.kept == kept) for of_layer in arrays(specs))


def images_together(specs: Specs) -> int:
    """Return how many images of a batch, at most, are computed together in training."""
    return max(spec.images_together for spec in specs)


def _place(token: object, position: int, model: str) -> str:
    return f"Token {position}, {quote(str(token))}, of {quote(model)}"


def _parse_token(token: str, position: int, model: str) -> LayerSpec:
    place = _place(token, position, model)
    if not token:
        raise ModelStringError(
            f"{place}: a token stands before and after every '-', but this one is empty. Remove a '-'."
        )
    spec = next((spec for kind in KINDS if (spec := kind.read(token))), None)
    if spec is None:
        forms, examples = [kind.form for kind in KINDS], [kind.example for kind in KINDS]
        raise ModelStringError(
            f"{place}: a token is {', '.join(forms[:-1])}, or {forms[-1]}. "
            f"Write it like {', '.join(examples[:-1])} or {examples[-1]}."
        )
    if any(value == 0 for name, value in vars(spec).items() if name not in spec.zeros):
        raise ModelStringError(f"{place}: every size is at least 1, but this token has a 0. Give a positive number.")
    return spec
