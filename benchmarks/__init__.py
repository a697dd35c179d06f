"""Measurements whose figures stand in the README or in comments."""
