"""The prior of images."""

import numpy as np

from feature_visualize import prior as module
from feature_visualize.prior import VARIANCE, fit_prior
from preprocessing.datasets import Dataset


def test_the_gradient_is_nothing_at_the_mean_and_larger_where_images_vary_less(data: Dataset) -> None:
    prior = fit_prior(data.x_test)
    np.testing.assert_allclose(prior.mean, data.x_test.reshape(-1, 784).mean(axis=0) / 255, atol=1e-5)
    assert not prior.gradient(prior.mean[np.newaxis]).any()
    variances = data.x_test.reshape(-1, 784).var(axis=0) / 255**2
    same, varied = variances.argmin(), variances.argmax()
    steps = np.zeros((2, 784), np.float32)
    steps[0, same] = steps[1, varied] = 0.1
    gradient = prior.gradient(prior.mean + steps)
    assert 0 < gradient[1, varied] < 0.95 * gradient[0, same]


def test_the_precision_is_the_inverse_of_the_covariance(data: Dataset) -> None:
    images = data.x_test.reshape(-1, 784) / 255
    covariance = np.cov(images.T, bias=True) + VARIANCE * np.eye(784)
    np.testing.assert_allclose(fit_prior(data.x_test).precision @ covariance, np.eye(784), atol=1e-3)


def test_of_many_images_it_takes_some() -> None:
    images = np.zeros((2 * module.IMAGES, 28, 28), np.uint8)
    images[1::2] = 255
    assert not fit_prior(images).mean.any()
