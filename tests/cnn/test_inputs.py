"""Images and labels as people have them: every form that is taken, and the sentence for every one that is not."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from cnn.inputs import InputError, as_images, as_labels
from cnn.model import Model
from cnn.recipe import Recipe
from cnn.training import Training
from system.arrays import Array
from tests.squares import dataset, squares

IMAGES = squares(6)[0]
MODEL = Model.create("C(3,5)-P2-FC10")


def read_only(images: Array) -> Array:
    copy: Array = images.copy()
    copy.flags.writeable = False
    return copy


FORMS: dict[str, Callable[[Array], Any]] = {
    "(N, 28, 28)": lambda images: images,
    "(N, 784)": lambda images: images.reshape(-1, 784),
    "(N, 1, 28, 28)": lambda images: images[:, np.newaxis],
    "(N, 28, 28, 1)": lambda images: images[..., np.newaxis],
    "lists": lambda images: images.tolist(),
    "a list of images": list,
    "a tuple of flat lists": lambda images: tuple(images.reshape(-1, 784).tolist()),
    "int64": lambda images: images.astype(np.int64),
    "uint16": lambda images: images.astype(np.uint16),
    "float32": lambda images: images.astype(np.float32) / 255,
    "float64": lambda images: images / 255,
    "float16": lambda images: (images / 255).astype(np.float16),
    "lists of floats": lambda images: (images / 255).tolist(),
    "big-endian": lambda images: (images / 255).astype(">f4"),
    "read-only": read_only,
    "read-only floats": lambda images: read_only(images / 255),
    "Fortran order": np.asfortranarray,
    "every other": lambda images: np.repeat(images, 2, axis=0)[::2],
    "backwards twice": lambda images: images[:, :, ::-1].copy()[:, :, ::-1],
    "flat and not contiguous": lambda images: np.repeat(images.reshape(-1, 784), 2, axis=1)[:, ::2],
}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_gives_the_same_probabilities(form: str) -> None:
    tolerance = 2e-3 if form == "float16" else 1e-5
    found = MODEL.probabilities(FORMS[form](IMAGES))
    np.testing.assert_allclose(found, MODEL.probabilities(IMAGES), rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_one_image_among_others_is_that_image(form: str) -> None:
    found = MODEL.probabilities(FORMS[form](IMAGES[2:3]))
    np.testing.assert_allclose(found, MODEL.probabilities(IMAGES)[2:3], rtol=2e-3, atol=2e-3)


@pytest.mark.parametrize("image", [IMAGES[2], IMAGES[2].ravel(), IMAGES[2].tolist(), IMAGES[2] / 255, IMAGES[2] / 255])
def test_one_image_alone_is_read(image: Any) -> None:
    found = MODEL.probabilities(image)
    assert found.shape == (1, 10)
    np.testing.assert_allclose(found, MODEL.probabilities(IMAGES)[2:3], rtol=1e-4, atol=1e-6)


def test_of_bools_true_is_white() -> None:
    white = IMAGES > 127
    np.testing.assert_allclose(MODEL.probabilities(white), MODEL.probabilities(white * np.uint8(255)), rtol=1e-5)


def test_images_of_the_networks_own_form_are_not_copied() -> None:
    assert as_images(IMAGES) is IMAGES or np.shares_memory(as_images(IMAGES), IMAGES)


def test_what_is_given_is_left_as_it_is() -> None:
    given = IMAGES / 255
    before = given.copy()
    MODEL.probabilities(given)
    np.testing.assert_array_equal(given, before)


def test_floats_may_be_beyond_their_range_by_a_rounding() -> None:
    found = as_images(IMAGES / 255 * 1.0000001 - 1e-8)
    assert found.min() == 0 and found.max() == 1


class Speechless:
    """What cannot be an array, and does not say why."""

    def __array__(self, dtype: Any = None, copy: Any = None) -> Array:
        raise RuntimeError


def spoiled(value: float) -> Array:
    images = IMAGES / 255
    images[3, 5, 7] = value
    return images


@pytest.mark.parametrize(
    ("images", "message"),
    [
        (np.zeros((2, 27, 28)), r"have the shape .*: \(2, 27, 28\) was given"),
        (np.zeros((28, 28, 28, 28)), "have the shape"),
        (np.zeros((2, 3, 28, 28)), "have the shape"),
        (np.zeros((2, 28, 28, 3)), "have the shape"),
        (np.zeros((2, 1, 1, 28, 28)), "have the shape"),
        (np.zeros(783), "have the shape"),
        (np.zeros(()), "have the shape"),
        (3, "have the shape"),
        ([], r"At least one image is needed: the shape \(0,\) was given"),
        (np.zeros((0, 28, 28), np.uint8), r"At least one image is needed: the shape \(0, 28, 28\) was given"),
        (np.zeros((0, 784)), "At least one image"),
        (IMAGES.astype(float), "floats are from 0 to 1: 0 to 255 were given. Divide by 255"),
        (IMAGES / 127.5 - 1, "floats are from 0 to 1: -1 to 1 were given"),
        (spoiled(np.nan), "floats are from 0 to 1: nan to nan were given"),
        (spoiled(np.inf), "floats are from 0 to 1: 0 to inf were given"),
        (spoiled(-0.1), "floats are from 0 to 1: -0.1 to"),
        (IMAGES / 255 * 1.00001, "floats are from 0 to 1: 0 to 1.00001 were given"),
        (IMAGES.astype(int) - 1, "whole numbers are from 0 to 255: -1 to 254 were given"),
        (IMAGES.astype(int) + 1, "whole numbers are from 0 to 255: 1 to 256 were given"),
        ("photo.jpg", "an array of numbers: str was given"),
        (None, "an array of numbers: NoneType was given"),
        ([["a"] * 28] * 28, "an array of numbers: list was given"),
        ([[1, 2], [3]], "an array of numbers: this cannot be made one"),
        (IMAGES.astype(complex), "an array of numbers: the type complex128 was given"),
        (IMAGES.astype(object), "an array of numbers: the type object was given"),
        (Speechless(), r"an array of numbers: this cannot be made one \(RuntimeError\)"),
    ],
)
def test_what_is_no_image_is_refused_in_a_sentence(images: Any, message: str) -> None:
    for use in (as_images, MODEL.probabilities, lambda images: MODEL.activations(images, 1)):
        with pytest.raises(InputError, match=message) as caught:
            use(images)
        assert "\n" not in str(caught.value) and str(caught.value).endswith(".")


@pytest.mark.parametrize("kind", [np.uint8, np.int64, np.uint64, np.float32, float, ">i4"])
def test_labels_of_any_whole_numbers_are_taken(kind: Any) -> None:
    labels = [3, 0, 9, 1]
    found = as_labels(np.array(labels, kind), 4, 10)
    assert found.tolist() == labels and found.dtype == np.int64
    assert as_labels(labels, 4, 10).tolist() == as_labels(tuple(labels), 4, 10).tolist() == labels


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        ([0, 1, 10], "from 0 to 9, .*: 10 was given"),
        ([0, -1, 1], "from 0 to 9, .*: -1 was given"),
        (np.array([0, 1, 2**64 - 1], np.uint64), "from 0 to 9"),
        ([0.0, 1.0, 10.0], "from 0 to 9, .*: 10 was given"),
        (np.full(3, 1e30), r"from 0 to 9, .*: 1e\+30 was given"),
        (np.eye(10)[:3], "rows of 10, as of one-hot, were given. Give labels.argmax"),
        ([0, 1], r"each of 3 images, the shape \(3,\): \(2,\) was given"),
        ([], r"each of 3 images, the shape \(3,\): \(0,\) was given"),
        (5, r"each of 3 images, the shape \(3,\): \(\) was given"),
        ([[0], [1], [2]], r"each of 3 images, the shape \(3,\): \(3, 1\) was given"),
        ([0.5, 1.0, 2.0], "whole numbers: the type float64 was given"),
        ([np.nan, 1.0, 2.0], "whole numbers: the type float64 was given"),
        ([np.inf, 1.0, 2.0], "whole numbers: the type float64 was given"),
        ([True, False, True], "whole numbers: the type bool was given"),
        (["a", "b", "c"], "an array of numbers: list was given. Give one whole number for each image"),
        ([[0, 1], [2]], "an array of numbers: this cannot be made one"),
        (None, "an array of numbers: NoneType was given"),
    ],
)
def test_what_is_no_label_is_refused_in_a_sentence(labels: Any, message: str) -> None:
    with pytest.raises(InputError, match=message) as caught:
        as_labels(labels, 3, 10)
    assert "\n" not in str(caught.value) and str(caught.value).endswith(".")
    assert "white on black" not in str(caught.value)


def test_a_number_is_the_label_of_one_image() -> None:
    assert as_labels(7, 1, 10).tolist() == as_labels(np.uint8(7), 1, 10).tolist() == [7]  # type: ignore[arg-type]


PAIRS = [(image, 3) for image in IMAGES]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (((IMAGES, [0] * 6), (IMAGES, [0] * 6)), "two such pairs, as of Keras, were given. Give one of the two."),
        (PAIRS, "a list of pairs of an image and its label was given. Give images and labels apart"),
        (PAIRS[:2], "a list of pairs of an image and its label was given. Give images and labels apart"),
    ],
)
def test_pairs_of_another_kind_are_named(data: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        Training(MODEL, data, Recipe())


@pytest.mark.parametrize("images", [list(IMAGES[:2]), IMAGES[:2].tolist()])
def test_two_images_and_two_labels_are_no_such_pairs(images: Any) -> None:
    assert Training(MODEL, (images, [3, 4]), Recipe()).images == 2
    assert Training(MODEL, [images, (3, 4)], Recipe()).images == 2


@pytest.mark.parametrize("data", [None, 5, "mnist", IMAGES, (IMAGES,), (IMAGES, [0] * 6, 1), {"x": IMAGES}, object()])
def test_what_is_no_data_is_refused_in_a_sentence(data: Any) -> None:
    with pytest.raises(InputError, match=r"^Data are a pair of images and labels, or have x_train and y_train: .* was"):
        Training(MODEL, data, Recipe())


def test_a_data_set_without_images_is_refused() -> None:
    with pytest.raises(InputError, match=r"\(0, 28, 28\) was given"):
        Training(MODEL, dataset(0, 5), Recipe())
