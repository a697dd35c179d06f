"""Figures of results and of what a network looks for: the only room that draws with matplotlib."""
