"""Data on its way to the network: data sets, and pictures whose digits are brought into MNIST's form."""

from preprocessing.datasets import Dataset, load_dataset
from preprocessing.mnist import load_mnist
from preprocessing.prediction import predict, read_numbers

__all__ = ["Dataset", "load_dataset", "load_mnist", "predict", "read_numbers"]
