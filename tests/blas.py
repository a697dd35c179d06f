"""What BLAS is set to."""

from system.threads import _controller


def blas_threads() -> list[int]:
    """The threads of the libraries that were there at first, as NumPy's is; SciPy and OpenCV bring their own later."""
    return [library["num_threads"] for library in _controller().info() if library["user_api"] == "blas"]
