"""The file of the page: a template, its style and its programs, and a model and pictures as data."""

import base64
import html
import io
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnn.architecture import DIGITS
from cnn.layers.batch_normalisation import EPSILON
from cnn.model import Model
from preprocessing.datasets import Dataset
from preprocessing.prediction import MIN_CONFIDENCE
from routines.page_pictures import LayerPictures, picture_sources
from system.arrays import Array
from system.text import percent

TEMPLATE = Path(__file__).parent / "page_template"
# The probability below which the page says that something does not look like a digit. With the models that ship, 2 or 3
# of 1,000 training images are below it, and a third of scribbles: random lines through 4 to 11 points.
THRESHOLD = 0.7
IN_A_ROW = 32  # pictures of a sheet
DIGITS_THAT_COUNT = 4  # of numbers that are only shown


def fill_template(model: Model, pictures: Mapping[int, LayerPictures], data: Dataset) -> str:
    """Return the text of the page.

    pictures: of the layers that have their own. data: whose test images they tell of.
    """
    digits = model.class_names == DIGITS
    accuracy = model.metadata.get("accuracy")
    about = [f"{model.parameter_count:,} learned numbers"]
    if isinstance(accuracy, float):
        about.append(f"right on {percent(accuracy)} of the test images")
    words = {
        "title": model.string,
        "heading": "Draw a digit" if digits else "Draw something",
        "about": ", ".join(about),
    }
    text = (TEMPLATE / "template.html").read_text(encoding="utf-8")
    text = re.sub(r"\{(title|heading|about)\}", lambda match: html.escape(words[match[1]]), text)
    # In JSON a "<" may as well be written as an escape; as it is, a class's name could end the script.
    found = json.dumps(_data(model, pictures, data), separators=(",", ":")).replace("<", "\\u003c")
    parts = {"data": f'<script type="application/json" id="data">{found}</script>'}
    return re.sub(r"<!-- ([a-z_.]+) -->", lambda match: parts.get(match[1]) or _part(match[1]), text)


def _part(name: str) -> str:
    """Return a file of the template as an element."""
    tag = "script" if name.endswith(".js") else "style"
    return f"<{tag}>\n{(TEMPLATE / name).read_text(encoding='utf-8')}</{tag}>"


def _data(model: Model, pictures: Mapping[int, LayerPictures], data: Dataset) -> dict[str, Any]:
    """Return what the programs of the page know of the model."""
    shown = np.unique(np.concatenate([layer.examples[~layer.dead].ravel() for layer in pictures.values()]))
    sheet: list[NDArray[np.uint8]] = []
    channels = {}
    for number, layer in pictures.items():
        channels[number] = _channels(layer, shown, sum(len(each) for each in sheet))
        sheet += [layer.most[~layer.dead], layer.least[~layer.dead]]
    return {
        "model": {
            "string": model.string,
            "temperature": model.temperature,
            "epsilon": EPSILON,
            "classes": model.class_names,
            "word": "digit" if model.class_names == DIGITS else "class",
        },
        "threshold": THRESHOLD,
        "sure": MIN_CONFIDENCE,
        "images": len(data.x_test),
        "weights": _weights(model),
        "sources": picture_sources(model),
        "channels": channels,
        "sheets": {
            "made": _sheet(np.concatenate(sheet)),
            "digits": _sheet(data.x_test[shown]),
            "labels": [data.class_names[int(label)] for label in data.y_test[shown]],
        },
    }


def _channels(layer: LayerPictures, shown: Array, first: int) -> dict[str, Any]:
    """Return places of a layer's pictures on the sheets, -1 for dead channels, and the numbers that go with them.

    shown: the indices of the test images on their sheet, sorted. first: place of the first picture on the other.
    """
    living = np.flatnonzero(~layer.dead)
    places = np.full((2, len(layer.dead)), -1)
    places[:, living] = first + np.arange(2 * len(living)).reshape(2, -1)
    return {
        "most": places[0].tolist(),
        "least": places[1].tolist(),
        "reached": _rounded(layer.reached),
        "lowest": _rounded(layer.lowest),
        "examples": np.where(layer.dead[:, np.newaxis], 0, np.searchsorted(shown, layer.examples)).tolist(),
        "excited": _rounded(layer.excited),
    }


def _rounded(numbers: Array) -> Any:
    """Return nested lists of numbers that are only shown, short."""
    if numbers.ndim > 1:
        return list(map(_rounded, numbers))
    return [float(f"{number:.{DIGITS_THAT_COUNT}g}") for number in numbers]


def _weights(model: Model) -> dict[str, Any]:
    """Return all arrays as base64 of float32, little-endian, and for each its layer, its name and its length."""
    index, parts = [], []
    for number, arrays in model.arrays().items():
        for name, array in arrays.items():
            index.append((number, name, array.size))
            parts.append(np.ascontiguousarray(array, "<f4").tobytes())
    return {"index": index, "base64": base64.b64encode(b"".join(parts)).decode()}


def _sheet(images: NDArray[np.uint8]) -> str:
    """Return images (N, 28, 28) beside and below each other, as base64 of a PNG."""
    from PIL import Image

    rows = max(1, -(-len(images) // IN_A_ROW))  # where all channels are dead, one of nothing
    full = np.zeros((rows * IN_A_ROW, *images.shape[1:]), np.uint8)
    full[: len(images)] = images
    height, width = images.shape[1:]
    tiles = full.reshape(rows, IN_A_ROW, height, width).transpose(0, 2, 1, 3).reshape(rows * height, IN_A_ROW * width)
    file = io.BytesIO()
    Image.fromarray(tiles).save(file, "PNG", optimize=True)
    return base64.b64encode(file.getvalue()).decode()
