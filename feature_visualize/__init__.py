"""What a network looks for, and what it sees in a given image: arrays in, arrays out."""
