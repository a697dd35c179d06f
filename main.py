"""Opens the menu, or runs one subcommand: see README.md."""

import io
import os
import sys


def main() -> int:
    """Run what the command line asks for; returns the exit status."""
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # Bytes that are no text must not end the program; and pipes on Windows are not UTF-8 by themselves.
            stream.reconfigure(encoding=stream.encoding if stream.isatty() else "utf-8", errors="replace")
    try:
        if len(sys.argv) > 1:
            from menu import commands

            return commands.run(sys.argv[1:])
        from rich.console import Console

        from menu import loop

        return loop.run(Console())
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # Nobody reads any more; what is left in the buffer must not raise again at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1


if __name__ == "__main__":
    sys.exit(main())
