"""Measurements whose figures stand in docs/, in README.md here, or in comments."""
