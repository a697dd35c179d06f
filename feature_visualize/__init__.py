"""Pictures of what a network looks for, and of what it sees in a given image."""
