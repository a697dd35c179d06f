"""Images and labels as people have them, in the form that the network takes, or refused in a sentence."""

from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from cnn.architecture import IMAGE_SHAPE
from system.arrays import Array
from system.errors import UserError, quote

_SIDE = IMAGE_SHAPE[1]
_TO_DO = "Give images of 28x28 pixels, white on black."
_ROUNDING = 1e-6  # by which floats may be beyond 0 and 1

Images: TypeAlias = Array | Sequence[Any]
Labels: TypeAlias = Array | Sequence[int]


class InputError(UserError):
    """Images or labels that cannot be taken."""


def require(kind: type | tuple[type, ...], value: Any, rule: str, to_do: str) -> None:
    """Check that a value is of a type; bools are no numbers here.

    Raises:
        InputError: otherwise: the rule, what was given, and what to do.
    """
    if not isinstance(value, kind) or isinstance(value, bool):
        raise InputError(f"{rule}: {quote(str(value))} was given. {to_do}")


def require_whole(number: Any, lowest: int, rule: str) -> None:
    """Check that a number is a whole one, at least the lowest.

    Raises:
        InputError: otherwise.
    """
    if not isinstance(number, int | np.integer) or isinstance(number, bool) or number < lowest:
        raise InputError(f"{rule} is a whole number from {lowest} up: {quote(str(number))} was given. Try {lowest}.")


def as_images(images: Images) -> Array:
    """Return images (N, 28, 28), uint8 from 0 to 255, or floats from 0 to 1.

    images: an array or lists: one image (28, 28) or (784,), or many, (N, 28, 28), (N, 784), (N, 1, 28, 28) or
        (N, 28, 28, 1); whole numbers from 0 to 255, floats from 0 to 1, or bools.

    Raises:
        InputError: for another shape, other numbers, or what is no array.
    """
    array = _as_array(images, "Images are", _TO_DO)
    shape, pixels = array.shape, (_SIDE, _SIDE)
    one = shape == pixels or shape == (_SIDE * _SIDE,)
    many = shape[1:] in (pixels, (_SIDE * _SIDE,), (1, *pixels), (*pixels, 1))
    if 0 in shape[:1]:
        raise InputError(f"At least one image is needed: the shape {shape} was given. {_TO_DO}")
    if not one and not many:
        raise InputError(
            f"Images have the shape (28, 28), (N, 28, 28), (N, 784), (N, 1, 28, 28) or (N, 28, 28, 1): {shape} was "
            f"given. {_TO_DO}"
        )
    return _as_pixels(array).reshape(-1, *pixels)


def as_labels(labels: Labels, images: int, classes: int) -> NDArray[np.int64]:
    """Return labels (N,), from 0 to classes - 1, of so many images.

    Raises:
        InputError: for another number of labels, labels out of range, one-hot rows, or what is no whole number.
    """
    array = _as_array(labels, "Labels are", "Give one whole number for each image.")
    if images == 1 and not array.ndim:
        array = array.reshape(1)
    if array.shape == (images, classes):
        raise InputError(
            f"Labels are one whole number for each image: rows of {classes}, as of one-hot, were given. "
            "Give labels.argmax(axis=1)."
        )
    if array.shape != (images,):
        raise InputError(
            f"Labels are one whole number for each of {images:,} images, the shape ({images},): {array.shape} was "
            "given. Give as many labels as images."
        )
    whole = array.dtype.kind == "f" and np.isfinite(array).all() and np.array_equal(array, np.trunc(array))
    if array.dtype.kind not in "iu" and not whole:
        raise InputError(f"Labels are whole numbers: the type {array.dtype} was given. Convert them to int.")
    wrong = array[(array < 0) | (array >= classes)]
    if len(wrong):
        raise InputError(
            f"Labels are from 0 to {classes - 1}, one for each unit of the last layer: {wrong[0]:.15g} was given. "
            "Change the labels, or the model's last layer."
        )
    return array.astype(np.int64)


