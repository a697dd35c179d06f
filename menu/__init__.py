"""The terminal: asking, calling routines, drawing what came back."""
