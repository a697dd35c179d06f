"""The libraries that are compared, each in a process of its own that waits for its turn.

python -m benchmarks.contenders NAME MODEL BATCH_SIZE IMAGES answers every line on standard input, `train` or `read`,
with the seconds that it took: training on IMAGES images, or reading the 10,000 test images.
"""

import os
import sys
from collections.abc import Callable
from time import perf_counter
from typing import Any

import numpy as np

from cnn.architecture import Specs, parse
from cnn.layers import Convolution, FullyConnected, Pooling
from preprocessing.datasets import Dataset
from preprocessing.mnist import load_mnist

LEARNING_RATE = 0.001
PRODUCT_SIZE, PRODUCTS = 2048, 4
READ_AT_ONCE = 500  # of 100 to 10,000, what PyTorch read fastest with

Work = Callable[[], None]


def this_project(specs: Specs, batch_size: int, data: Dataset) -> tuple[Work, Work]:
    """The network of this project, a worker process on each core."""
    from cnn.model import Model
    from cnn.optimizer import Adam
    from cnn.training import images_per_pass
    from cnn.workers import Workers
    from system.processes import available_cores
    from system.threads import single_threaded_blas

    generator = np.random.default_rng(0)
    cores = available_cores()
    network = Model.create(specs, generator).network(images_per_pass(batch_size, cores))
    optimizer = Adam(network.model.parameters)
    learners = Workers(network, data.x_train, data.y_train, cores, optimizer=optimizer).__enter__()
    readers = Workers(network, data.x_test, data.y_test, cores).__enter__()
    everything = np.arange(len(data.x_test))

    def train() -> None:
        order = generator.permutation(len(data.x_train))
        with single_threaded_blas():
            for first in range(0, len(order), batch_size):
                chosen = order[first : first + batch_size]
                learners.gradient(chosen)
                learners.step(LEARNING_RATE)

    def read() -> None:
        with single_threaded_blas():
            readers.logits(everything).argmax(axis=1)

    return train, read


def pytorch_model(specs: Specs, channels_last: bool) -> tuple[Any, Callable[[Any], Any]]:
    """The same network in PyTorch, without the last softmax, and what makes its inputs of images (N, 28, 28)."""
    import torch

    memory_format = torch.channels_last if channels_last else torch.contiguous_format
    layers: list[Any] = []
    for spec in specs:
        match spec:
            case Convolution(filters, size):
                layers += [torch.nn.LazyConv2d(filters, size), torch.nn.ReLU()]
            case Pooling(size):
                layers.append(torch.nn.MaxPool2d(size, ceil_mode=True))
            case FullyConnected(units):
                if not any(isinstance(layer, torch.nn.Flatten) for layer in layers):
                    layers.append(torch.nn.Flatten())
                layers += [torch.nn.LazyLinear(units), torch.nn.ReLU()]
            case _:
                raise NotImplementedError(f"{spec} has no counterpart in PyTorch here.")
    model = torch.nn.Sequential(*layers[:-1])
    model(torch.zeros(1, 1, 28, 28))

    def inputs(images: Any) -> Any:
        return (images.float() / 255)[:, None].contiguous(memory_format=memory_format)

    return model.to(memory_format=memory_format), inputs


def pytorch(specs: Specs, batch_size: int, data: Dataset, *, channels_last: bool = False) -> tuple[Work, Work]:
    """PyTorch on all cores, with fused Adam."""
    import torch

    model, inputs = pytorch_model(specs, channels_last)
    optimizer = torch.optim.Adam(model.parameters(), LEARNING_RATE, fused=True)
    x_train, y_train = torch.tensor(data.x_train), torch.tensor(data.y_train).long()
    x_test = torch.tensor(data.x_test)

    def train() -> None:
        order = torch.randperm(len(x_train))
        for first in range(0, len(order), batch_size):
            chosen = order[first : first + batch_size]
            loss = torch.nn.functional.cross_entropy(model(inputs(x_train[chosen])), y_train[chosen])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()

    def read() -> None:
        with torch.inference_mode():
            for first in range(0, len(x_test), READ_AT_ONCE):
                model(inputs(x_test[first : first + READ_AT_ONCE])).softmax(1).argmax(1)

    return train, read


def keras_jax(specs: Specs, batch_size: int, data: Dataset) -> tuple[Work, Work]:
    """Keras on JAX, compiled."""
    os.environ["KERAS_BACKEND"] = "jax"
    import keras

    layers: list[Any] = [keras.layers.Input((28, 28, 1))]
    for spec in specs:
        match spec:
            case Convolution(filters, size):
                layers.append(keras.layers.Conv2D(filters, size, activation="relu"))
            case Pooling(size):
                layers.append(keras.layers.MaxPooling2D(size, padding="same"))
            case FullyConnected(units):
                if not any(isinstance(layer, keras.layers.Flatten) for layer in layers):
                    layers.append(keras.layers.Flatten())
                layers.append(keras.layers.Dense(units, activation="relu"))
            case _:
                raise NotImplementedError(f"{spec} has no counterpart in Keras here.")
    layers[-1].activation = keras.activations.softmax
    model = keras.Sequential(layers)
    model.compile(keras.optimizers.Adam(LEARNING_RATE), "sparse_categorical_crossentropy", jit_compile=True)
    x_train, x_test = (images[..., np.newaxis] / np.float32(255) for images in (data.x_train, data.x_test))

    def train() -> None:
        model.fit(x_train, data.y_train, batch_size, verbose=0)

    def read() -> None:
        model.predict(x_test, READ_AT_ONCE, verbose=0).argmax(1)

    return train, read


def large_product(specs: Specs, batch_size: int, data: Dataset) -> tuple[Work, Work]:
    """A product of matrices on all cores, as large as it takes to reach what the machine can do."""
    left, right = np.random.default_rng(0).standard_normal((2, PRODUCT_SIZE, PRODUCT_SIZE), np.float32)
    output = np.empty_like(left)

    def multiply() -> None:
        for _ in range(PRODUCTS):
            np.matmul(left, right, out=output)

    return multiply, multiply


CONTENDERS: dict[str, Callable[[Specs, int, Dataset], tuple[Work, Work]]] = {
    "this project": this_project,
    "PyTorch": pytorch,
    "PyTorch, channels last": lambda specs, batch_size, data: pytorch(specs, batch_size, data, channels_last=True),
    "Keras on JAX": keras_jax,
    "large product": large_product,
}


def main(name: str, model: str, batch_size: int, images: int) -> None:
    """Answer lines until there are no more."""
    data = load_mnist()
    part = Dataset(data.x_train[:images], data.y_train[:images], data.x_test, data.y_test)
    train, read = CONTENDERS[name](parse(model), batch_size, part)
    for line in sys.stdin:
        work = train if line.strip() == "train" else read
        start = perf_counter()
        work()
        sys.stdout.write(f"{perf_counter() - start}\n")
        sys.stdout.flush()
    os._exit(0)  # workers end with this process


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