def as_logits(logits: Any, classes: int) -> Array:
    """Return logits (n, classes) as an array.

    Raises:
        InputError: for another shape, or what is no array of numbers.
    """
    to_do = "Give what model.logits(images) returns."
    array = _as_array(logits, "Logits are", to_do)
    if array.shape[1:] != (classes,):
        raise InputError(f"Logits have the shape (n, {classes}): {array.shape} was given. {to_do}")
    return array


def training_part(data: Any, classes: int) -> tuple[Array, NDArray[np.int64]]:
    """Return the training images and labels of a pair, or of a data set with x_train and y_train.

    Raises:
        InputError: for what is neither, or cannot be taken.
    """
    return _part(data, "x_train", "y_train", classes)


def test_part(data: Any, classes: int) -> tuple[Array, NDArray[np.int64]]:
    """Return the test images and labels of a pair, or of a data set with x_test and y_test.

    Raises:
        InputError: for what is neither, or cannot be taken.
    """
    return _part(data, "x_test", "y_test", classes)


def _part(data: Any, images_name: str, labels_name: str, classes: int) -> tuple[Array, NDArray[np.int64]]:
    if hasattr(data, images_name) and hasattr(data, labels_name):
        pair = getattr(data, images_name), getattr(data, labels_name)
    elif isinstance(data, tuple | list) and len(data) == 2 and not _other_pairs(data):
        pair = data[0], data[1]
    else:
        given, to_do = _other_pairs(data) or (f"{type(data).__name__} was", "Give (images, labels), or load_mnist()")
        raise InputError(
            f"Data are a pair of images and labels, or have {images_name} and {labels_name}: {given} given. {to_do}."
        )
    images = as_images(pair[0])
    return images, as_labels(pair[1], len(images), classes)


def _other_pairs(data: Any) -> tuple[str, str] | None:
    """Return what pairs of another kind are, and what to do about them; None for what is none of them."""
    pairs = isinstance(data, tuple | list) and all(isinstance(each, tuple | list) and len(each) == 2 for each in data)
    if not pairs or not len(data):
        return None
    if isinstance(data[0][1], int | np.integer):
        return "a list of pairs of an image and its label was", "Give images and labels apart: tuple(zip(*data))"
    if len(data) == 2 and getattr(data[1][0], "ndim", 0) > 1:  # images again, where labels would be numbers
        return "two such pairs, as of Keras, were", "Give one of the two"
    return None


def _as_array(values: Any, what: str, to_do: str) -> Array:
    try:
        array = np.asarray(values)
    except Exception as error:  # of lists of different lengths, or whatever a foreign object does
        reason = (str(error) or type(error).__name__).splitlines()[0]
        raise InputError(f"{what} an array of numbers: this cannot be made one ({reason}). {to_do}") from error
    if array.dtype.kind not in "uifb":
        given = f"the type {array.dtype}" if isinstance(values, np.ndarray) else type(values).__name__
        raise InputError(f"{what} an array of numbers: {given} was given. {to_do}")
    return array


def _as_pixels(array: Array) -> Array:
    if array.dtype == np.uint8:
        return array
    if array.dtype.kind == "b":
        return array.astype(np.float32)
    low, high = array.min(), array.max()
    if array.dtype.kind == "f":
        if not (low >= -_ROUNDING and high <= 1 + _ROUNDING):  # nor is it for what is not a number
            raise InputError(
                f"Pixels that are floats are from 0 to 1: {low:.8g} to {high:.8g} were given. Divide by 255, or give "
                "uint8."
            )
        return array if low >= 0 and high <= 1 else array.clip(0, 1)
    if low < 0 or high > 255:
        raise InputError(
            f"Pixels that are whole numbers are from 0 to 255: {low} to {high} were given. Scale them, or give uint8."
        )
    return array.astype(np.uint8)
