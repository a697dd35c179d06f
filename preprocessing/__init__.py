"""Data on its way to the network."""
