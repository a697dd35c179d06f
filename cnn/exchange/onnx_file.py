"""ONNX: the format that most programs read which run trained networks."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from cnn.architecture import IMAGE_SHAPE, input_shapes
from cnn.exchange import ExchangeError
from cnn.layers import BatchNormalisation, Convolution, Dropout, FullyConnected, MeanPooling, Pooling
from cnn.layers.axis_windows import PoolingSpec
from cnn.layers.base import LayerSpec, Shape
from cnn.layers.batch_normalisation import EPSILON
from cnn.model import Model
from cnn.plan import plan
from system.arrays import Array
from system.files import replace_file

OPSET = 17
IR_VERSION = 8  # of the file's format, which goes with that set of operators
INPUT, OUTPUT = "image", "probabilities"
_BATCH = "N"

# A node's operator, its attributes, and which arrays it takes, by their names in the weight file.
Node = tuple[str, dict[str, Any], tuple[str, ...]]


def write_onnx(path: Path, model: Model) -> None:
    """Write a model: images (N, 1, 28, 28), float32 from 0 to 1, to probabilities (N, classes), by its temperature.

    Raises:
        ExchangeError: where the package onnx is missing, its checker finds fault, or the file cannot be written.
    """
    onnx = import_onnx()
    made = _model(onnx, model)
    try:
        onnx.checker.check_model(made, full_check=True)
    except Exception as error:  # whatever the checker raises
        raise ExchangeError(f"{path}: the checker of ONNX finds fault with {model.string} ({error}).") from error
    try:
        replace_file(path, lambda file: file.write(made.SerializeToString()))
    except OSError as error:
        raise ExchangeError(
            f"{path}: the model could not be written ({error.strerror or error}). Choose another place."
        ) from error


def read_probabilities(path: Path, images: Array) -> Array:
    """Return what an ONNX file makes of images (N, 28, 28), 0 to 255, by the package's own evaluator: (N, classes)."""
    onnx = import_onnx()
    from onnx.reference import ReferenceEvaluator

    session = ReferenceEvaluator(onnx.load(str(path)))
    (found,) = session.run(None, {INPUT: images[:, np.newaxis].astype(np.float32) / np.float32(255)})
    return np.asarray(found)


def import_onnx() -> Any:
    """Return the package onnx.

    Raises:
        ExchangeError: where it is missing.
    """
    try:
        import onnx
        import onnx.checker
    except ImportError as error:
        raise ExchangeError(
            "Models are written for ONNX by the package onnx, which is not installed. Install it: python -m pip "
            "install onnx."
        ) from error
    return onnx


def _model(onnx: Any, model: Model) -> Any:
    """Return the graph of a model, with all that it says of itself."""
    helper, arrays = onnx.helper, model.arrays()
    nodes: list[Any] = []
    stored: list[Any] = []
    last = INPUT

    def add(operator: str, name: str, attributes: dict[str, Any], *more: tuple[str, Array]) -> None:
        nonlocal last
        stored.extend(onnx.numpy_helper.from_array(np.ascontiguousarray(array), label) for label, array in more)
        inputs = [last, *(label for label, _ in more)]
        nodes.append(helper.make_node(operator, inputs, [f"{name} output"], name=name, **attributes))
        last = f"{name} output"

    shapes = input_shapes(model.specs)
    for operation in plan(model.specs):
        name = f"{operation.number} {operation}" if operation.spec else f"{operation.number} {operation.name}"
        if operation.spec is None:
            add("Relu" if operation.name == "ReLU" else "Flatten", name, {})
            continue
        node = NODES[type(operation.spec)](operation.spec, shapes[operation.number - 1])
        if node:
            operator, attributes, names = node
            of_layer = arrays.get(operation.number, {})
            add(operator, name, attributes, *((f"{each}_{operation.number}", of_layer[each]) for each in names))
    add("Div", "temperature", {}, ("by", np.array(model.temperature, np.float32)))
    add("Softmax", "softmax", {"axis": 1})
    nodes[-1].output[0] = OUTPUT
    values = helper.make_tensor_value_info
    inputs = [values(INPUT, onnx.TensorProto.FLOAT, [_BATCH, *IMAGE_SHAPE], "white on black, from 0 to 1")]
    outputs = [values(OUTPUT, onnx.TensorProto.FLOAT, [_BATCH, model.classes], ", ".join(model.class_names))]
    graph = helper.make_graph(nodes, model.string, inputs, outputs, stored, f"Reads images of {model.classes} classes.")
    made = helper.make_model(
        graph,
        opset_imports=[helper.make_opsetid("", OPSET)],
        ir_version=IR_VERSION,
        producer_name="a convolutional network in NumPy",
        doc_string=_description(model),
    )
    said = {"model": model.string, "temperature": model.temperature, "class_names": list(model.class_names)}
    texts = {**model.metadata, **said}
    helper.set_model_props(
        made, {key: each if isinstance(each, str) else json.dumps(each) for key, each in texts.items()}
    )
    return made


def _description(model: Model) -> str:
    accuracy = model.metadata.get("accuracy")
    read = f" Of its test images it read {accuracy:.2%} right." if isinstance(accuracy, float) else ""
    return (
        f"{model.string}: {model.parameter_count:,} parameters. Input: images of 28x28 pixels, white on black, from 0 "
        f"to 1. Output: the probability of each class ({', '.join(model.class_names)}).{read}"
    )


def _pads(pool_size: int, shape: Shape) -> list[int]:
    """Return what windows lack at the top, left, bottom and right."""
    missing = [-length % pool_size for length in shape[1:]]
    return [each // 2 for each in missing] + [each - each // 2 for each in missing]


def _pooling(operator: str) -> Callable[[Any, Shape], Node]:
    def node(spec: PoolingSpec, shape: Shape) -> Node:
        size = [spec.pool_size] * 2
        return operator, {"kernel_shape": size, "strides": size, "pads": _pads(spec.pool_size, shape)}, ()

    return node


def _convolution(spec: Convolution, shape: Shape) -> Node:
    attributes = {
        "kernel_shape": [spec.kernel_size] * 2,
        "pads": [spec.padding] * 4,
        "strides": [spec.stride] * 2,
    }
    return "Conv", attributes, ("weight", "bias")


# By kind, what becomes of a layer with an input shape; None for one that does nothing when it reads.
NODES: dict[type[LayerSpec], Callable[[Any, Shape], Node | None]] = {
    Convolution: _convolution,
    Pooling: _pooling("MaxPool"),
    MeanPooling: _pooling("AveragePool"),  # of the elements that a window has, unless it is told otherwise
    BatchNormalisation: lambda spec, shape: (
        "BatchNormalization",
        {"epsilon": EPSILON},
        ("gamma", "beta", "mean", "variance"),
    ),
    Dropout: lambda spec, shape: None,
    FullyConnected: lambda spec, shape: ("Gemm", {"transB": 1}, ("weight", "bias")),
}
