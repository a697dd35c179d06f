"""What the program does, without a terminal: each routine yields events, asks `answers`, and stops at a flag."""
