"""The plain loops, against cases worked by hand."""

import numpy as np

from tests.loops import convolve, convolve_backward, convolve_backward_parameters, max_pool, max_pool_backward

SQUARE = np.arange(9.0).reshape(1, 1, 3, 3)  # 0 1 2 / 3 4 5 / 6 7 8


def test_convolution_slides_the_kernel_without_turning_it() -> None:
    weight = np.array([[[[1.0, 2.0], [0.0, -1.0]]]])
    # top left: 1*0 + 2*1 - 1*4 + 10
    assert convolve(SQUARE, weight, np.array([10.0])).tolist() == [[[[8, 10], [14, 16]]]]


def test_convolution_adds_over_channels() -> None:
    images = np.array([[[[2.0]], [[3.0]]]])
    weight = np.array([[[[5.0]], [[7.0]]]])
    assert convolve(images, weight, np.zeros(1)).tolist() == [[[[31]]]]


def test_gradients_of_convolution() -> None:
    weight = np.array([[[[1.0, 2.0], [0.0, -1.0]]]])
    gradient = np.array([[[[1.0, 0.0], [0.0, 2.0]]]])
    weight_gradient, bias_gradient = convolve_backward_parameters(SQUARE, weight, gradient)
    assert convolve_backward(SQUARE, weight, gradient).tolist() == [[[[1, 2, 0], [0, 1, 4], [0, 0, -2]]]]
    assert weight_gradient.tolist() == [[[[0 + 2 * 4, 1 + 2 * 5], [3 + 2 * 7, 4 + 2 * 8]]]]
    assert bias_gradient.tolist() == [3]


def test_pooling_cuts_the_last_window_short() -> None:
    assert max_pool(-SQUARE, 2)[0].tolist() == [[[[0, -2], [-6, -8]]]]


def test_pooling_cuts_the_first_window_too_where_two_or_more_are_missing() -> None:
    row = np.array([1.0, 2, 3, 4, 5, 6, 7]).reshape(1, 1, 1, 7)
    assert max_pool(row, 3)[0].tolist() == [[[[2, 5, 7]]]]
    assert max_pool(-row, 3)[0].tolist() == [[[[-1, -3, -6]]]]


def test_pooling_sends_the_gradient_to_the_first_maximum() -> None:
    images = np.array([[[[0.0, 5.0], [5.0, 5.0]]]])
    _, places = max_pool(images, 2)
    assert max_pool_backward(images, places, np.ones((1, 1, 1, 1))).tolist() == [[[[0, 1], [0, 0]]]]
