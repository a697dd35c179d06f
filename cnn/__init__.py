"""A convolutional network written by hand in NumPy."""
